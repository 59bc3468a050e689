# SPDX-License-Identifier: ISC
"""Common code of the misbehaving servers: listening sockets, and a thread for each connection."""
import socket
import threading


class Listeners:
    """stop() ends all of them."""

    def __init__(self, patience):
        self._patience = patience	# seconds that a thread may take to end
        self._listeners = []
        self._fillers = []
        self._threads = []
        self._lock = threading.Lock()
        self._accepted = 0

    def accepted(self):
        """The number of connections so far."""
        with self._lock:
            return self._accepted

    def listen(self, address, port, backlog=64):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(backlog)
        self._listeners.append(listener)
        return listener

    def listen_full(self, address, port):
        """Fills the backlog of a listener that nobody accepts from: Linux then drops further connection attempts."""
        listener = self.listen(address, port, 0)
        for _ in range(4):
            sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            sock.setblocking(False)
            sock.connect_ex(listener.getsockname())
            self._fillers.append(sock)

    def spawn(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def serve(self, address, port, function, *arguments):
        """Calls function(connection, *arguments) in a thread for each connection."""
        self.spawn(self._accept, self.listen(address, port), function, arguments)

    def _accept(self, listener, function, arguments):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self._accepted += 1
            self.spawn(function, connection, *arguments)

    def stop(self):
        for listener in self._listeners:
            try:
                listener.shutdown(socket.SHUT_RDWR)	# wakes accept()
            except OSError:
                pass
            listener.close()
        for sock in self._fillers:
            sock.close()
        for thread in self._threads:
            thread.join(self._patience)
