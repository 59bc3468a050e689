# SPDX-License-Identifier: ISC
"""Fault: junk on the milter's other sockets."""
import contextlib
import resource
import socket

SILENT = 1000		# connections without a byte
HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 200
WORDS = [b"GET / HTTP/1.1\r\n\r\n", HELLO, b"0:,", b"4294967296:x", b"20:postfix good", b"\0\0\0\0", b"\xff\xff\xff\xff", b"GET /metrics HT"]


def connect(address):
    sock = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
    sock.settimeout(10)
    sock.connect(address)
    return sock


def ask(sock):
    sock.sendall(b"17:postfix good.test,")
    return sock.recv(1000)


def speak_to_collector(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.settimeout(1)
        sock.connect(path)
        for word in WORDS * 10:
            with contextlib.suppress(OSError):	# the queue is full: such datagrams are lost
                sock.send(word)


@contextlib.contextmanager
def strangers_at_other_doors(lab):
    """HTTP, TLS, lengths of zero and of 4 GiB, half a question and then silence, and a thousand silent connections, on the sockets for
    socketmap questions, TLSRPT reports and metrics. Postfix still gets answers, on its open connection and on a new one, and so do
    clients that ask for metrics."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with contextlib.ExitStack() as stack:
        postfix = stack.enter_context(connect(lab.socketmap))
        before = ask(postfix)
        for word in WORDS:
            for address in (lab.socketmap, ("127.0.0.1", lab.page.port)):
                sock = stack.enter_context(connect(address))
                with contextlib.suppress(OSError):
                    sock.sendall(word)
        speak_to_collector(lab.collector)
        for _ in range(SILENT):
            for address in (lab.socketmap, ("127.0.0.1", lab.page.port)):
                stack.enter_context(connect(address))
        assert ask(postfix) == before
        assert ask(stack.enter_context(connect(lab.socketmap))) == before
        assert lab.page.health()[0] == 200
        yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


FAULTS = [strangers_at_other_doors]
