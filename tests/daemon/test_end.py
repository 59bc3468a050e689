# SPDX-License-Identifier: ISC
"""What was judged is in Redis when the daemon has ended, whatever an MTA does meanwhile."""
import os
import signal
import threading

import pytest

from lab.ports import Ports
from lab.redis_server import RedisServer
from lab.waiting import wait_until
from mta import Mta

MESSAGES = 23
FORGED = 600		# removing this many overfills a socket's buffer


@pytest.fixture(name="redis")
def _redis(daemon):
    ports = Ports()
    server = RedisServer(daemon.directory, ports.take())
    os.chmod(server.directory, 0o755)
    server.start()
    daemon.write(redis="unix:" + server.socket, flush_interval="60s")
    yield server
    server.stop()
    ports.release()


def send(daemon, count):
    for _ in range(count):
        with Mta(daemon.socket) as mta:
            mta.message("")
            mta.tell(b"E")
            mta.changes()


def forged_message(mta, count):
    """A message from an MTA that does not read the replies."""
    mta.message("", count)
    mta.tell(b"E")


def totals(redis):
    return {name: int(value) for name, value in redis.hash("mta-sts:stats").items() if str(value).isdigit()}


def test_answers_are_not_read(daemon, redis):
    """A callback that does not return does not keep the counters from being written."""
    process = daemon.start()
    send(daemon, MESSAGES)
    with Mta(daemon.socket) as mta:
        forged_message(mta, FORGED)
        daemon.said(process, " result=", MESSAGES + 1)
        assert daemon.stop(process, signal.SIGTERM) == 0
    assert totals(redis)["messages"] == MESSAGES + 1
    assert redis.command("XLEN", "mta-sts:evidence") == MESSAGES + 1
    log = daemon.log(process)
    assert "does not read the answers to 1 messages, which are counted all the same" in log
    assert "uncounted" not in log
    assert log.rstrip().endswith("stopped")


def test_answers_are_read_late(daemon, redis):
    """All 600 fields are removed, though SIGTERM comes in the middle of it."""
    process = daemon.start()
    got = []
    with Mta(daemon.socket) as mta:
        forged_message(mta, FORGED)
        daemon.said(process, " result=")
        process.send_signal(signal.SIGTERM)
        daemon.said(process, "stopping")
        reader = threading.Thread(target=lambda: got.append(mta.changes()))
        reader.start()
        assert daemon.stop(process, signal.SIGTERM) == 0
        reader.join(20)
    removed, inserted = got[0]
    assert (removed, len(inserted)) == (["X-MTA-STS"] * FORGED, 1)
    assert totals(redis)["messages"] == 1


def test_what_was_counted_is_written_when_the_end_is_asked_for(daemon, redis):
    """Killed while it waits for callbacks after SIGTERM, it loses nothing counted before."""
    process = daemon.start()
    send(daemon, MESSAGES)
    daemon.said(process, " result=", MESSAGES)
    with Mta(daemon.socket) as mta:
        forged_message(mta, FORGED)
        daemon.said(process, " result=", MESSAGES + 1)
        process.send_signal(signal.SIGTERM)
        daemon.said(process, "stopping")
        wait_until(lambda: totals(redis).get("messages") == MESSAGES + 1, "the counters are in Redis")
        process.kill()
    assert totals(redis)["messages"] == MESSAGES + 1


def test_crash(daemon, redis):
    """After a crash, flushed messages are counted once; the next start replaces the socket left behind."""
    daemon.write(flush_interval="100ms")
    process = daemon.start()
    send(daemon, MESSAGES)
    wait_until(lambda: totals(redis).get("messages") == MESSAGES, "the counters are in Redis")
    process.send_signal(signal.SIGSEGV)
    wait_until(lambda: not process.running(), "it has crashed", 10)
    process.kill()
    process = daemon.start()
    send(daemon, MESSAGES)
    assert daemon.stop(process, signal.SIGTERM) == 0
    assert totals(redis)["messages"] == 2 * MESSAGES


def test_the_unit_restarts_it():
    """systemd restarts it within a second, however often."""
    unit = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "conf", "mta-sts-milter.service.in")
    with open(unit, encoding="utf-8") as file:
        lines = file.read().splitlines()
    assert "Restart=on-failure" in lines and "RestartSec=500ms" in lines and "StartLimitIntervalSec=0" in lines


def test_redis_is_away(daemon, redis):
    """The log says how many messages are uncounted, including those whose answers are in progress."""
    process = daemon.start()
    send(daemon, MESSAGES)
    with Mta(daemon.socket) as mta:
        forged_message(mta, FORGED)
        daemon.said(process, " result=", MESSAGES + 1)
        redis.stop()
        assert daemon.stop(process, signal.SIGTERM) == 0
    assert "ending with the store away: %d messages uncounted" % (MESSAGES + 1) in daemon.log(process)
