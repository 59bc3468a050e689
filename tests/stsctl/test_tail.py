# SPDX-License-Identifier: ISC
"""stsctl tail: follows the stream, also across a restart of Redis."""
import csv
import io
import json
import os
import select
import subprocess

import pytest
from lab.redis_server import RedisServer
from lab.ports import Ports
from lab.waiting import TimedOut, wait_until
from conftest import Stsctl

ENTRY = {
    "ts": "1786300000123", "node": "mx1.example", "queue_id": "4ABC", "domain": "sender.example", "identity": "mailfrom",
    "result": "fail", "reason": "plaintext", "policy": "enforce", "id": "20250809T1", "tls": "none", "cipher": "", "bits": "",
    "aligned": "no", "rcpt": "", "action": "accept", "client": "192.0.2.0/24"}


class Tail:
    """A running stsctl tail."""

    def __init__(self, stsctl, *words):
        self.stsctl = stsctl
        self.process = stsctl.begin("tail", *words)
        self._text = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.communicate(timeout=30)

    def is_blocked(self):
        """Whether it is blocked in Redis, waiting for new entries."""
        return readers(self.stsctl.redis) == 1

    def line(self, pipe=None, timeout=20):
        """The next line."""
        pipe = pipe or self.process.stdout
        text = self._text.get(pipe, b"")
        while b"\n" not in text:
            if not select.select([pipe], [], [], timeout)[0]:
                raise TimedOut("no line of stsctl tail")
            read = os.read(pipe.fileno(), 65536)
            assert read, "stsctl tail has ended"
            text += read
        line, _, self._text[pipe] = text.partition(b"\n")
        return line.decode("ascii")


def readers(redis):
    """The number of clients that wait for the stream."""
    done = subprocess.run(["redis-cli", "-s", redis.socket, "CLIENT", "LIST"], capture_output=True, check=True, timeout=10)
    return done.stdout.count(b"cmd=xread")


def add(redis, **changes):
    entry = dict(ENTRY, **changes)
    return redis.command("XADD", "mta-sts:evidence", "*", *(word for pair in entry.items() for word in pair))


def test_lines(redis, stsctl):
    add(redis, domain="before.example")
    with Tail(stsctl) as tail:
        wait_until(tail.is_blocked, "tail waits")
        add(redis)
        assert tail.line() == (
            "2026-08-09T18:26:40Z fail      none    sender.example reason=plaintext policy=enforce aligned=no action=accept "
            "client=192.0.2.0/24 identity=mailfrom node=mx1.example queue_id=4ABC")


def test_json(redis, stsctl):
    with Tail(stsctl, "--json") as tail:
        wait_until(tail.is_blocked, "tail waits")
        ident = add(redis, unknown="field")
        assert json.loads(tail.line()) == dict(ENTRY, stream_id=ident, ts=1786300000123)


def test_domain_and_count(redis, stsctl):
    with Tail(stsctl, "--count", "2", "--domain", "Sender.Example") as tail:
        wait_until(tail.is_blocked, "tail waits")
        for name in ("other.example", "sender.example", "other.example", "sender.example", "sender.example"):
            add(redis, domain=name)
        assert tail.process.wait(20) == 0
        assert tail.process.stdout.read().count(b"sender.example") == 2


def test_many(redis, stsctl):
    with Tail(stsctl, "--count", "1000") as tail:
        wait_until(tail.is_blocked, "tail waits")
        redis.command("EVAL", "for i = 1, 1000 do redis.call('XADD', KEYS[1], '*', 'ts', 1, 'queue_id', i) end", 1,
                      "mta-sts:evidence")
        lines = [tail.line() for _ in range(1000)]
        assert [line.rpartition("=")[2] for line in lines] == [str(i) for i in range(1, 1001)]


def test_hostile(redis, stsctl):
    escape = "\x1b]0;owned\x07 \x9b2J\nfaked line"
    with Tail(stsctl) as tail, Tail(stsctl, "--json") as lines:
        wait_until(lambda: readers(redis) == 2, "both wait")
        add(redis, domain=escape, ts="soon", result="x" * 10000, cipher=escape)
        line = tail.line()
        assert line.isprintable() and line.startswith("- xxx") and "owned" in line and " faked" not in line
        entry = json.loads(lines.line())
        assert entry["domain"].isprintable() and entry["ts"] == "soon" and len(entry["result"]) < 300


def test_usage(stsctl):
    for words in (("--count", "0"), ("--count", "x"), ("--domain", "a..b"), ("operand",)):
        assert "error" in stsctl.json("tail", *words, status=2)


@pytest.fixture
def own_redis(tmp_path):
    ports = Ports()
    redis = RedisServer(str(tmp_path), ports.take())
    redis.start()
    yield redis
    redis.stop()
    ports.release()


def test_restart(own_redis):
    with Tail(Stsctl(own_redis)) as tail:
        wait_until(tail.is_blocked, "tail waits")
        add(own_redis, queue_id="FIRST")
        assert tail.line().endswith("FIRST")
        own_redis.stop()
        assert " is away (" in tail.line(tail.process.stderr)
        own_redis.start()
        assert tail.line(tail.process.stderr).endswith(" is back")
        add(own_redis, queue_id="SECOND")
        assert tail.line().endswith("SECOND")


def test_restart_with_nothing(own_redis):
    """The new stream's ids are lower than those already seen."""
    own_redis.command("XADD", "mta-sts:evidence", "9999999999999-0", "queue_id", "LATE")
    with Tail(Stsctl(own_redis)) as tail:
        wait_until(tail.is_blocked, "tail waits")
        own_redis.command("DEL", "mta-sts:evidence")
        own_redis.stop()
        assert " is away (" in tail.line(tail.process.stderr)
        own_redis.start()
        assert tail.line(tail.process.stderr).endswith(" is back")
        add(own_redis, queue_id="FIRST")
        assert tail.line().endswith("FIRST")


def test_frozen(own_redis):
    with Tail(Stsctl(own_redis)) as tail:
        wait_until(tail.is_blocked, "tail waits")
        own_redis.process.suspend()
        assert "no answer in time" in tail.line(tail.process.stderr)
        own_redis.process.resume()
        assert tail.line(tail.process.stderr).endswith(" is back")
        add(own_redis, queue_id="FIRST")
        assert tail.line().endswith("FIRST")


def ids(text):
    """The queue id of each line."""
    return [line.rpartition("queue_id=")[2] for line in text.splitlines()]


def test_last(redis, stsctl):
    for i in range(50):
        add(redis, queue_id=i, result="fail" if i % 10 == 0 else "pass")
    assert ids(stsctl.run("tail", "-n", 3, "--once")) == ["47", "48", "49"]
    assert ids(stsctl.run("tail", "-n", 2, "--result", "fail", "--once")) == ["30", "40"]
    assert ids(stsctl.run("tail", "-n", 999, "--result", "fail", "--once")) == ["0", "10", "20", "30", "40"]
    assert ids(stsctl.run("tail", "-n", 3, "--domain", "absent.example", "--once")) == []
    assert ids(stsctl.run("tail", "--once")) == [str(i) for i in range(50)]
    assert ids(stsctl.run("tail", "--once", "--count", 2)) == ["0", "1"]
    with Tail(stsctl, "-n", "1") as tail:
        assert tail.line().endswith("queue_id=49")
        wait_until(tail.is_blocked, "tail waits")
        add(redis, queue_id="NEW")
        assert tail.line().endswith("queue_id=NEW")


def test_since(redis, stsctl):
    """--since goes by the milter's clock: an entry that waited for Redis is later in the stream than its message."""
    for ident, ts in (("1786299999000-0", 1786299999000), ("1786300000500-0", 1786300000400), ("1786300009000-0", 1786299999500),
                      ("1786300009001-0", 1786300009001)):
        entry = dict(ENTRY, ts=ts, queue_id=ident)
        redis.command("XADD", "mta-sts:evidence", ident, *(word for pair in entry.items() for word in pair))
    assert ids(stsctl.run("tail", "--once", "--since", "2026-08-09T18:26:40Z")) == ["1786300000500-0", "1786300009001-0"]
    assert ids(stsctl.run("tail", "--once", "--since", "2026-08-09 18:26:40", "-n", 1)) == ["1786300009001-0"]
    assert ids(stsctl.run("tail", "--once", "--since", "1s")) == []
    assert len(ids(stsctl.run("tail", "--once", "--since", "2026-08-01"))) == 4


def test_csv(redis, stsctl):
    add(redis, domain="=cmd|' /C calc'!A0", cipher='a,"b"', client="-")
    rows = list(csv.DictReader(io.StringIO(stsctl.run("tail", "--once", "--csv"), newline="")))
    assert len(rows) == 1
    row = rows[0]
    assert row["time"] == "2026-08-09T18:26:40Z" and row["domain"] == "'=cmd|' /C calc'!A0" and row["cipher"] == 'a,"b"'
    assert row["client"] == "" and row["queue_id"] == "4ABC"
    assert set(ENTRY) - {"ts"} <= set(row)


def test_more_usage(stsctl):
    for words in (("-n", "0"), ("-n", "x"), ("--since", "yesterday"), ("--result", "good"), ("--csv",)):
        assert "error" in stsctl.json("tail", "--once", *words, status=2)
    stsctl.run("tail", "-n", status=2)
    assert "-n: expects N" in stsctl.errors
