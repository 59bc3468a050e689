# SPDX-License-Identifier: ISC
"""Mail exchangers, as far as a check needs them: greeting, EHLO, STARTTLS."""
import socketserver
import ssl
import threading


class _Session(socketserver.StreamRequestHandler):
    timeout = 30

    def say(self, *lines):
        for number, line in enumerate(lines, 1):
            self.wfile.write(b"250%c%s\r\n" % (b" " if number == len(lines) else b"-", line))

    def handle(self):
        self.wfile.write(b"220 mail ESMTP\r\n")
        secure = False
        while True:
            line = self.rfile.readline(1000)
            verb = line.strip().upper()
            if verb.startswith(b"EHLO"):
                self.say(b"mail", *([b"STARTTLS"] if self.server.context and not secure else []), b"8BITMIME")
            elif verb == b"STARTTLS" and self.server.context and not secure:
                self.wfile.write(b"220 go ahead\r\n")
                try:
                    self.request = self.server.context.wrap_socket(self.request, server_side=True)
                except (ssl.SSLError, OSError):
                    return			# a client that only wants the certificate may leave like this
                self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", buffering=0)
                secure = True
            elif verb.startswith(b"QUIT") or not line:
                return
            else:
                self.wfile.write(b"502 no\r\n")

    def finish(self):
        try:
            super().finish()
        except OSError:
            pass


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Ignores clients that hang up."""


class MailHost:
    """One mail exchanger; without a certificate it offers no STARTTLS."""

    def __init__(self, address, port, certificate=None, key=None):
        self._server = _Server((address, port), _Session)
        self._server.context = None
        if certificate:
            self._server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._server.context.load_cert_chain(certificate, key)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
