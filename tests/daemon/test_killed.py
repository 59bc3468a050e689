# SPDX-License-Identifier: ISC
"""SIGKILL at any moment. Without spool_dir, what was not written yet is lost, and nothing is counted twice. With it, every message that
was answered is counted once, in the totals, for its domain and in the evidence, and an unanswered one at most once."""
import os
import random
import shutil
import signal
import threading
import time

import pytest

from conftest import ROOT, USER
from lab.ports import Ports
from lab.redis_server import RedisServer
from lab.waiting import wait_until
from mta import Mta

ROUNDS = int(os.environ.get("STS_KILLS", "12"))
SENDERS = 4
SEED = int(os.environ.get("STS_SEED", "1"))


@pytest.fixture(name="redis")
def _redis(daemon):
    ports = Ports()
    server = RedisServer(daemon.directory, ports.take())
    os.chmod(server.directory, 0o755)
    server.start()
    daemon.write(redis="unix:" + server.socket, flush_interval="20ms", dns_servers="127.0.0.1:1", policy_wait="0")
    yield server
    server.stop()
    ports.release()


@pytest.fixture(name="spool")
def _spool(daemon):
    directory = daemon.path("spool")
    os.mkdir(directory, 0o700)
    if ROOT:
        shutil.chown(directory, USER)
    # Long enough that a busy machine does not turn this into a test of how long mail may wait.
    daemon.write(spool_dir=directory, spool_wait="20s")
    return directory


class Senders:
    """Several MTAs at once. Each message has its own queue id; `answered' has those that got an answer."""

    def __init__(self):
        self.given, self.answered = [], set()
        self._lock = threading.Lock()

    def _next(self):
        with self._lock:
            self.given.append("Q%d" % (len(self.given) + 1))
            return self.given[-1]

    def send(self, daemon, stop):
        """Sends messages one after the other, until the milter is gone or stop is set."""
        try:
            while not stop.is_set():
                with Mta(daemon.socket) as mta:
                    queue_id = self._next()
                    mta.message("x@d%s.example" % (int(queue_id[1:]) % 7), forged=0)
                    mta.tell(b"D", b"Ei\0%s\0" % queue_id.encode())
                    mta.tell(b"E")
                    mta.changes()
                self.answered.add(queue_id)
        except (OSError, EOFError):
            pass

    def run(self, daemon, process, seconds):
        """Lets them send for that long; then kills the milter."""
        stop = threading.Event()
        threads = [threading.Thread(target=self.send, args=(daemon, stop)) for _ in range(SENDERS)]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        stop.set()
        for thread in threads:
            thread.join(30)
        process.kill()


def domain_sum(redis):
    keys = redis.command("KEYS", "mta-sts:domain:{*}")
    return sum(redis.hash(key).get("messages", 0) for key in keys)


def evidence(redis):
    """How often each queue id is in the stream."""
    seen = {}
    for _, fields in redis.command("XRANGE", "mta-sts:evidence", "-", "+"):
        pairs = dict(zip(fields[::2], fields[1::2]))
        seen[pairs["queue_id"]] = seen.get(pairs["queue_id"], 0) + 1
    return seen


def test_with_a_spool(daemon, redis, spool):
    """Redis is killed at times, too, and comes back with what it has acknowledged."""
    chance, senders = random.Random(SEED), Senders()
    for number in range(ROUNDS):
        if number % 4 == 3:
            redis.process.kill()
        process = daemon.start()
        senders.run(daemon, process, chance.uniform(0, 0.6))
        if number % 4 == 3:
            redis.start()
    process = daemon.start()
    assert daemon.stop(process, signal.SIGTERM) == 0
    total, seen = redis.hash("mta-sts:stats")["messages"], evidence(redis)
    assert len(senders.answered) > 0
    assert [queue_id for queue_id in senders.answered if seen.get(queue_id) != 1] == []
    assert [queue_id for queue_id, times in seen.items() if times > 1] == []
    assert set(seen) <= set(senders.given)
    assert total == len(seen)
    assert domain_sum(redis) == total
    assert os.stat(os.path.join(spool, "pending")).st_mode & 0o7777 == 0o600
    assert not os.path.exists(os.path.join(spool, "damaged"))


def test_without_a_spool(daemon, redis):
    """What Redis had before the last messages is still there, and no more is counted than was judged."""
    daemon.write(flush_interval="1s")
    senders, least = Senders(), 0
    for _ in range(4):
        process = daemon.start()
        before = len(senders.answered)
        stop = threading.Event()
        threading.Timer(0.3, stop.set).start()
        senders.send(daemon, stop)
        wait_until(lambda: redis.hash("mta-sts:stats").get("messages", 0) >= least + len(senders.answered) - before,
                   "a flush_interval is over", 30.0)
        least = redis.hash("mta-sts:stats")["messages"]
        senders.run(daemon, process, 0.2)
        total = redis.hash("mta-sts:stats")["messages"]
        assert least <= total <= len(senders.given)
        least = total
    assert domain_sum(redis) <= least
    assert max(evidence(redis).values()) == 1


def test_two_on_one_directory(daemon, redis, spool):
    """The second process does not start, and says why; the first goes on."""
    process = daemon.start()
    status, _, errors = daemon.run("-e", "-c", daemon.config, "-o", "milter_socket=unix:" + daemon.path("second.sock"))
    assert status == 71
    assert "spool_dir: another process uses %s: each mta-sts-milter needs a directory of its own" % spool in errors
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    senders = Senders()
    senders.send(daemon, stop)
    assert daemon.stop(process, signal.SIGTERM) == 0
    assert redis.hash("mta-sts:stats")["messages"] == len(senders.answered) > 0


def test_directory_is_missing(daemon, redis):
    status, _, errors = daemon.run("-e", "-c", daemon.config, "-o", "spool_dir=/nonexistent/spool")
    assert redis.answers()
    assert status == 71
    assert "spool_dir: cannot open /nonexistent/spool: No such file or directory" in errors


def test_garbage_is_put_aside(daemon, redis, spool):
    with open(os.path.join(spool, "pending"), "wb") as pending:
        pending.write(random.Random(SEED).randbytes(100000))
    if ROOT:
        shutil.chown(os.path.join(spool, "pending"), USER)
    process = daemon.start()
    assert "%s/pending is damaged" % spool in daemon.log(process)
    assert "kept as %s/damaged" % spool in daemon.log(process)
    assert daemon.stop(process, signal.SIGTERM) == 0
    assert os.path.getsize(os.path.join(spool, "damaged")) == 100000
    assert redis.answers()
