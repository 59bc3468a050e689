# SPDX-License-Identifier: ISC
"""Whatever an MTA sends, the milter survives, answers the next one correctly, and leaks nothing.

STS_FUZZ_SESSIONS and STS_FUZZ_SEED set the number of sessions and the seed.
"""
import os
import random
import signal

import pytest

import fuzz_protocol
from lab.metrics_page import MetricsPage
from lab.ports import Ports
from lab.waiting import wait_until
from mta import Mta

SESSIONS = int(os.environ.get("STS_FUZZ_SESSIONS", "300"))
SEED = os.environ.get("STS_FUZZ_SEED", "1")
EVERY = 25		# sessions between two checks
SETTINGS = {
    "plain": {},
    "enforcing": {"sender_enforce_action": "reject", "sender_testing_action": "quarantine", "recipient_enforce_action": "tempfail",
                  "local_domains": "rcpt.test", "downgrade_action": "tempfail"},
}


@pytest.fixture(name="page")
def _page():
    ports = Ports()
    yield MetricsPage(ports.take())
    ports.release()


def is_right(daemon):
    with Mta(daemon.socket) as mta:
        mta.message("user@sender.test")
        mta.tell(b"E")
        removed, inserted = mta.changes()
    return removed == ["X-MTA-STS"] and len(inserted) == 1 and "domain=sender.test" in inserted[0]


def descriptors(process):
    return len(os.listdir("/proc/%d/fd" % process.pid))


@pytest.mark.parametrize("name", SETTINGS)
def test_sessions(daemon, page, name):
    daemon.write(metrics_listen=page.address, dns_servers="127.0.0.1:1", policy_wait="50ms", **SETTINGS[name])
    process = daemon.start()
    assert is_right(daemon)
    before = descriptors(process)
    for number in range(SESSIONS // len(SETTINGS)):
        try:
            fuzz_protocol.play(daemon.socket, fuzz_protocol.session(SEED + name, number))
        except ConnectionError:
            wait_until(lambda: not process.running(), "the milter has ended", 10)
            raise AssertionError("session %d of seed %s, or one before\n%s" % (number, SEED, daemon.log(process)[-8000:])) from None
        if number % EVERY == EVERY - 1:
            assert process.running() and is_right(daemon), "session %d of seed %s, or one of the %d before" % (number, SEED, EVERY)
    wait_until(lambda: page.values()["open_sessions"] == 0, "all sessions have ended")
    wait_until(lambda: descriptors(process) <= before + 3, "their descriptors are free")
    assert is_right(daemon)
    assert daemon.stop(process, signal.SIGTERM) == 0


def test_sessions_are_the_same_again():
    assert all(fuzz_protocol.session("1", i) == fuzz_protocol.session("1", i) for i in range(20))
    assert len({fuzz_protocol.session("1", i) for i in range(20)}) > 15


ODD_LISTS = {
    "a name": b"Ei\0",
    "an empty name": b"E\0",
    "three strings": b"Ci\0QUEUE\0j\0",
    "a value without an end": b"Mi\0QUEUE",
    "before the connection": b"C{tls_version}\0",
    "long": b"M" + b"x\0" * 4001,
}


@pytest.mark.parametrize("name", ODD_LISTS)
@pytest.mark.parametrize("ahead", ["yes", "no"])
def test_what_libmilter_cannot_bear(daemon, page, name, ahead):
    """A macro name without a value ends its session, and nothing else; its sender is logged once a minute."""
    daemon.write(metrics_listen=page.address, dns_servers="127.0.0.1:1", policy_wait="50ms", read_ahead=ahead)
    process = daemon.start()
    sessions = 20
    for number in range(sessions):
        packets = fuzz_protocol.sound(random.Random(number))
        for at in range(1, len(packets), 3):
            packets.insert(at, (b"D", ODD_LISTS[name]))
        fuzz_protocol.play(daemon.socket, b"".join(fuzz_protocol.packet(*p) for p in packets))
    assert process.running() and is_right(daemon)
    wait_until(lambda: page.values()['troubles_total{kind="packets"}'] == sessions, "all of them are counted")
    daemon.said(process, "list of macros with a name that has no value, which no MTA sends: peer=pid=%d uid=%d" % (os.getpid(), os.getuid()))
    assert daemon.log(process).count("list of macros") == 1
    wait_until(lambda: page.values()["open_sessions"] == 0, "all sessions have ended")
