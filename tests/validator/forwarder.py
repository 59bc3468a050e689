# SPDX-License-Identifier: ISC
"""A typical resolver: asks the lab's DNS server, and misbehaves for some names."""
import socket
import struct
import threading

AA, RD, RA, AD = 0x0400, 0x0100, 0x0080, 0x0020
TYPES = {"A": 1, "NS": 2, "MX": 15, "TXT": 16}
PATIENCE = 10


def encode_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split(".") if label) + b"\0"


def encode(kind, value):
    """One record's data."""
    if kind == "A":
        return socket.inet_aton(value)
    if kind == "TXT":
        return bytes([len(value)]) + value.encode()
    return encode_name(value)


def question_of(message):
    """(name, type number, offset of the question's end)"""
    labels, at = [], 12
    while message[at]:
        labels.append(message[at + 1:at + 1 + message[at]].decode("ascii", "replace").lower())
        at += 1 + message[at]
    return ".".join(labels), struct.unpack("!H", message[at + 1:at + 3])[0], at + 5


class Forwarder:
    """On address and port, UDP and TCP.

    authentic:  domains whose answers it marks as validated (AD), with all names below
    silent:     names that it never answers
    failing:    names that it answers with SERVFAIL
    lame:       names that it answers without authority (AA)
    forged:     names whose answer comes after two forged ones: another id, another question
    garbled:    names whose answer is truncated
    old:        names that it answers with FORMERR if the question has EDNS
    odd:        names that it answers with BADVERS if the question has EDNS, though it is of the lowest version
    records:    (name, type) -> values: its own answers, with authority; an empty list is NXDOMAIN
    """

    def __init__(self, address, port, upstream):
        self.address = (address, port)
        self.authentic, self.silent, self.failing, self.lame, self.forged, self.garbled = (set() for _ in range(6))
        self.old, self.odd = set(), set()
        self.records = {}
        self.flags = {}		# name -> the flags of the last question for it
        self._upstream = ("127.0.0.1", upstream)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._udp = socket.socket(family, socket.SOCK_DGRAM)
        self._tcp = socket.socket(family, socket.SOCK_STREAM)
        self._tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._threads = []

    def __str__(self):
        return ("[%s]:%d" if ":" in self.address[0] else "%s:%d") % self.address

    def start(self):
        self._udp.bind(self.address)
        self._tcp.bind(self.address)
        self._tcp.listen(16)
        for serve in (self._serve_udp, self._serve_tcp):
            thread = threading.Thread(target=serve, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self):
        for sock in (self._udp, self._tcp):
            try:
                sock.shutdown(socket.SHUT_RDWR)		# wakes the threads that wait
            except OSError:
                pass
            sock.close()
        for thread in self._threads:
            thread.join(PATIENCE)

    def _serve_udp(self):
        while True:
            try:
                message, client = self._udp.recvfrom(4096)
            except OSError:
                return
            if not message:
                return
            answer = self._answer(message, self._ask_udp)
            name, _, end = question_of(message)
            if name in self.forged:
                nothing = self._reply(message, end, 3, [])
                self._udp.sendto(bytes([nothing[0] ^ 1]) + nothing[1:], client)
                self._udp.sendto(nothing[:13] + b"x" + nothing[14:], client)
            if answer:
                self._udp.sendto(answer, client)

    def _serve_tcp(self):
        while True:
            try:
                connection, _ = self._tcp.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(PATIENCE)
                length = struct.unpack("!H", self._read(connection, 2))[0]
                answer = self._answer(self._read(connection, length), self._ask_tcp)
                if answer:
                    connection.sendall(struct.pack("!H", len(answer)) + answer)

    @staticmethod
    def _read(connection, length):
        data = b""
        while len(data) < length:
            more = connection.recv(length - len(data))
            if not more:
                raise OSError("the other side has closed")
            data += more
        return data

    def _ask_udp(self, message):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(PATIENCE)
            sock.connect(self._upstream)
            sock.send(message)
            return sock.recv(65535)

    def _ask_tcp(self, message):
        with socket.create_connection(self._upstream, PATIENCE) as sock:
            sock.sendall(struct.pack("!H", len(message)) + message)
            return self._read(sock, struct.unpack("!H", self._read(sock, 2))[0])

    def _answer(self, message, ask):
        name, kind, end = question_of(message)
        asked = self.flags[name] = struct.unpack("!H", message[2:4])[0]
        if name in self.silent:
            return None
        if name in self.old and message[10:12] != b"\0\0":
            return message[:2] + struct.pack("!5H", 0x8001, 0, 0, 0, 0)
        if name in self.odd and message[10:12] != b"\0\0":
            refusal = b"\0" + struct.pack("!2HIH", 41, 1232, 1 << 24, 0)
            return self._reply(message, end, 0, [])[:10] + b"\0\1" + message[12:end] + refusal
        if name in self.failing:
            return self._reply(message, end, 2, [])
        for (owner, type_name), values in self.records.items():
            if owner == name and TYPES[type_name] == kind:
                return self._reply(message, end, 0 if values else 3, [(kind, encode(type_name, value)) for value in values])
        answer = ask(message)
        flags = struct.unpack("!H", answer[2:4])[0] | RA
        if asked & AD and any(name == domain or name.endswith("." + domain) for domain in self.authentic):
            flags |= AD
        if name in self.garbled:
            return answer[:end + 12]
        if name in self.lame:
            flags &= ~AA
        return answer[:2] + struct.pack("!H", flags) + answer[4:]

    @staticmethod
    def _reply(message, end, code, records):
        """Its own answer, with authority."""
        head = message[:2] + struct.pack("!5H", 0x8400 | RA | code, 1, len(records), 0, 0)
        return head + message[12:end] + b"".join(
            b"\xc0\x0c" + struct.pack("!2HIH", kind, 1, 60, len(data)) + data for kind, data in records)
