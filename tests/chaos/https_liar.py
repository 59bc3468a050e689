# SPDX-License-Identifier: ISC
"""The web server of many policy hosts, all on one address. It serves their policies until it is told to misbehave."""
import contextlib
import itertools
import re
import select
import socket
import ssl
import struct
import threading

from lab.domains import policy
from lab.waiting import wait_until

ADDRESS = "127.0.0.6"
HOSTS = 500		# in a certificate
CROWDS = 100		# of domains that exist, but whose policies are never served
ZONE = "\n".join("*.{0}.test. TXT \"v=STSv1; id=1;\"\n*.{0}.test. A {1}".format(name, ADDRESS)
                 for name in ("liar", *("crowd%d" % number for number in range(CROWDS))))
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
ALERT = b"\x15\x03\x03\x00\x02\x02\x28"		# fatal, handshake_failure


class HttpsLiar:
    """mode: "" serves policies; mute (not even TLS), alert, expired, drip, hang, headers (without end), body
    (without end), reset."""

    def __init__(self, port, authority):
        self.port = port
        self.mode = ""
        self.told = 0			# lies told
        self.most = 0			# concurrent connections at most, since the last lie began
        self._open = set()
        self._authority = authority
        self._batches = {}		# (expired, number of the group of HOSTS) -> context
        self._numbers = itertools.count()
        self._over = threading.Event()
        self._threads = []
        self._lock = threading.Lock()
        self._listener = socket.socket()

    def _context(self, expired, number):
        """A context with a certificate for the host of this number, and for its neighbours."""
        batch = number // HOSTS
        with self._lock:
            if (expired, batch) not in self._batches:
                hosts = ["mta-sts.l%d.liar.test" % each for each in range(batch * HOSTS, (batch + 1) * HOSTS)]
                dates = ("20200101000000Z", "20200201000000Z") if expired else ()
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                certificate = self._authority.issue("liar%d-%d" % (expired, batch), "liar.test", hosts, *dates)
                context.load_cert_chain(certificate, self._authority.key)
                context.sni_callback = self._choose
                self._batches[expired, batch] = context
            return self._batches[expired, batch]

    def _choose(self, sock, name, _context):
        sock.lab_name = name or ""
        number = re.match(r"mta-sts\.l(\d+)\.", sock.lab_name)
        if number:
            sock.context = self._context(sock.lab_expired, int(number[1]))

    def fresh(self):
        """A domain that was never looked up."""
        number = next(self._numbers)
        self._context(False, number)	# now, so that nobody waits for it later
        return "l%d.liar.test" % number

    def start(self):
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((ADDRESS, self.port))
        self._listener.listen(128)
        self._spawn(self._accept)

    def stop(self):
        self._over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)

    @contextlib.contextmanager
    def lies(self, mode):
        """Lies in this mode during the block. Some client must have received a lie."""
        told = self.told
        self.most = 0
        self.mode = mode
        try:
            yield
            wait_until(lambda: self.told > told, "somebody has seen %s" % mode, 60)
        finally:
            self.mode = ""

    def _spawn(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self):
        while not self._over.is_set():
            try:
                connection = self._listener.accept()[0]
            except OSError:
                return
            held = connection.dup()		# TLS detaches the other one
            with self._lock:
                self._open.add(held)
                self.most = max(self.most, self._still_open())
            self._spawn(self._serve, connection, held)

    def _still_open(self):
        """Connections that the peer has closed do not count, even if we have not read that yet."""
        gone = select.poll()
        for held in self._open:
            gone.register(held, select.POLLRDHUP)
        return len(self._open) - len(gone.poll(0))

    def _serve(self, connection, held):
        with connection, contextlib.suppress(OSError):
            connection.settimeout(10)
            self._talk(connection, self.mode)
        with self._lock:
            self._open.discard(held)
            held.close()

    def _talk(self, connection, mode):
        self.told += bool(mode)
        if mode == "mute":
            return self._hang(connection)
        if mode == "alert":
            connection.recv(4096)
            return connection.sendall(ALERT)
        expired = mode == "expired"
        with self._context(expired, 0).wrap_socket(connection, server_side=True, do_handshake_on_connect=False) as tls:
            tls.lab_expired = expired
            tls.do_handshake()
            tls.recv(4096)
            return getattr(self, "_" + (mode or "expired"))(tls)

    @staticmethod
    def _expired(tls):
        body = policy(name=tls.lab_name.partition(".")[2]).encode()
        tls.sendall(HEAD + b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        tls.unwrap()

    def _drip(self, tls):
        for byte in HEAD + b"\r\nversion: STSv1\nmode: enforce\n":
            tls.sendall(bytes([byte]))
            if self._over.wait(0.3) or not self.mode:
                return

    def _hang(self, sock):
        """Says nothing, but notices when the peer closes the connection."""
        sock.settimeout(0.1)
        while self.mode and not self._over.is_set():
            with contextlib.suppress(TimeoutError):
                if not sock.recv(4096):
                    return

    def _headers(self, tls):
        tls.sendall(HEAD)
        while not self._over.is_set():
            tls.sendall(b"X-Filler: " + b"y" * 1000 + b"\r\n")

    def _body(self, tls):
        tls.sendall(HEAD + b"\r\n")
        while not self._over.is_set():
            tls.sendall(b"z" * 16384)

    @staticmethod
    def _reset(tls):
        tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
