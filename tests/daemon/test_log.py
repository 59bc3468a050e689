# SPDX-License-Identifier: ISC
"""A full, slow or missing log costs lines: never mail, nor what is counted."""
import contextlib
import fcntl
import glob
import os
import signal
import socket
import struct
import subprocess
import threading

import pytest

from conftest import ENVIRONMENT, PROGRAM, is_sanitized
from lab.metrics_page import MetricsPage
from lab.namespaces import FOR_MOUNTS, can_mount
from lab.ports import Ports
from lab.process import Process
from lab.waiting import wait_until
from mta import Mta

MESSAGES = 200		# a pipe of 4096 bytes holds the lines of less than 20
# PRIVATE_DEV: the devices a program needs, and our own log socket, in a /dev that no other process sees.
FAKETIME = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
PRIVATE_DEV = """
set -e
mkdir "$1/dev"
mount -t tmpfs none "$1/dev"
for device in null zero random urandom; do cp -a "/dev/$device" "$1/dev/"; done
ln -s "$1/log" "$1/dev/log"
mount --move "$1/dev" /dev
shift
exec "$@"
"""


@pytest.fixture(name="page")
def _page():
    ports = Ports()
    yield MetricsPage(ports.take())
    ports.release()


@pytest.fixture(name="pipe")
def _pipe():
    """Yields (reader, writer) with room for a few lines."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, 1031, 4096)		# F_SETPIPE_SZ
    with os.fdopen(reader, "rb") as read_file, os.fdopen(writer, "wb") as write_file:
        yield read_file, write_file


def start(daemon, page, stderr, before=()):
    """Starts it with its log redirected to stderr."""
    daemon.write(metrics_listen=page.address)
    process = subprocess.Popen([*before, PROGRAM, "-e", "-c", daemon.config], stdin=subprocess.DEVNULL, stderr=stderr,
                               env=ENVIRONMENT)
    wait_until(lambda: answers(page), "the daemon serves", 60.0)
    return process


def answers(page):
    try:
        return page.health()[0] == 200
    except OSError:
        return False


def send(daemon, count):
    """Sends messages with the null sender, so that nothing is looked up."""
    for _ in range(count):
        with Mta(daemon.socket, timeout=20.0) as mta:
            mta.message("")
            mta.tell(b"E")
            assert len(mta.changes()[1]) == 1


def judged(page):
    return sum(value for name, value in page.values().items() if name.startswith("messages_total"))


def end(process):
    process.send_signal(signal.SIGTERM)
    try:
        return process.wait(30)
    finally:
        process.kill()


def test_nobody_reads(daemon, page, pipe):
    """Mail is answered and counted, and the daemon ends, though nobody reads the log."""
    process = start(daemon, page, pipe[1])
    try:
        send(daemon, MESSAGES)
        assert judged(page) == MESSAGES
    finally:
        status = end(process)
    assert status == 0


def fill(writer):
    """Fills the pipe completely."""
    os.set_blocking(writer.fileno(), False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer.fileno(), b"x" * 4096)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer.fileno(), b"x")
    os.set_blocking(writer.fileno(), True)


def test_nobody_reads_from_the_start(daemon, page, pipe):
    """The daemon logs at the start, before it has threads: a warning that few files may be open."""
    fill(pipe[1])
    process = start(daemon, page, pipe[1], ("prlimit", "--nofile=1000"))
    try:
        send(daemon, 1)
        assert page.values()["log_lines_lost_total"] >= 1
    finally:
        status = end(process)
    assert status == 0


@pytest.mark.skipif(not FAKETIME or is_sanitized(), reason="no libfaketime, or a sanitizer")
def test_nobody_reads_and_the_clock_is_set(daemon, page, pipe):
    """The end does not wait until the clock reaches the time it showed when the end began."""
    process = start(daemon, page, pipe[1], ("env", "LD_PRELOAD=" + FAKETIME[0], "FAKETIME=+1h", "FAKETIME_DONT_FAKE_MONOTONIC=1"))
    try:
        send(daemon, MESSAGES)
    finally:
        status = end(process)
        for path in glob.glob("/dev/shm/*faketime_*_%d" % process.pid):
            os.unlink(path)
    assert status == 0


def test_read_late(daemon, page, pipe):
    """Queued lines are written at the end."""
    reader, writer = pipe
    process = start(daemon, page, writer)
    writer.close()
    lines = []
    try:
        send(daemon, MESSAGES)
        thread = threading.Thread(target=lambda: lines.extend(reader.readlines()))
        thread.start()
    finally:
        status = end(process)
    thread.join(30)
    assert status == 0
    assert sum(b" result=" in line for line in lines) == MESSAGES
    assert lines[-1] == b"mta-sts-milter: stopped\n"


def test_reader_is_gone(daemon, page, pipe):
    reader, writer = pipe
    process = start(daemon, page, writer)
    try:
        reader.close()
        send(daemon, MESSAGES)
        assert judged(page) == MESSAGES
        wait_until(lambda: page.values()["log_lines_lost_total"] >= MESSAGES, "each line that was lost is counted")
    finally:
        status = end(process)
    assert status == 0


def test_what_libmilter_says(daemon):
    """libmilter's messages appear among our own lines, and only a few: strangers can cause one with each packet."""
    process = daemon.start()
    for _ in range(200):
        with socket.socket(socket.AF_UNIX) as stranger:
            stranger.connect(daemon.socket)
            stranger.sendall(struct.pack("!IcIII", 13, b"O", 1, 0, 0))
            stranger.settimeout(20)
            with contextlib.suppress(ConnectionError):
                stranger.recv(100)
    with Mta(daemon.socket, timeout=20.0) as mta:
        mta.message("")
        mta.tell(b"E")
        mta.changes()
    daemon.said(process, " result=")
    assert daemon.stop(process, signal.SIGTERM) == 0
    lines = [line for line in daemon.log(process).splitlines() if "libmilter: " in line]
    assert 1 <= len(lines) <= 20
    assert all("protocol version too old" in line for line in lines), lines


class Syslog:
    """The syslog server."""

    def __init__(self, path):
        self.path = path
        self.sock = None
        self.open()

    def open(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(self.path)
        os.chmod(self.path, 0o666)
        self.sock.settimeout(20)

    def close(self):
        self.sock.close()
        os.unlink(self.path)

    def read_until(self, word):
        """Reads lines up to the first that contains the word."""
        lines = []
        while not lines or word not in lines[-1]:
            lines.append(self.sock.recv(4096).decode())
        return lines


@pytest.mark.skipif(not can_mount(), reason="wants " + FOR_MOUNTS)
def test_syslog_stands_still_and_is_restarted(daemon, page):
    log = Syslog(daemon.path("log"))
    daemon.write(metrics_listen=page.address)
    process = Process("logged", ["unshare", "-m", "sh", "-c", PRIVATE_DEV, "sh", daemon.directory, PROGRAM, "-c", daemon.config],
                      daemon.directory, ENVIRONMENT)
    daemon.processes.append(process)
    process.start()
    if "mta-sts-milter[" not in log.read_until(" started: ")[-1]:
        pytest.fail("another form of line")
    send(daemon, MESSAGES)		# some ten datagrams fit into a socket that nobody reads
    assert judged(page) == MESSAGES
    assert sum(" result=" in line for line in [log.read_until(" result=")[-1] for _ in range(MESSAGES)]) == MESSAGES
    log.close()
    send(daemon, MESSAGES)
    assert judged(page) == 2 * MESSAGES
    wait_until(lambda: page.values()["log_lines_lost_total"] == MESSAGES, "each line that was lost is counted")
    log.open()
    send(daemon, 1)
    assert "warning: %d log lines are lost" % MESSAGES in log.read_until(" are lost")[-1]
    assert daemon.stop(process, signal.SIGTERM) == 0
    log.close()
