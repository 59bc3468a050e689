# SPDX-License-Identifier: ISC
"""A DNS server whose names do not exist."""
import socket
import struct
import threading

NXDOMAIN = 0x8183
SOA = (b"\0" + struct.pack("!2HIH", 6, 1, 3600, 22) + b"\0\0" + struct.pack("!5I", 1, 3600, 3600, 3600, 3600))


class AbsentDns:
    """Answers NXDOMAIN to every query, except below one zone, where it never answers. Counts the queries."""

    def __init__(self, port, silent="silent.test"):
        self.port = port
        self.questions = 0
        self._silent = b"".join(bytes([len(label)]) + label.encode() for label in silent.split(".")) + b"\0"
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._stopping = False

    def start(self):
        self._sock.bind(("127.0.0.1", self.port))
        self._sock.settimeout(0.1)
        self._thread.start()

    def stop(self):
        self._stopping = True
        self._thread.join(10)
        self._sock.close()

    def _serve(self):
        while not self._stopping:
            try:
                question, sender = self._sock.recvfrom(2000)
            except TimeoutError:
                continue
            end = question.index(b"\0", 12) + 1
            self.questions += 1
            if not question[12:end].endswith(self._silent):
                head = question[:2] + struct.pack("!5H", NXDOMAIN, 1, 0, 1, 0)
                self._sock.sendto(head + question[12:end + 4] + SOA, sender)
