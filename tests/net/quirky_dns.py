# SPDX-License-Identifier: ISC
"""A DNS server that misbehaves in ways that nsd does not; the first label of the question says how."""
import select
import socket
import struct
import threading

TRUNCATED, RESPONSE, RECURSION, VOUCHED = 0x0200, 0x8000, 0x0180, 0x0020


def ask(port, name, kind=16):
    """The bytes of the answer to one question over UDP (16: TXT); empty if there is no answer."""
    question = struct.pack("!6H", 4711, 0, 1, 0, 0, 0)
    for label in name.split("."):
        question += bytes([len(label)]) + label.encode()
    question += b"\0" + struct.pack("!2H", kind, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(1)
        try:
            sock.connect(("127.0.0.1", port))
            sock.send(question)
            return sock.recv(65535)
        except OSError:
            return b""


class QuirkyDns:
    """
    malformed:  announces an answer that is not there
    truncated:  TC set; over TCP, connections are accepted and never answered
    notforme:   answers with another id
    vouched:    a TLSA record, validated (AD) if the question asks for that (AD)
    slow:       ignores the first two questions for a name, then sends a record
    anything else: REFUSED
    """

    def __init__(self, port):
        self.port = port
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._stop_read, self._stop_write = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._seen = {}

    def start(self):
        self._udp.bind(("127.0.0.1", self.port))
        self._tcp.bind(("127.0.0.1", self.port))
        self._tcp.listen(16)
        self._thread.start()

    def stop(self):
        self._stop_write.close()
        if self._thread.ident:
            self._thread.join(10)
        for sock in (self._udp, self._tcp, self._stop_read):
            sock.close()

    def _serve(self):
        while True:
            ready, _, _ = select.select([self._udp, self._stop_read], [], [])
            if self._stop_read in ready:
                return
            message, client = self._udp.recvfrom(4096)
            reply = self._reply(message)
            if reply:
                self._udp.sendto(reply, client)

    def _reply(self, message):
        number = struct.unpack("!H", message[:2])[0]
        question = message[12:]
        label = question[1:1 + question[0]].decode("ascii", "replace")
        head = {
            "malformed": (number, RESPONSE | RECURSION, 1, 1, 0, 0),
            "truncated": (number, RESPONSE | RECURSION | TRUNCATED, 1, 0, 0, 0),
            "notforme": (number ^ 1, RESPONSE | RECURSION | 3, 1, 0, 0, 0),
            "slow": (number, RESPONSE | RECURSION, 1, 1, 0, 0),
        }.get(label, (number, RESPONSE | RECURSION | 5, 1, 0, 0, 0))
        record = b""
        if label == "vouched":
            head = (number, RESPONSE | RECURSION | (struct.unpack("!H", message[2:4])[0] & VOUCHED), 1, 1, 0, 0)
            record = b"\xc0\x0c" + struct.pack("!2HIH", 52, 1, 60, 35) + b"\3\1\1" + b"\xab" * 32
        if label == "slow":
            self._seen[question] = self._seen.get(question, 0) + 1
            if self._seen[question] <= 2:
                return b""
            record = b"\xc0\x0c" + struct.pack("!2HIH", 16, 1, 60, 5) + b"\x04late"
        return struct.pack("!6H", *head) + question + record
