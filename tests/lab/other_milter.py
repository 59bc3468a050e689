# SPDX-License-Identifier: ISC
"""Another milter, which does as it is told: refuses recipients, adds fields, refuses messages."""
import socket
import struct
import threading

VERSION = 6
ADDHDRS = 0x01
CONTINUE, REJECT = b"c", b"r"
SILENT = b"DAQK"		# macros, abort, quit: no reply is expected


class OtherMilter:
    """Speaks the milter protocol on a loopback port; runs inside this program.

    refused:  recipients to refuse, as Postfix passes them on ("<user@rcpt.test>")
    fields:   (name, value) to insert at the top at the end of each message
    rejects:  whether to refuse each message at its end
    `seen` has, for each message that reached its end, the header as Postfix passed it: a list of (name, value).
    """

    def __init__(self, port, refused=(), fields=(), rejects=False):
        self.port, self.refused, self.fields, self.rejects = port, refused, fields, rejects
        self.seen = []
        self._listener = None
        self._threads = []

    @property
    def address(self):
        """For smtpd_milters."""
        return "{ inet:127.0.0.1:%d, default_action=tempfail }" % self.port

    def start(self):
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        self._begin(self._accept)

    def stop(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)

    def _begin(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._begin(self._serve, connection)

    def _serve(self, connection):
        header = []
        with connection, connection.makefile("rb") as file:
            while True:
                head = file.read(5)
                if len(head) < 5 or head[4:] == b"Q":
                    return
                body = file.read(struct.unpack(">I", head[:4])[0] - 1)
                header = [] if head[4:] == b"M" else header
                for answer in self._answers(head[4:], body, header):
                    connection.sendall(struct.pack(">I", len(answer)) + answer)

    def _answers(self, command, body, header):
        words = body.split(b"\0")
        if command in SILENT:
            return []
        if command == b"O":
            return [b"O" + struct.pack(">III", VERSION, ADDHDRS, 0)]
        if command == b"R" and words[0].decode() in self.refused:
            return [b"y550 5.1.1 not by this milter\0"]
        if command == b"L":
            header.append(tuple(word.decode("utf-8", "replace") for word in words[:2]))
        if command != b"E":
            return [CONTINUE]
        self.seen.append(header)
        if self.rejects:
            return [REJECT]
        return [b"i" + struct.pack(">I", 0) + ("%s\0%s\0" % field).encode() for field in self.fields] + [CONTINUE]
