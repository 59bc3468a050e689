# SPDX-License-Identifier: ISC
"""Whatever an MTA says, the milter lives, answers the next one rightly, and holds nothing back.

STS_FUZZ_SESSIONS and STS_FUZZ_SEED make it longer, or another one.
"""
import os
import signal

import pytest

import fuzz_protocol
from lab.metrics_page import MetricsPage
from lab.ports import Ports
from lab.waiting import wait_until
from mta import Mta

SESSIONS = int(os.environ.get("STS_FUZZ_SESSIONS", "300"))
SEED = os.environ.get("STS_FUZZ_SEED", "1")
EVERY = 25		# sessions between two looks
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


@pytest.mark.parametrize("setting", ["yes", "no"])
def test_name_without_value(daemon, page, setting):
    """libmilter (8.17, 8.18) does not survive such a list of macros, and is not given any."""
    lists = [b"Mi\0", b"Mj\0mx\0i\0", b"M\0", b"M{i\0\0\0", b"Ei\0QUEUEID\0{auth_type}\0", b"Mi\0QUEUEID"]
    daemon.write(metrics_listen=page.address, dns_servers="127.0.0.1:1", policy_wait="50ms", read_ahead=setting)
    process = daemon.start()
    before = descriptors(process)
    for number in range(300):
        odd = fuzz_protocol.packet(b"D", lists[number % len(lists)])
        with Mta(daemon.socket) as mta, pytest.raises((EOFError, ConnectionError)):
            mta.ask(b"C", b"client.test\0" b"4\x12\x67" b"192.0.2.1\0")
            mta.tell_bytes(odd)
            mta.ask(b"M", b"<user@sender.test>\0")
    assert is_right(daemon)
    assert "libmilter: mi_rd_cmd: read returned -1: Protocol error" in daemon.log(process)
    wait_until(lambda: page.values()["open_sessions"] == 0, "all sessions have ended")
    wait_until(lambda: descriptors(process) <= before + 3, "their descriptors are free")
    assert daemon.stop(process, signal.SIGTERM) == 0
