# SPDX-License-Identifier: ISC
"""Faults: strangers at the doors other than the milter's own, and senders who are too many for one policy host."""
import contextlib
import os
import random
import resource
import socket
import struct
import time

from https_liar import ADDRESS
from mta import Mta

SILENT = 1000		# connections without a byte
SHARING = 1000		# domains whose policy hosts are one address
PER_HOST = 8		# fetch_per_host
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
    """HTTP, TLS, lengths of nothing and of 4 GiB, half a question and then silence, and a crowd that says nothing, on the sockets for
    questions, reports and metrics. Postfix, which was connected before, is answered all the same."""
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
            stack.enter_context(connect(lab.socketmap))
        assert ask(postfix) == before
        yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def connections_to(address, port):
    """So many are open, or being opened. Those that the one who opened them has closed do not count."""
    wanted = "%08X:%04X" % (struct.unpack("=I", socket.inet_aton(address))[0], port)
    with open("/proc/net/tcp", encoding="ascii") as table:
        return sum(fields[2] == wanted and fields[3] in ("01", "02") for fields in map(str.split, table))


@contextlib.contextmanager
def https_of_many_domains_is_one_slow_address(lab):
    """As many as fetch_per_host are asked for at a time, and whose policy is elsewhere does not wait behind them."""
    number = random.Random(os.urandom(8)).randrange(10 ** 9)
    with lab.https_liar.lies("mute"):
        for each in range(SHARING):
            with Mta(lab.milter.socket) as mta:
                mta.ask(b"C", b"client.test\0" b"4\x12\x34" b"192.0.2.1\0")
                mta.ask(b"H", b"client.test\0")
                mta.ask(b"M", b"<user@m%d-%d.liar.test>\0" % (number, each))
        lab.healthy.append(lab.healthy.pop(0))
        assert lab.send("user@" + lab.healthy[-1]).sts["policy"] == "enforce"
        most = 0
        for _ in range(20):
            most = max(most, connections_to(ADDRESS, lab.policy_port))
            time.sleep(0.05)
        assert 0 < most <= PER_HOST, most
        yield


FAULTS = [strangers_at_other_doors, https_of_many_domains_is_one_slow_address]
