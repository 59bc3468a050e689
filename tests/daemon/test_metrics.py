# SPDX-License-Identifier: ISC
"""/metrics and /healthz over HTTP: where, for whom, for how long."""
import contextlib
import os
import random
import re
import signal
import socket
import threading

import pytest

from conftest import ENVIRONMENT, PROGRAM, ROOT
from lab.metrics_page import MetricsPage
from lab.ports import Ports
from lab.process import Process
from lab.waiting import wait_until

needs_root = pytest.mark.skipif(not ROOT, reason="needs root")
SILENT = 20		# more clients than are served at a time


@pytest.fixture(name="page")
def _page():
    ports = Ports()
    yield MetricsPage(ports.take())
    ports.release()


def serve(daemon, page):
    daemon.write(metrics_listen=page.address)
    return daemon.start()


def refuses(page):
    try:
        page.health()
    except ConnectionRefusedError:
        return True
    return False


def test_nowhere_by_default(daemon):
    process = daemon.start()
    sockets = {os.readlink("/proc/%d/fd/%s" % (process.pid, fd)) for fd in os.listdir("/proc/%d/fd" % process.pid)}
    for table in ("tcp", "tcp6"):
        with open("/proc/%d/net/%s" % (process.pid, table), encoding="ascii") as lines:
            rows = [line.split() for line in lines][1:]
        assert not sockets & {"socket:[%s]" % row[9] for row in rows if row[3] == "0A"}


def test_requests(daemon, page):
    serve(daemon, page)
    status, headers, text = page.ask("/metrics")
    assert status == 200 and headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert re.search(r"(?m)^mta_sts_milter_messages_total\{result=\"pass\"\} 0$", text)
    assert page.health() == (200, "ok\n")
    assert page.ask("/healthz?verbose=1")[0] == 200
    status, headers, text = page.ask("/metrics", "HEAD")
    assert (status, text) == (200, "") and int(headers["Content-Length"]) > 5000
    assert page.ask("/")[0] == page.ask("/metrics/x")[0] == 404
    status, headers, _ = page.ask("/metrics", "POST", "x")
    assert (status, headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("data", [
    b"\0\xff\r\n\r\n",
    b"GET / HTTP/1.1\r\nX: " + b"x" * 65536 + b"\r\n\r\n",
    b"GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n",
    b"GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
], ids=["garbage", "a large header", "a large length", "a body"])
def test_bad_requests(daemon, page, data):
    """The reply is an error or none, and the next request is served."""
    process = serve(daemon, page)
    with socket.create_connection((page.host, page.port), 20) as sock:
        try:
            sock.sendall(data)
            answer = sock.recv(100)
        except ConnectionError:
            answer = b""
    assert answer == b"" or re.match(rb"HTTP/1\.1 4\d\d ", answer)
    assert page.health() == (200, "ok\n")
    assert daemon.stop(process, signal.SIGTERM) == 0


def test_silent_clients(daemon, page):
    """Silent clients do not block the others for long."""
    process = serve(daemon, page)
    silent = [socket.create_connection((page.host, page.port), 20) for _ in range(SILENT)]
    try:
        assert page.health() == (200, "ok\n")
    finally:
        for sock in silent:
            sock.close()
    with socket.create_connection((page.host, page.port), 20) as sock:
        sock.sendall(b"GET /metr")
        assert daemon.stop(process, signal.SIGTERM) == 0
        assert sock.recv(100) == b""
    assert refuses(page)


class Dripping:
    """Clients in the middle of a request, which they continue one byte at a time."""

    def __init__(self, page, count):
        self._socks = [socket.create_connection((page.host, page.port), 20) for _ in range(count)]
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._drip, daemon=True)

    def _drip(self):
        while not self._over.wait(0.2):
            for sock in self._socks:
                with contextlib.suppress(OSError):
                    sock.send(b"x")

    def __enter__(self):
        for sock in self._socks:
            sock.sendall(b"GET /metr")
        self._thread.start()

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()
        for sock in self._socks:
            sock.close()


@pytest.mark.parametrize("count", [16, 100])
def test_clients_that_drip(daemon, page, count):
    """Nor do clients that are never silent for long."""
    serve(daemon, page)
    with Dripping(page, count):
        for _ in range(3):
            assert page.health() == (200, "ok\n")


def test_ipv6(daemon, page):
    try:
        socket.socket(socket.AF_INET6).bind(("::1", 0))
    except OSError:
        pytest.skip("no IPv6 here")
    daemon.write(metrics_listen="[::1]:%d" % page.port)
    daemon.start()
    assert refuses(page)
    page.host = "::1"
    assert page.health() == (200, "ok\n")


def test_name(daemon, page):
    daemon.write(metrics_listen="localhost:%d" % page.port)
    daemon.start()
    page.host = "localhost"
    assert page.health() == (200, "ok\n")


def test_address_in_use(daemon, page):
    daemon.write(metrics_listen=page.address)
    with socket.socket() as sock:
        sock.bind((page.host, page.port))
        sock.listen()
        status, _, err = daemon.run("-e", "-c", daemon.config)
    assert status == os.EX_UNAVAILABLE, err
    assert "metrics_listen: cannot listen on %s: Address already in use" % page.address in err
    assert not os.path.exists(daemon.socket)


def test_address_of_another_host(daemon, page):
    daemon.write(metrics_listen="192.0.2.1:%d" % page.port)
    status, _, err = daemon.run("-e", "-c", daemon.config)
    assert status == os.EX_UNAVAILABLE, err
    assert "metrics_listen: cannot listen on 192.0.2.1:%d: Cannot assign" % page.port in err


@needs_root
def test_privileged_port(daemon):
    """The port is opened as root, and served after root is dropped."""
    for port in random.sample(range(600, 1024), 20):
        page = MetricsPage(port)
        with socket.socket() as probe:
            if probe.connect_ex((page.host, port)) == 0:
                continue
        serve(daemon, page)
        assert page.health() == (200, "ok\n")
        return
    pytest.fail("no port below 1024 is free")


def test_files_run_out(daemon, page):
    """Unhealthy while few descriptors are left, and healthy again afterwards."""
    process = serve(daemon, page)
    allowed = int(page.values()["process_open_fds"]) + 40
    assert daemon.stop(process, signal.SIGTERM) == 0
    limited = Process("limited", ["sh", "-c", 'ulimit -n %d && exec "$@"' % allowed, "sh", PROGRAM, "-e", "-c",
                                  daemon.config], daemon.directory, ENVIRONMENT)
    daemon.processes.append(limited)
    limited.start()
    daemon.said(limited, " started: ")
    assert page.health() == (200, "ok\n")
    sessions = [socket.socket(socket.AF_UNIX) for _ in range(20)]
    for sock in sessions:
        sock.connect(daemon.socket)
    wait_until(lambda: page.health()[0] == 503, "the milter has taken all connections")
    text = page.health()[1]
    assert text.startswith("files: ") and text.count("\n") == 1
    values = page.values()
    assert (values["process_max_fds"], values['unhealthy{reason="files"}']) == (allowed, 1)
    for sock in sessions:
        sock.close()
    wait_until(lambda: page.health() == (200, "ok\n"), "the descriptors are free again")
    assert page.values()['unhealthy{reason="files"}'] == 0


def test_reload(daemon, page):
    """Reloads are counted, whether they succeed or not; another address needs a restart."""
    process = serve(daemon, page)
    daemon.write("nonsense = 1\n")
    os.kill(process.pid, signal.SIGUSR1)
    daemon.said(process, "old settings stay in use")
    values = page.values()
    assert (values['config_reloads_total{outcome="refused"}'], values["config_last_reload_refused"]) == (1, 1)
    daemon.write(metrics_listen="127.0.0.1:1")
    os.kill(process.pid, signal.SIGUSR1)
    assert re.search(r"after a restart:.* metrics_listen", daemon.said(process, "only after a restart"))
    values = page.values()
    assert (values['config_reloads_total{outcome="ok"}'], values["config_last_reload_refused"]) == (1, 0)


def test_process_figures(daemon, page):
    process = serve(daemon, page)

    def status():
        with open("/proc/%d/status" % process.pid, encoding="ascii") as file:
            return dict(line.split(":", 1) for line in file if ":" in line)
    # libmilter's threads are still starting
    wait_until(lambda: page.values()["process_threads"] == int(status()["Threads"]), "the metric has what the kernel says")
    values, fields = page.values(), status()
    assert abs(values["process_resident_memory_bytes"] - 1024 * int(fields["VmRSS"].split()[0])) < 2 ** 24
    assert abs(values["process_start_time_seconds"] - os.stat("/proc/%d" % process.pid).st_ctime) < 60
    assert 'build_info{version="' in page.text()


def test_open_sessions(daemon, page):
    """A connection to the milter is no session before the first packet."""
    serve(daemon, page)
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(daemon.socket)
        assert page.values()["open_sessions"] == 0
        # SMFIC_OPTNEG of version 6, with all actions and steps
        sock.sendall(bytes.fromhex("0000000d4f00000006000001ff001fffff"))
        wait_until(lambda: page.values()["open_sessions"] == 1, "a session begins")
    wait_until(lambda: page.values()["open_sessions"] == 0, "the session ends")
