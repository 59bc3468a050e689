# SPDX-License-Identifier: ISC
"""HTTPS servers that each break one rule. The label after `mta-sts.` says which."""
import os
import re
import socket
import ssl
import struct
import threading

from lab.certificates import CertificateAuthority
from lab.listeners import Listeners

GOOD, GOOD6, SILENT, NOBODY, FULL = "127.0.0.1", "::1", "127.0.0.2", "127.0.0.3", "127.0.0.6"
PATIENCE = 30		# seconds to wait for anything on a connection

POLICY = b"version: STSv1\r\nmode: enforce\r\nmx: mail.example.test\r\nmax_age: 86400\r\n"
LIMIT = 65536


def answer(status=b"200 OK", fields=(b"Content-Type: text/plain",), body=POLICY, length=True):
    lines = [b"HTTP/1.1 " + status, *fields]
    if length:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def chunked(body):
    return answer(fields=(b"Content-Type: text/plain", b"Transfer-Encoding: chunked"), body=b"", length=False) + \
        b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in
                 (body[at:at + 4000] for at in range(0, len(body), 4000))) + b"0\r\n\r\n"


def typed(value):
    return answer(fields=(b"Content-Type: " + value,))


TEXT = b"Content-Type: text/plain"
# What each host sends after the request; then it closes the connection cleanly.
ANSWERS = {
    "ok": answer(),
    "ok-parameters": typed(b"Text/PLAIN ; charset=utf-8"),
    "ok-hints": b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + answer(),
    "ok-identity": answer(fields=(TEXT, b"Content-Encoding: identity")),
    "ok-chunked": chunked(POLICY),
    "ok-largest": answer(body=b"x" * LIMIT),
    "ok-until-close": answer(fields=(TEXT, b"Connection: close"), length=False),
    "ok-empty": answer(body=b""),
    "redirect": answer(b"301 Moved Permanently", (TEXT, b"Location: https://mta-sts.ok.test/.well-known/mta-sts.txt")),
    "redirect307": answer(b"307 Temporary Redirect", (TEXT, b"Location: /")),
    "status404": answer(b"404 Not Found"),
    "status404-huge": answer(b"404 Not Found", body=b"x" * 4 * LIMIT),
    "status500": answer(b"500 Oops"),
    "status204": b"HTTP/1.1 204 No Content\r\nContent-Type: text/plain\r\n\r\n",
    "status206": answer(b"206 Partial Content", (TEXT, b"Content-Range: bytes 0-9/10")),
    "status101": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    "type-html": typed(b"text/html; charset=utf-8"),
    "type-longer": typed(b"text/plainer"),
    "type-list": typed(b"text/plain, text/html"),
    "type-hostile": typed(b"x\x1b[31m\xff\"=; y"),
    "type-missing": answer(fields=()),
    "type-twice": answer(fields=(TEXT, b"Content-Type: text/html")),
    "type-html-huge": answer(fields=(b"Content-Length: 1000000", b"Content-Type: text/html"), body=b"", length=False),
    "gzip": answer(fields=(TEXT, b"Content-Encoding: gzip"), body=b"\x1f\x8b\x08\0\0\0\0\0\0\3"),
    "size-declared": answer(body=b"x" * (LIMIT + 1)),
    "size-chunked": chunked(b"x" * (LIMIT + 1)),
    "size-until-close": answer(fields=(TEXT, b"Connection: close"), body=b"x" * 4 * LIMIT, length=False),
    "size-claimed": answer(fields=(TEXT, b"Content-Length: 1000000000000"), body=b"", length=False),
    "size-header": b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"y" * 900) for n in range(80)) + b"\r\n",
    "size-hints": b"HTTP/1.1 103 Early Hints\r\nX: " + b"y" * 900 + b"\r\n\r\n",	# sent repeatedly
    "partial": answer(fields=(TEXT, b"Content-Length: 1000"), length=False),
    "no-reply": b"",
    "half-header": b"HTTP/1.1 200 OK\r\nContent-Ty",
    "not-http": b"220 mail.example.test ESMTP\r\n",
    "http2-only": b"\0\0\x12\4\0\0\0\0\0",
    "cut": answer(fields=(TEXT, b"Connection: close"), length=False),		# without close_notify
    "reset": b"",
    "drip": answer(fields=(TEXT,), body=b"", length=False),				# then one byte at a time
    "hang": b"",
}
CERTIFICATES = ("wrong-host", "cn-only", "self-signed", "expired", "not-yet", "wildcard", "partial-wildcard", "deep-wildcard")
BEFORE_TLS = ("mute", "mute6", "tls-old", "tls-reset", "tls-garbage", "tls-closed")


class PolicyHosts:
    """One port on several loopback addresses: GOOD and GOOD6 serve, SILENT accepts connections and sends nothing, NOBODY has no
    listener, and FULL ignores new connections."""

    def __init__(self, directory, port):
        self.port = port
        self.authority = CertificateAuthority(directory)
        self._contexts = {}
        self._listeners = Listeners(PATIENCE)
        self._ended = threading.Event()

    @staticmethod
    def addresses():
        """(name, address) for the zone."""
        for label in (*ANSWERS, *CERTIFICATES, *BEFORE_TLS):
            yield "mta-sts.%s.test" % label, GOOD6 if label == "mute6" else GOOD
        yield "mta-sts.mute6.test", GOOD
        yield "mta-sts.ok6.test", GOOD6
        for label, addresses in (("silent", (SILENT,)), ("refused", (NOBODY,)), ("full", (FULL,)),
                                 ("dead-first", (NOBODY, GOOD)), ("full-first", (FULL, GOOD)),
                                 ("silent-first", (SILENT, GOOD, GOOD6)), ("linklocal", ("fe80::1",)),
                                 ("private", ("10.1.2.3", "192.168.1.1", "fd00::1")), ("nat64", ("64:ff9b::127.0.0.1",)),
                                 ("mapped", ("::ffff:127.0.0.1",)), ("crowd", ["127.0.1.%d" % n for n in range(1, 40)])):
            for address in addresses:
                yield "mta-sts.%s.test" % label, address

    def accepted(self):
        return self._listeners.accepted()

    # ---- start and stop ----

    def start(self):
        self._make_contexts()
        for address in (GOOD, GOOD6, SILENT):
            self._listeners.serve(address, self.port, self._serve, address)
        self._listeners.listen_full(FULL, self.port)

    def stop(self):
        self._ended.set()
        self._listeners.stop()

    # ---- certificates ----

    def _make_contexts(self):
        issue = self.authority.issue
        chains = {
            "": issue("good", "policy hosts", ["mta-sts.%s.test" % label for label in
                                               (*ANSWERS, *BEFORE_TLS, "ok6", "alias", "silent", "dead-first", "full-first",
                                                "silent-first", "crowd")]),
            "wrong-host": issue("wrong-host", "mta-sts.wrong-host.test", ["mta-sts.elsewhere.test"]),
            "cn-only": issue("cn-only", "mta-sts.cn-only.test", []),
            "self-signed": self.authority.self_signed("self-signed", "mta-sts.self-signed.test"),
            "expired": issue("expired", "x", ["mta-sts.expired.test"], "20200101000000Z", "20200201000000Z"),
            "not-yet": issue("not-yet", "x", ["mta-sts.not-yet.test"], "21200101000000Z", "21200201000000Z"),
            "wildcard": issue("wildcard", "x", ["*.wildcard.test"]),
            "partial-wildcard": issue("partial-wildcard", "x", ["mta*.partial-wildcard.test"]),
            "deep-wildcard": issue("deep-wildcard", "x", ["*.test"]),
        }
        for label, chain in chains.items():
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(chain, self.authority.key)
            self._contexts[label] = context
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        old.set_ciphers("ALL:@SECLEVEL=0")
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        old.load_cert_chain(chains[""], self.authority.key)
        self._contexts["tls-old"] = old

    # ---- connections ----

    def _serve(self, connection, address):
        connection.settimeout(PATIENCE)
        with connection:
            try:
                if address == SILENT:
                    self._wait_for_end(connection)
                else:
                    label = self._peek_label(connection)
                    if not self._misbehave(connection, label, address):
                        self._serve_tls(connection, label)
            except OSError:
                pass		# the client gave up, as intended

    @staticmethod
    def _peek_label(connection):
        """The label in the server name of the client's TLS ClientHello."""
        hello = connection.recv(4096, socket.MSG_PEEK)
        found = re.search(rb"mta-sts\.([a-z0-9-]+)\.test", hello)
        return found.group(1).decode() if found else ""

    def _misbehave(self, connection, label, address):
        """Misbehaves before TLS; false if this label does not."""
        if label == "mute" or (label == "mute6" and address == GOOD6):
            self._wait_for_end(connection)
        elif label == "tls-reset":
            self._reset(connection)
        elif label == "tls-garbage":
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        elif label != "tls-closed":
            return False
        return True

    @staticmethod
    def _wait_for_end(connection):
        while connection.recv(4096):
            pass

    @staticmethod
    def _reset(connection):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _serve_tls(self, connection, label):
        context = self._contexts.get(label, self._contexts[""])
        with context.wrap_socket(connection, server_side=True, suppress_ragged_eofs=True) as tls:
            request = b""
            while b"\r\n\r\n" not in request:
                data = tls.recv(4096)
                if not data:
                    return
                request += data
            self._answer(tls, label, request)

    def _answer(self, tls, label, request):
        if not self._is_proper(request, label):
            tls.sendall(answer(b"400 Bad Request"))
            return
        data = ANSWERS.get(label, ANSWERS["ok"])
        tls.sendall(data)
        while label == "size-hints" and not self._ended.is_set():
            tls.sendall(data)
        while label == "drip" and not self._ended.wait(0.02):
            tls.sendall(b"x")
        if label == "hang":
            self._wait_for_end(tls)
        elif label == "reset":
            self._reset(tls)
        elif label != "cut":
            tls.unwrap()	# close_notify, so that the client can tell the end from truncation

    def _is_proper(self, request, label):
        """Whether the request is as RFC 8461 and courtesy demand."""
        head = request.decode("latin-1").split("\r\n")
        return head[0] == "GET /.well-known/mta-sts.txt HTTP/1.1" and \
            "Host: mta-sts.%s.test:%d" % (label, self.port) in head and \
            any(re.match(r"User-Agent: mta-sts-milter/\d[\d.]*( \(\+https://a\.test/\))?$", line) for line in head) and \
            not any(line.lower().startswith(("cookie:", "authorization:", "proxy", "if-", "accept-encoding:"))
                    for line in head)
