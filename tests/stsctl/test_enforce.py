# SPDX-License-Identifier: ISC
"""stsctl enforce: which milters have answered, and which have not. What a milter then does is in the end-to-end tests."""
import subprocess
import threading
import time

from lab.waiting import wait_until


class Node:
    """A milter, as far as Redis shows it; with answers, it listens to what is published to all."""

    def __init__(self, redis, name, age=0, signs=True, **fields):
        """signs: it has already written a heartbeat."""
        self.redis, self.name = redis, name
        self.heard = []
        self._listener = None
        seen = int(time.time()) - age
        self.say(seen=seen, **dict({"enforcing": 1, "dry_run": 0, "tripped": 0, "refused_minute": 0}, **fields))
        if signs:
            redis.command("ZADD", "mta-sts:nodes", seen, name)

    def say(self, **fields):
        self.redis.command("HSET", "mta-sts:node:{%s}" % self.name, *[word for item in fields.items() for word in item])

    def listen(self):
        self._listener = subprocess.Popen(["redis-cli", "-s", self.redis.socket, "SUBSCRIBE", "mta-sts:control"],
                                          stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self._answer, daemon=True).start()
        wait_until(lambda: self.redis.command("PUBSUB", "NUMSUB", "mta-sts:control")[1] == 1, "it listens")

    def _answer(self):
        for line in self._listener.stdout:
            word, _, number = line.strip().partition(" ")
            if number.isdigit():
                self.heard.append(word)
                self.say(heard=number, tripped=0, seen=int(time.time()))
                self.redis.command("ZADD", "mta-sts:nodes", int(time.time()), self.name)

    def end(self):
        self._listener.terminate()
        self._listener.wait(20)


def test_nobody(stsctl):
    stsctl.run("enforce", "status", status=3)
    assert stsctl.json("enforce", "reset", status=1) == {"confirmed": [], "missing": []}


def test_all_answer(redis, stsctl):
    node = Node(redis, "mx1.example", age=40, tripped=1786300000, refused_minute=7)
    node.listen()
    try:
        assert stsctl.json("enforce", "reset") == {"confirmed": ["mx1.example"], "missing": []}
        told = stsctl.json("enforce", "status")
        assert told["tripped"] is False
        assert [(n["node"], n["state"], n["answered"], n["age"] < 20) for n in told["nodes"]] == [("mx1.example", "on", True, True)]
        assert node.heard == ["enforce-reset", "sign"]
        assert stsctl.run("enforce", "reset") == "mx1.example refuses mail again as the settings say\n"
        node.say(dry_run=1)
        assert "mx1.example: its trip wire is reset; by its settings it only says" in stsctl.run("enforce", "reset")
        node.say(enforcing=0)
        assert stsctl.run("enforce", "reset") == "mx1.example: its trip wire is reset; its settings refuse nothing\n"
    finally:
        node.end()


def test_one_is_missing(redis, stsctl):
    Node(redis, "mx2.example", age=30, tripped=1786300000)
    node = Node(redis, "mx1.example")
    node.listen()
    try:
        start = time.monotonic()
        assert stsctl.json("enforce", "reset", status=1) == {"confirmed": ["mx1.example"], "missing": ["mx2.example"]}
        assert time.monotonic() - start > 9
        told = stsctl.json("enforce", "status", status=1)
        assert [(n["node"], n["answered"]) for n in told["nodes"]] == [("mx1.example", True), ("mx2.example", False)]
        text = stsctl.run("enforce", "status", status=1)
        assert " s ago, no answer" in text and "tripped" in text
    finally:
        node.end()


def test_just_started(redis, stsctl):
    """A milter that listens is waited for, even if its first heartbeat comes only now."""
    for name in ("mx1.example", "mx2.example"):
        node = Node(redis, name, signs=False)
        node.listen()
        try:
            assert name in [n["node"] for n in stsctl.json("enforce", "status")["nodes"]]
        finally:
            node.end()


def test_gone_for_a_minute(redis, stsctl):
    """It no longer counts as a milter, and is not waited for."""
    Node(redis, "mx2.example", age=90)
    assert stsctl.json("enforce", "reset", status=1) == {"confirmed": [], "missing": []}
