# SPDX-License-Identifier: ISC
"""stsctl cache list: a table that fits the terminal; shell completion takes its domains from it."""
import os
import socket
import subprocess
import threading
import time

from conftest import fill
from lab.terminal import open_terminal

HERE = os.path.dirname(os.path.abspath(__file__))
COMPLETION = os.path.join(HERE, os.pardir, os.pardir, "contrib", "completion", "stsctl.bash")
LONG = "a-domain-with-a-name-that-is-longer-than-most.example"


def add_policy(redis, name, mode="enforce"):
    now = int(time.time())
    fill(redis, "mta-sts:policy:{%s}" % name, {
        "schema": 1, "state": "policy", "id": "20260101T000000", "mode": mode, "mx": "mail." + name, "max_age": 86400,
        "fetched": now, "checked": now, "expires": now + 86400, "retry": 0, "reason": "",
        "text": "version: STSv1\nmode: %s\nmx: mail.%s\nmax_age: 86400\n" % (mode, name)})


def test_table(redis, stsctl):
    assert stsctl.run("cache", "list") == "nothing is stored\n"
    add_policy(redis, "second.example", "testing")
    add_policy(redis, LONG)
    lines = stsctl.run("cache", "list").splitlines()
    assert lines[0].split() == ["domain", "state", "mode", "or", "reason", "id", "expires"]
    assert [line.split()[1:4] for line in lines[1:]] == [["policy", "enforce", "20260101T000000"], ["policy", "testing", "20260101T000000"]]
    assert lines[1].endswith("Z") and lines[2].startswith("second.example ")
    assert max(map(len, lines)) <= 80


class Counter:
    """A proxy to Redis that counts how often its client sends something."""

    def __init__(self, target):
        self.said = 0
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        near, _ = self._listener.accept()
        far = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        far.connect(self._target)
        threading.Thread(target=self._carry, args=(far, near), daemon=True).start()
        while data := near.recv(1 << 20):
            self.said += 1
            far.sendall(data)
        far.close()

    @staticmethod
    def _carry(source, target):
        while data := source.recv(1 << 20):
            target.sendall(data)

    def close(self):
        self._listener.close()


MANY = 12000


def test_many(redis, stsctl):
    """No round trip for each: with a Redis milliseconds away that would take minutes. A terminal shows the progress."""
    add_policy(redis, "d0.example")
    redis.command("EVAL", "for i = 1, ARGV[1] - 1 do redis.call('COPY', KEYS[1], 'mta-sts:policy:{d' .. i .. '.example}') end return 0",
                  1, "mta-sts:policy:{d0.example}", MANY)
    way = Counter(redis.socket)
    ours, its = open_terminal()
    done = subprocess.run(stsctl.words("cache", "list", "--limit", MANY, "-o", "redis=tcp:127.0.0.1:%d" % way.port),
                          stdout=subprocess.PIPE, stderr=its, env=stsctl.environment, timeout=60, check=True)
    way.close()
    os.write(its, b"end")
    shown = b""
    while not shown.endswith(b"end"):
        shown += os.read(ours, 4096)
    for end in (ours, its):
        os.close(end)
    assert done.stdout.count(b" policy ") == MANY
    assert way.said < MANY / 10
    assert b"\r10000 names\r10000 domains" in shown and shown.endswith(b"\r\x1b[Kend")
    stsctl.run("cache", "list", "--limit", MANY)
    assert stsctl.errors == ""


def offered(stsctl, line):
    script = '. "$1"; COMP_LINE=$2 COMP_POINT=${#2}; _stsctl "$3"; printf "%s\\n" "${COMPREPLY[@]}"'
    done = subprocess.run(["bash", "-c", script, "bash", COMPLETION, line, stsctl.program], check=True, capture_output=True,
                          encoding="utf-8", env=stsctl.environment, timeout=60)
    return done.stdout.split()


def test_completion(redis, stsctl):
    """Full names, from the Redis that the command line's own -c and -o select."""
    add_policy(redis, LONG)
    add_policy(redis, "second.example")
    settings = "-c /dev/null -o redis=unix:" + redis.socket
    assert offered(stsctl, "stsctl %s cache show " % settings) == [LONG, "second.example"]
    assert offered(stsctl, "stsctl history show %s sec" % settings) == ["second.example"]
    assert offered(stsctl, "stsctl %s cache list " % settings) == []
    assert offered(stsctl, "stsctl %s -o redis=none lookup " % settings) == []
