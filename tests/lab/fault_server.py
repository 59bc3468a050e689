# SPDX-License-Identifier: ISC
"""Policy hosts that misbehave in ways nginx cannot be configured to."""
import socket
import ssl
import struct
import threading

from .domains import FAULTS, MUTE, policy

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


class FaultServer:
    """A TLS server on FAULTS that chooses its fault by SNI, and a socket on MUTE that accepts and says nothing.

    drip:      sends a valid answer, one byte at a time, without end
    hang:      takes the request and never answers
    chunked:   sends more than 64 KiB, without announcing the size
    late_policy: serves the domain's policy, but only after answer_late() is called
    close:     closes the connection instead of answering
    reset:     resets the connection
    other:     serves a policy of its own
    """

    def __init__(self, port, certificate, key, domains):
        self.port = port
        self._late = threading.Event()
        self._bodies = {domain.policy_host: domain.body for domain in domains if domain.address == FAULTS}
        self._faults = {domain.policy_host: domain.fault for domain in domains
                        if FAULTS in (domain.address, *domain.more_addresses)}
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._context.sni_callback = self._remember_name
        self._ended = threading.Event()
        self._threads = []
        self._listeners = []

    def start(self):
        for address in (FAULTS, MUTE):
            sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((address, self.port))
            sock.listen(64)
            self._listeners.append(sock)
        self._spawn(self._accept, self._listeners[0])

    def answer_late(self):
        self._late.set()

    def stop(self):
        self._ended.set()
        self._late.set()
        for sock in self._listeners:
            try:
                sock.shutdown(socket.SHUT_RDWR)	# wakes accept()
            except OSError:
                pass
            sock.close()
        for thread in self._threads:
            thread.join(5)

    def _spawn(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener):
        while not self._ended.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self._spawn(self._serve, connection)

    @staticmethod
    def _remember_name(sock, name, _context):
        sock.lab_name = name

    def _serve(self, connection):
        connection.settimeout(10)
        try:
            with self._context.wrap_socket(connection, server_side=True) as tls:
                self._read_request(tls)
                getattr(self, "_" + self._faults.get(getattr(tls, "lab_name", ""), "close"))(tls)
        except OSError:
            pass			# the client gave up, as it should
        finally:
            connection.close()

    @staticmethod
    def _read_request(tls):
        request = b""
        while b"\r\n\r\n" not in request:
            data = tls.recv(4096)
            if not data:
                return
            request += data

    def _drip(self, tls):
        tls.sendall(HEAD + b"\r\nversion: STSv1\nmode: enforce\nmx: ")
        while not self._ended.wait(0.1):
            tls.sendall(b"a")

    def _hang(self, _tls):
        self._ended.wait(60)

    def _late_policy(self, tls):
        self._late.wait(60)
        body = self._bodies[tls.lab_name].encode()
        tls.sendall(HEAD + b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def _chunked(self, tls):
        tls.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        line = b"version: STSv1\nmode: none\nmax_age: 86400\n" + b"x: " + b"y" * 4000 + b"\n"
        for _ in range(20):
            tls.sendall(b"%x\r\n%s\r\n" % (len(line), line))
        tls.sendall(b"0\r\n\r\n")

    @staticmethod
    def _other(tls):
        body = policy("testing", max_age=700000, name="other.test").encode()
        tls.sendall(HEAD + b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        tls.unwrap()

    @staticmethod
    def _close(_tls):
        """Does nothing: returning closes the connection."""

    @staticmethod
    def _reset(tls):
        tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
