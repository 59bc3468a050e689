# SPDX-License-Identifier: ISC
"""Signals: reload, ignored ones, shutdown; and the notifications to the service manager."""
import os
import signal
import socket
import time

import pytest

from conftest import ENVIRONMENT, PROGRAM, connects
from lab.process import Process
from lab.waiting import wait_until


def settle(daemon, process):
    """When this reload is done, all signals sent before are handled, too: they are delivered in order of their number, and
    taken by one thread."""
    before = daemon.log(process).count("new settings are in use")
    process.send_signal(signal.SIGUSR1)
    daemon.said(process, "new settings are in use", before + 1)


def seconds_to_end(daemon, number):
    process = daemon.start()
    start = time.monotonic()
    assert daemon.stop(process, number) == 0
    assert not os.path.exists(daemon.socket)
    assert daemon.log(process).rstrip().endswith("stopped")
    return time.monotonic() - start


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_end(daemon, number):
    """In less than the five seconds that libmilter would take. A signal that arrives before the daemon's own thread waits for
    signals is taken by libmilter's, and does take that long; not three times in a row."""
    assert any(seconds_to_end(daemon, number) < 4 for _ in range(3))


def test_end_with_open_session(daemon):
    """A silent client does not delay the end."""
    process = daemon.start()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.connect(daemon.socket)
        assert daemon.stop(process, signal.SIGTERM) == 0


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGPIPE, signal.SIGUSR2])
def test_does_nothing(daemon, number):
    process = daemon.start()
    for _ in range(5):
        process.send_signal(number)
    settle(daemon, process)
    assert connects(daemon.socket)
    assert daemon.stop(process, signal.SIGTERM) == 0


def bytes_read(pid):
    with open("/proc/%d/io" % pid, encoding="ascii") as figures:
        return int(figures.readline().split()[1])


def test_while_settings_are_read(daemon):
    """A start may take long, and signals may arrive meanwhile: none of these ends it, and the reload is done afterwards."""
    with open(daemon.path("domains"), "w", encoding="ascii") as domains:
        domains.writelines("domain%d.example.test\n" % number for number in range(600000))
    daemon.write(local_domains="file:" + daemon.path("domains"))
    process = Process("early", [PROGRAM, "-e", "-c", daemon.config], daemon.directory, ENVIRONMENT)
    daemon.processes.append(process)
    process.start()
    size = os.path.getsize(daemon.path("domains"))
    wait_until(lambda: bytes_read(process.pid) >= size, "it has read its settings", pause=0.001)
    for number in (signal.SIGUSR1, signal.SIGHUP, signal.SIGUSR2, signal.SIGPIPE):
        process.send_signal(number)
    process.wait_ready(lambda: " started: " in daemon.log(process), "the daemon has started", 60.0)
    daemon.said(process, "new settings are in use")
    assert daemon.stop(process, signal.SIGTERM) == 0


def test_reload_good(daemon):
    process = daemon.start()
    daemon.write(policy_wait="3s")
    process.send_signal(signal.SIGUSR1)
    log = daemon.said(process, "new settings are in use")
    assert "restart" not in log


def test_reload_names_what_wants_a_restart(daemon):
    process = daemon.start()
    daemon.write(policy_wait="3s", cache_entries="5000", dns_timeout="4s")
    process.send_signal(signal.SIGUSR1)
    assert daemon.said(process, "only after a restart: ").rstrip().endswith("restart: dns_timeout cache_entries")
    # named as long as they differ from the running ones, and no longer
    process.send_signal(signal.SIGUSR1)
    daemon.said(process, "only after a restart: ", 2)
    daemon.write(cache_entries=None, dns_timeout=None)
    settle(daemon, process)
    assert daemon.log(process).count("only after a restart") == 2


def test_reload_bad(daemon):
    """Each error is logged with its line; the daemon goes on, and loads a good file afterwards."""
    process = daemon.start()
    daemon.write("policy_wait = soon\nnothing = 1\n")
    process.send_signal(signal.SIGUSR1)
    log = daemon.said(process, "the old settings stay in use")
    lines = len(daemon.settings)
    assert "warning: reload: %s:%d: policy_wait: " % (daemon.config, lines + 1) in log
    assert 'warning: reload: %s:%d: "nothing": ' % (daemon.config, lines + 2) in log
    assert connects(daemon.socket)
    os.unlink(daemon.config)
    process.send_signal(signal.SIGUSR1)
    daemon.said(process, "the old settings stay in use", 2)
    daemon.write()
    settle(daemon, process)


def test_reload_of_rules(daemon):
    """The rules file is read again; each wrong line is named, and the old rules stay."""
    rules = daemon.path("rules")

    def write(text):
        with open(rules, "w", encoding="ascii") as file:
            file.write(text)
        os.chmod(rules, 0o644)

    write("a.example exempt\n")
    daemon.write(domain_rules=rules)
    process = daemon.start()
    write("a.example\n# c\nb.example exempt exempt\n")
    process.send_signal(signal.SIGUSR1)
    log = daemon.said(process, "the old settings stay in use")
    assert 'warning: reload: %s:1: domain_rules: "a.example": ' % rules in log
    assert 'warning: reload: %s:3: domain_rules: "exempt": ' % rules in log
    write("a.example tls=optional\n")
    process.send_signal(signal.SIGUSR1)
    daemon.said(process, "new settings are in use")


def test_reload_keeps_overrides(daemon):
    process = daemon.start("-o", "policy_wait=1s", "-o", "cache_entries=2000")
    daemon.write("policy_wait = overridden\n")
    process.send_signal(signal.SIGUSR1)
    assert "restart" not in daemon.said(process, "new settings are in use")


def test_tells_the_service_manager(daemon):
    path = daemon.path("notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path)
        os.chmod(path, 0o666)
        manager.settimeout(10)
        process = daemon.start(env={"NOTIFY_SOCKET": path})
        try:
            assert manager.recv(200) == b"READY=1"
        except socket.timeout:
            pytest.skip("built without libsystemd")
        process.send_signal(signal.SIGUSR1)
        assert manager.recv(200).startswith(b"RELOADING=1\nMONOTONIC_USEC=")
        assert manager.recv(200) == b"READY=1"
        daemon.stop(process, signal.SIGTERM)
        assert manager.recv(200) == b"STOPPING=1"
