# SPDX-License-Identifier: ISC
"""Each command of stsctl with its n-th call failing: malloc, open, socket, connect, read, write, epoll_ctl, pthread_create.

Whatever fails: the command ends by itself and in time, with a documented status; it frees its memory; and either its answer is complete
and correct, or it says on standard error that it is not. STS_TORTURE_RUNS is the number of failures per command, drawn at random with
STS_TORTURE_SEED; "all" is every n, and of the libraries' mallocs every STS_TORTURE_STEP-th.
"""
import os
import random
import subprocess

import pytest

from commands import COMMANDS, steady
from layer import EVERYTHING_ELSE, FOR_EVER, Layer

RUNS = os.environ.get("STS_TORTURE_RUNS", "2")
STEP = int(os.environ.get("STS_TORTURE_STEP", "20"))
SEED = os.environ.get("STS_TORTURE_SEED", "1")
LONGEST = 60		# seconds: limit for a run, on a slow machine
# The classes that count, and whether only the program's own calls do.
KINDS = {"memory": (("memory",), True), "libraries' memory": (("memory",), False), "calls": (EVERYTHING_ELSE, False)}
SPANS = {"once": 1, "on": FOR_EVER}


class Torturer:
    """One command, and its correct output."""

    def __init__(self, world, command):
        self.world, self.command = world, command
        self.layer = Layer(os.environ["STSCTL"], world.directory)
        self.counts = {}
        self.good = self._run_well()

    def _run(self):
        self.world.prepare(self.command.needs)
        words = [self.layer.program, *self.command.words(self.world)]
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "COLUMNS": "80", **self.layer.environment}
        return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False,
                              env=environment, timeout=LONGEST)

    def _run_well(self):
        self.layer.arm(0, ())
        done = self._run()
        assert done.returncode == self.command.status, done
        assert self.layer.ended and self.layer.leaks() == [], self.layer.names(self.layer.leaks())
        self.counts = {kind: self.layer.count(*what) for kind, what in KINDS.items()
                       if kind != "libraries' memory" or not self.command.reads_json}
        return done.stdout

    def fail(self, kind, span, number):
        """Runs it with this failure; returns what is wrong, "" if nothing is."""
        classes, own = KINDS[kind]
        self.layer.arm(number, classes, own, SPANS[span])
        try:
            done = self._run()
        except subprocess.TimeoutExpired:
            return self._told(kind, span, number, "it hangs", "")
        wrong = self._judge(done)
        return wrong and self._told(kind, span, number, wrong, done.stdout[-600:] + done.stderr[-600:])

    def _told(self, kind, span, number, wrong, said):
        return "%s: %s %s %d: %s; %s\n%s" % (self.command.name, kind, span, number, wrong, self.layer.place(), said)

    def _judge(self, done):
        if done.returncode < 0:
            return "signal %d" % -done.returncode
        if done.returncode not in self.command.statuses:
            return "status %d" % done.returncode
        if self.layer.ended and self.layer.leaks():
            return "leaks " + ", ".join(self.layer.names(self.layer.leaks()))
        if done.returncode == self.command.status and self._is_right(done.stdout):
            return ""
        if done.returncode == 0:
            return "not the right answer, and status 0"
        if not done.stderr and not (self.command.tells == "both" and done.stdout):
            return "status %d without a word" % done.returncode
        return ""

    def _is_right(self, text):
        try:
            return steady(text) == steady(self.good) or self.command.also_right(self.good, text)
        except ValueError:		# not JSON
            return False

    def chosen(self):
        """Yields (kind, span, number) for all failures, or for some."""
        if RUNS == "all":
            for kind, count in self.counts.items():
                step = STEP if kind == "libraries' memory" else 1
                for span in SPANS:
                    for number in range(1, count + 1, step):
                        yield kind, span, number
            return
        lot = random.Random(SEED + self.command.name)
        kinds = [kind for kind, count in self.counts.items() if count > 0]
        for _ in range(int(RUNS) if kinds else 0):
            kind = lot.choice(kinds)
            yield kind, lot.choice(list(SPANS)), lot.randint(1, self.counts[kind])


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_command(world, command):
    torturer = Torturer(world, command)
    wrong = [told for told in (torturer.fail(*which) for which in torturer.chosen()) if told]
    assert not wrong, "%d failures\n%s" % (len(wrong), "\n".join(wrong))
