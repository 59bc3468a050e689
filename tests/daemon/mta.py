# SPDX-License-Identifier: ISC
"""The MTA's side of the milter protocol, as far as one message needs it. Unless told to, offers no steps that leave out replies."""
import socket
import struct

ADD_AND_CHANGE_HEADERS = 0x11
SET_MACRO_LISTS = 0x100


class Mta:
    """One session with the milter, for use in a `with` statement."""

    def __init__(self, address, timeout=30.0, source=None, steps=0):
        """address: a path, or (host, port); source: the host to connect from; steps: the protocol steps offered. `agreed` has those that
        the milter accepted."""
        if isinstance(address, str):
            self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        else:
            self._sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self._sock.bind((source or "127.0.0.1", 0))
        self._sock.settimeout(timeout)
        self._sock.connect(address)
        _, answer = self.ask(b"O", struct.pack("!III", 6, ADD_AND_CHANGE_HEADERS | SET_MACRO_LISTS, steps))
        self.agreed = struct.unpack("!III", answer[:12])[2] & steps

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._sock.close()

    def tell(self, command, data=b""):
        self._sock.sendall(struct.pack("!I", len(data) + 1) + command + data)

    def tell_bytes(self, text):
        """Sends packets, or parts of them, as they are."""
        self._sock.sendall(text)

    def _read(self, count):
        data = b""
        while len(data) < count:
            more = self._sock.recv(count - len(data))
            if not more:
                raise EOFError("the milter is gone")
            data += more
        return data

    def hear(self):
        """Reads the next packet: (command, data)."""
        packet = self._read(struct.unpack("!I", self._read(4))[0])
        return packet[:1], packet[1:]

    def ask(self, command, data=b""):
        self.tell(command, data)
        return self.hear()

    def message(self, sender, forged=1, client=b"client.test\0" b"4" + struct.pack("!H", 4711) + b"192.0.2.1\0",
                field=b"X-MTA-STS\0forged\0"):
        """Sends a whole message, except the end-of-message packet; `forged` times it contains the header field `field`."""
        self.ask(b"C", client)
        self.ask(b"H", b"client.test\0")
        address = client[:-1].rpartition(b"\0")[2][3:]		# after family and port
        self.tell(b"D", b"M{tls_version}\0TLSv1.3\0{cipher}\0TLS_AES_256_GCM_SHA384\0{cipher_bits}\0" b"256\0" +
                  b"{client_addr}\0" + address + b"\0")
        self.ask(b"M", b"<%s>\0" % sender.encode())
        self.ask(b"R", b"<user@rcpt.test>\0")
        self.ask(b"T")
        for _ in range(forged):
            self.ask(b"L", field)
        self.ask(b"N")

    def changes(self):
        """Reads the answer to the end of the message: (removed, inserted) fields."""
        removed, inserted = [], []
        while True:
            command, data = self.hear()
            if command == b"i":
                inserted.append(data[4:].split(b"\0")[1].decode())
            elif command == b"m":
                removed.append(data[4:].split(b"\0")[0].decode())
            else:
                assert command == b"c", command
                return removed, inserted
