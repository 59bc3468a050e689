# SPDX-License-Identifier: ISC
"""An SMTP client that does as it is told, including what a good client would not do."""
import socket
import ssl
import uuid

VERSIONS = {
    "TLSv1": ssl.TLSVersion.TLSv1, "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}


class Refused(Exception):
    """The server's answer was not the expected one."""


class SmtpClient:
    """One session. Commands raise Refused unless the reply is the expected one; `last` is the last reply.

    prelude: bytes sent before everything else, as a proxy does
    tls:     a version, for a service that begins with TLS"""

    def __init__(self, port, source="127.0.0.1", timeout=60, prelude=b"", tls=None):
        self.last = ""
        self._socket = socket.create_connection(("127.0.0.1", port), timeout, (source, 0))
        # otherwise TLS 1.3 tickets and delayed acknowledgements cost 40 ms per session
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(prelude)
        self._file = self._socket.makefile("rb")
        if tls:
            self._wrap(tls)
        self._expect("2", "greeting")

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                self.quit()
        finally:
            self.close()

    def close(self):
        self._file.close()
        self._socket.close()

    def command(self, line, expect="2"):
        """Sends one line and reads the reply; expect: the beginning of its code."""
        self.send(line if isinstance(line, bytes) else line.encode())
        return self._expect(expect, line)

    def send(self, line):
        """Sends one line, or several separated by CRLF, without waiting for replies (pipelining)."""
        self._socket.sendall(line + b"\r\n")

    def answer(self):
        """Reads one reply: its code and text."""
        lines = []
        while True:
            line = self._file.readline()
            if not line:
                raise Refused("connection lost after %r" % self.last)
            lines.append(line.decode("utf-8", "replace").rstrip("\r\n"))
            if line[3:4] != b"-":
                self.last = "\n".join(lines)
                return self.last

    def _expect(self, code, what):
        answer = self.answer()
        if not answer.startswith(code):
            raise Refused("%r: %s" % (what, answer))
        return answer

    def ehlo(self, name="client.lab.test"):
        return self.command("EHLO " + name)

    def xclient(self, **attributes):
        """Pretends to be another client: ADDR=, NAME=, LOGIN=, ... The session starts over after it."""
        return self.command("XCLIENT " + " ".join("%s=%s" % pair for pair in attributes.items()))

    def starttls(self, version="TLSv1.3", ciphers=None, host="mx.rcpt.test", certificate=None):
        """TLS of exactly this version; the server's certificate is not checked. certificate: the client's own, with its key."""
        self.command("STARTTLS")
        self._wrap(version, ciphers, host, certificate)

    def _wrap(self, version, ciphers=None, host="mx.rcpt.test", certificate=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if certificate:
            context.load_cert_chain(*certificate)
        context.set_ciphers(ciphers or "ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = VERSIONS[version]
        self._file.close()
        self._socket = context.wrap_socket(self._socket, server_hostname=host)
        self._file = self._socket.makefile("rb")

    def mail(self, sender, parameters=""):
        """sender without brackets; "" is the null sender."""
        return self.command(("MAIL FROM:<%s> %s" % (sender, parameters)).strip())

    def rcpt(self, recipient="user@rcpt.test"):
        return self.command("RCPT TO:<%s>" % recipient)

    def rset(self):
        return self.command("RSET")

    def data(self, headers=(), body="Hello.", expect="2"):
        """Sends a message; headers are whole lines. Returns its X-Lab-Id."""
        lab_id = uuid.uuid4().hex
        lines = [line if isinstance(line, bytes) else line.encode() for line in headers]
        lines += [b"X-Lab-Id: " + lab_id.encode(), b"Subject: lab", b"", body.encode(), b"."]
        self.command("DATA", "354")
        self.command(b"\r\n".join(lines), expect)
        return lab_id

    def quit(self):
        return self.command("QUIT")
