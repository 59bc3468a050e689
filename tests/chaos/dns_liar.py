# SPDX-License-Identifier: ISC
"""A lying resolver: forwards queries to the real one, until it is told to lie."""
import contextlib
import select
import socket
import struct
import threading

from lab.waiting import wait_until

RESPONSE, TRUNCATED = 0x8180, 0x0200
SERVFAIL, REFUSED = 2, 5
MANY = 4800		# records of 13 bytes: more do not fit into a message over TCP
FORGED = b"\xc0\x0c" + struct.pack("!2HIH", 16, 1, 60, 21) + b"\x14v=STSv1; id=forged1;"


def answer(question, number, flags, records=b"", count=0, authority=b""):
    return struct.pack("!6H", number, RESPONSE | flags, 1, count, bool(authority), 0) + question + records + authority


class DnsLiar:
    """mode: "" forwards everything; servfail, lame, truncated (and then silent over TCP), many (over TCP), ids (wrong query ids)."""

    def __init__(self, port, real):
        self.port, self._real = port, real
        self.mode = ""
        self.told = 0			# lies told
        self._over = threading.Event()
        self._threads = []
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._up = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._waiting, self._next = {}, 0

    def start(self):
        self._udp.bind(("127.0.0.1", self.port))
        self._tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._tcp.bind(("127.0.0.1", self.port))
        self._tcp.listen(64)
        self._up.connect(("127.0.0.1", self._real))
        # select() may report a pending error, which the next call on either socket consumes: then there is nothing to read
        self._udp.setblocking(False)
        self._up.setblocking(False)
        for function in (self._serve, self._accept):
            self._spawn(function)

    def stop(self):
        self._over.set()
        for thread in self._threads:
            thread.join(10)
        for sock in (self._udp, self._up, self._tcp):
            sock.close()

    @contextlib.contextmanager
    def lies(self, mode):
        """Lies in this mode during the block. Some client must have received a lie."""
        told = self.told
        self.mode = mode
        try:
            yield
            wait_until(lambda: self.told > told, "somebody has heard %s" % mode, 60)
        finally:
            self.mode = ""

    def _spawn(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self):
        while not self._over.is_set():
            ready, _, _ = select.select([self._udp, self._up], [], [], 0.2)
            for sock in ready:
                with contextlib.suppress(OSError):	# the real one is away
                    if sock is self._udp:
                        self._asked(*self._udp.recvfrom(4096))
                    else:
                        self._answered(self._up.recv(65535))

    def _asked(self, message, client):
        if self.mode:
            self.told += 1
            for lie in self._lies(message):
                self._udp.sendto(lie, client)
            return
        self._next = (self._next + 1) & 0xffff
        self._waiting[self._next] = (message[:2], client)
        self._up.send(struct.pack("!H", self._next) + message[2:])

    def _answered(self, message):
        number, client = self._waiting.pop(struct.unpack("!H", message[:2])[0], (b"", None))
        if client:
            self._udp.sendto(number + message[2:], client)

    def _lies(self, message):
        number, question = struct.unpack("!H", message[:2])[0], message[12:]
        if self.mode == "servfail":
            return [answer(question, number, SERVFAIL)]
        if self.mode == "lame":		# a referral to nowhere
            return [answer(question, number, 0, authority=b"\0" + struct.pack("!2HIH", 2, 1, 60, 2) + b"\xc0\x0c")]
        if self.mode == "ids":
            return [answer(question, number ^ bit, 0, FORGED, 1) for bit in (1, 2, 0x8000)]
        return [answer(question, number, TRUNCATED)]

    def _accept(self):
        while not self._over.is_set():
            if select.select([self._tcp], [], [], 0.2)[0]:
                self._spawn(self._over_tcp, self._tcp.accept()[0])

    def _over_tcp(self, client):
        with client, contextlib.suppress(OSError):
            client.settimeout(5)
            message = client.recv(4096)[2:]
            if self.mode == "many":
                record = b"\xc0\x0c" + struct.pack("!2HIH", 16, 1, 60, 1) + b"\0"
                reply = answer(message[12:], struct.unpack("!H", message[:2])[0], 0, record * MANY, MANY)
                client.sendall(struct.pack("!H", len(reply)) + reply)
            client.recv(1)
