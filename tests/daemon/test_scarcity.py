# SPDX-License-Identifier: ISC
"""Too few threads, too little memory: each message gets an answer, or its MTA learns at once that there is none."""
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import threading
import time

import pytest

from conftest import ENVIRONMENT, PROGRAM, ROOT, USER, is_sanitized
from lab.metrics_page import MetricsPage
from lab.ports import Ports
from lab.process import Process
from lab.waiting import wait_until
from mta import Mta
from test_mail import silent_dns	# noqa: F401 (a fixture)

SESSIONS = 60
NO_THREAD = 'troubles_total{kind="threads"}'
LONGEST = 20.0		# seconds: policy_wait, what is added to it, and a slow machine
SOMEBODY = "games"	# a user for whom nothing else starts threads meanwhile


@pytest.fixture(name="page")
def _page():
    ports = Ports()
    yield MetricsPage(ports.take())
    ports.release()


def start_limited(daemon, limit, name="limited"):
    process = Process(name, ["prlimit", limit, PROGRAM, "-e", "-c", daemon.config], daemon.directory, ENVIRONMENT)
    daemon.processes.append(process)
    process.start()
    daemon.said(process, " started: ")
    return process


def one_message(daemon, number, outcomes):
    start = time.monotonic()
    try:
        with Mta(daemon.socket, timeout=60.0) as mta:
            mta.message("user@sender%d.test" % number)
            mta.tell(b"E")
            mta.changes()
            outcome = "answered"
    except (EOFError, ConnectionError):
        outcome = "ended"
    except TimeoutError:
        outcome = "hung"
    outcomes.append((outcome, time.monotonic() - start))


def burst(daemon, count):
    """Sends that many messages at once. Returns (answered, ended, hung), and how long the longest took."""
    outcomes = []
    threads = [threading.Thread(target=one_message, args=(daemon, i, outcomes)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    words = [word for word, _ in outcomes]
    return [words.count(word) for word in ("answered", "ended", "hung")], max(took for _, took in outcomes)


def stays(page, name):
    """Whether a metric stays for longer than a session may be without a thread, with policy_wait = 1s."""
    before = page.values()[name]
    time.sleep(6.0)
    return page.values()[name] == before


@pytest.mark.skipif(not ROOT, reason="needs root")
def test_too_few_threads(daemon, page, silent_dns):	# noqa: F811
    """Each message waits for a policy, in its own thread."""
    subprocess.run(["chown", SOMEBODY, daemon.directory], check=True)
    daemon.write(user=SOMEBODY, metrics_listen=page.address, policy_wait="1s", dns_timeout="60s",
                 dns_servers="127.0.0.1:%d" % silent_dns.getsockname()[1])
    process = start_limited(daemon, "--nproc=20")
    (answered, ended, hung), longest = burst(daemon, SESSIONS)
    assert (answered + ended, hung) == (SESSIONS, 0)
    assert answered > 0 and longest < LONGEST
    if ended > 0:
        assert "warning: a session is ended that libmilter has no thread for" in daemon.log(process)
        wait_until(lambda: page.values()[NO_THREAD] >= ended, "the last one is counted, too")
        wait_until(lambda: stays(page, NO_THREAD), "each is ended once", 120)
    # afterwards, mail is answered again
    assert burst(daemon, 1)[0] == [1, 0, 0]
    assert daemon.stop(process, signal.SIGTERM) == 0


def test_many_ends_at_a_time(daemon, silent_dns):	# noqa: F811
    """Nothing is scarce, but libmilter hands many messages at once to its few idle workers, and starts no more: without our help, each of
    them would wait for one policy after the other."""
    daemon.write(policy_wait="2s", dns_timeout="60s", dns_servers="127.0.0.1:%d" % silent_dns.getsockname()[1])
    process = daemon.start()
    with contextlib.ExitStack() as stack:
        mtas = [stack.enter_context(Mta(daemon.socket, timeout=60.0)) for _ in range(SESSIONS)]
        for number, mta in enumerate(mtas):
            mta.message("user@end%d.test" % number)
        process.suspend()		# so that libmilter finds all of them at once
        for mta in mtas:
            mta.tell(b"E")
        process.resume()
        start = time.monotonic()
        assert [len(mta.changes()[1]) for mta in mtas] == [1] * SESSIONS
        assert time.monotonic() - start < LONGEST
    assert "libmilter has no thread for" not in daemon.log(process)
    assert daemon.stop(process, signal.SIGTERM) == 0


@pytest.mark.skipif(not ROOT, reason="needs root")
def test_what_a_look_needs_is_taken_at_the_start(daemon):
    """The search for sessions without a thread reads the descriptor directory, which cannot be opened without descriptors or memory."""
    process = daemon.start()
    place = "/proc/%d/fd" % process.pid

    def open_files():
        for name in os.listdir(place):
            with contextlib.suppress(FileNotFoundError):
                yield os.readlink(os.path.join(place, name))
    wait_until(lambda: place in open_files(), "the directory is open")
    time.sleep(2.5)		# by now it was read, and is still open
    assert place in open_files()
    assert daemon.stop(process, signal.SIGTERM) == 0


def test_sessions_in_turn_are_not_one(daemon, page, silent_dns):	# noqa: F811
    """Consecutive sessions have the same descriptor, and each check finds as many unread bytes as the last: but of another session."""
    daemon.write(metrics_listen=page.address, policy_wait="1s", dns_timeout="60s",
                 dns_servers="127.0.0.1:%d" % silent_dns.getsockname()[1])
    process = daemon.start()
    for number in range(14):
        with Mta(daemon.socket, timeout=60.0) as mta:
            mta.message("user@turn%d.test" % number)
            mta.tell(b"E")
            mta.tell(b"Q")		# stays unread until the message is done
            assert len(mta.changes()[1]) == 1
    assert page.values()[NO_THREAD] == 0
    assert daemon.stop(process, signal.SIGTERM) == 0


def test_too_little_room_in_a_file(daemon):
    """The spool reaches the maximum file size: mail goes on, and the log says so."""
    spool = daemon.path("spool")
    os.mkdir(spool, 0o700)
    if ROOT:
        shutil.chown(spool, USER)
    daemon.write(redis="unix:" + daemon.path("nowhere"), dns_servers="127.0.0.1:1", policy_wait="0", spool_dir=spool, spool_wait="20s")
    process = start_limited(daemon, "--fsize=%d" % (100 << 10))
    outcomes = []
    for number in range(200):
        one_message(daemon, number, outcomes)
    assert {outcome for outcome, _ in outcomes} == {"answered"}
    daemon.said(process, "messages are not in the spool for now (File too large)")
    assert daemon.stop(process, signal.SIGTERM) == 0
    process = start_limited(daemon, "--fsize=%d" % (60 << 10), "again")
    daemon.said(process, "spool_dir: there is no room to write in %s" % spool)
    one_message(daemon, 200, outcomes)
    assert outcomes[-1][0] == "answered"
    assert daemon.stop(process, signal.SIGTERM) == 0


def test_silent_strangers_with_all_descriptors(daemon):
    """On the socketmap socket: a client that asks is answered, however many are connected and silent."""
    path = daemon.path("map.sock")
    daemon.write(socketmap_listen="unix:" + path, socketmap_mode="0666", dns_servers="127.0.0.1:1", dane="off")
    start_limited(daemon, "--nofile=128")
    with contextlib.ExitStack() as stack:
        for _ in range(300):
            stranger = stack.enter_context(socket.socket(socket.AF_UNIX))
            stranger.connect(path)
        asker = stack.enter_context(socket.socket(socket.AF_UNIX))
        asker.settimeout(60)
        asker.connect(path)
        asker.sendall(b"13:postfix .test,")
        assert asker.recv(100) == b"9:NOTFOUND ,"


@pytest.mark.skipif(is_sanitized(), reason="with a sanitizer")
@pytest.mark.parametrize("megabytes", [220, 250])
def test_limited_memory(daemon, silent_dns, megabytes):	# noqa: F811
    """Two hundred threads of libmilter's fit beside malloc's own demands."""
    daemon.write(policy_wait="1s", dns_timeout="60s", dns_servers="127.0.0.1:%d" % silent_dns.getsockname()[1])
    process = start_limited(daemon, "--as=%d" % (megabytes * 1000 * 1000))
    for _ in range(3):
        assert burst(daemon, 200)[0] == [200, 0, 0]
    assert daemon.stop(process, signal.SIGTERM) == 0


@pytest.mark.skipif(is_sanitized(), reason="with a sanitizer")
@pytest.mark.parametrize("megabytes", [52, 60])
def test_too_little_memory(daemon, page, silent_dns, megabytes):	# noqa: F811
    daemon.write(metrics_listen=page.address, policy_wait="1s", dns_timeout="60s", cache_entries="1000",
                 dns_servers="127.0.0.1:%d" % silent_dns.getsockname()[1])
    process = start_limited(daemon, "--as=%d" % (megabytes << 20))
    (answered, ended, hung), longest = burst(daemon, SESSIONS)
    assert (answered + ended, hung) == (SESSIONS, 0)
    assert longest < LONGEST
    wait_until(lambda: burst(daemon, 1)[0] == [1, 0, 0], "it serves again")
    assert daemon.stop(process, signal.SIGTERM) == 0
