# SPDX-License-Identifier: ISC
"""stsctl against a private Redis that is empty at the start of each test."""
import json
import os
import signal
import subprocess
import sys

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir))

from lab.ports import Ports		# noqa: E402
from lab.redis_server import RedisServer	# noqa: E402
from lab.waiting import wait_until	# noqa: E402

FUNCTIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "conf", "redis", "mta_sts.lua")


def pytest_configure(config):	# pylint: disable=unused-argument
    # as on Ctrl-C: pytest then stops the servers
    signal.signal(signal.SIGTERM, signal.default_int_handler)


class Stsctl:
    """The program, and the Redis that it reads."""

    def __init__(self, redis):
        self.redis = redis
        self.program = os.environ["STSCTL"]
        self.environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "COLUMNS": "80"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]

    def words(self, *words, user=None):
        words = [self.program, words[0], "-c", "/dev/null", "-o", "redis=unix:" + self.redis.socket, *map(str, words[1:])]
        if user:
            words += ["-o", "redis_username=" + user[0], "-o", "redis_password_file=" + user[1]]
        return words

    def run(self, *words, status=0, user=None, **environment):
        """Its output; fails unless the exit status is the expected one."""
        done = subprocess.run(self.words(*words, user=user), capture_output=True, timeout=60, check=False,
                              env=dict(self.environment, **environment))
        text = done.stdout.decode("utf-8")
        assert done.returncode == status, text + done.stderr.decode("utf-8", "replace")
        lines = done.stdout.replace(b"\r\n", b"\n") if "--csv" in words else done.stdout	# RFC 4180
        for byte in lines + done.stderr:
            assert byte >= 0x20 or byte == 0x0a, "a control byte on the terminal"
        self.errors = done.stderr.decode("utf-8")
        return text

    def json(self, *words, status=0, user=None):
        text = self.run(*words, "--json", status=status, user=user)
        assert text.count("\n") == 1
        return json.loads(text)

    def begin(self, *words, user=None):
        """Starts it; the caller waits for it or stops it."""
        return subprocess.Popen(self.words(*words, user=user), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    ports = Ports()
    redis = RedisServer(str(tmp_path_factory.mktemp("redis")), ports.take())
    redis.start()
    yield redis
    redis.stop()
    ports.release()


@pytest.fixture
def redis(server):	# pylint: disable=redefined-outer-name
    wait_until(server.answers, "redis answers")
    server.command("FLUSHALL")
    server.command("FUNCTION", "FLUSH")
    for user in server.command("ACL", "USERS"):
        if user != "default":
            server.command("ACL", "DELUSER", user)
    return server


@pytest.fixture
def stsctl(redis):	# pylint: disable=redefined-outer-name
    return Stsctl(redis)


def fill(redis, key, counters):	# pylint: disable=redefined-outer-name
    redis.command("HSET", key, *(word for pair in counters.items() for word in pair))


def add_domain(redis, name, seen, counters):	# pylint: disable=redefined-outer-name
    """Writes a sender domain as the milter does."""
    fill(redis, "mta-sts:domain:{%s}" % name, dict(counters, first_seen=1600000000, last_seen=seen))
    redis.command("ZADD", "mta-sts:domains", seen, name)
