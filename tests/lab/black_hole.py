# SPDX-License-Identifier: ISC
"""A DNS server that never answers."""
import socket


class BlackHole:
    """Receives queries (so the client gets no `port unreachable`), and never answers."""

    def __init__(self, port):
        self.port = port
        self._sockets = []

    def start(self):
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            sock = socket.socket(socket.AF_INET, kind)
            sock.bind(("127.0.0.1", self.port))
            if kind == socket.SOCK_STREAM:
                sock.listen(16)
            self._sockets.append(sock)

    def stop(self):
        while self._sockets:
            self._sockets.pop().close()
