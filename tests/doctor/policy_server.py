# SPDX-License-Identifier: ISC
"""A socketmap_table(5) server, on a loopback port or a unix socket, that gives the same answer to everything."""
import socket
import subprocess
import threading


def fitting_name():
    """The name that this machine's Postfix should use for the map: since 3.10, Postfix understands the attributes added for reports."""
    version = subprocess.run(["postconf", "-dh", "mail_version"], check=True, capture_output=True, text=True).stdout
    return "tlsrpt" if [int(part) for part in version.split(".")[:2]] >= [3, 10] else "postfix"


class PolicyServer:
    """port: or a path. answer: the netstring's content; None: sends nothing. asked: the questions so far."""

    def __init__(self, port, answer=b"NOTFOUND "):
        self.answer = answer
        self.raw = None		# bytes instead of the netstring
        self.asked = []
        if isinstance(port, str):
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(port)
            self._listener.listen()
        else:
            self._listener = socket.create_server(("127.0.0.1", port))
        self._port = port
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self.name = fitting_name()
        self.table = self.table_named(self.name)

    def table_named(self, name):
        if isinstance(self._port, str):
            return "socketmap:unix:%s:%s" % (self._port, name)
        return "socketmap:inet:127.0.0.1:%d:%s" % (self._port, name)

    def _run(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(30)
                question = connection.recv(4096)
                if not question:
                    continue		# a client that only tested whether it can connect
                self.asked.append(question)
                if self.raw is not None:
                    connection.sendall(self.raw)
                elif self.answer is None:
                    connection.recv(1)		# wait until the client gives up
                else:
                    connection.sendall(b"%d:%s," % (len(self.answer), self.answer))

    def stop(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(30)
