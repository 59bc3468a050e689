# SPDX-License-Identifier: ISC
"""The milter with its n-th call failing, once or several times in a row, while messages arrive.

Whatever fails: the milter survives, each message gets an answer or its MTA learns at once that there is none, no answer rejects or defers
mail or leaves a forged field in it, and the counters in Redis equal the number of messages judged. Redis and DNS are real; the MTA is
mta.py. STS_TORTURE_RUNS and STS_TORTURE_SEED as in test_commands.py: "all" is every n.
"""
import os
import random

from daemon import DaemonUnderLayer
from lab.waiting import TimedOut, wait_until
from layer import EVERYTHING_ELSE
from mta import Mta

RUNS = os.environ.get("STS_TORTURE_RUNS", "2")
STEP = int(os.environ.get("STS_TORTURE_STEP", "20"))
SEED = os.environ.get("STS_TORTURE_SEED", "1")
SESSIONS = 3			# after the start of each failure
WHILE = 40			# calls that fail in a row, if not just one
LONGEST = 20.0			# seconds: policy_wait, the allowance added to it, and a slow machine
BREAKER = 45			# seconds: the breaker leaves a Redis alone for up to 30 seconds if it failed again within a minute
KINDS = {"memory": (("memory",), True), "libraries' memory": (("memory",), False), "calls": (EVERYTHING_ELSE, False)}


class Play:
    """Sends messages, each from a new domain so that nothing is cached, and collects their results."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.number = self.judged = self.ended = self.uncounted = 0
        self.wrong = []

    def message(self):
        """One session. True if its message was judged; False if not, or if the session ended early, as without a milter."""
        self.number += 1
        try:
            with Mta(self.daemon.socket, timeout=LONGEST) as mta:
                mta.message("user@sender%d.test" % self.number)
                mta.tell(b"E")
                removed, inserted = mta.changes()
        except (EOFError, ConnectionError):
            self.ended += 1
            return False
        except TimeoutError:
            self.ended += 1
            self.wrong.append("it hangs")
            return False
        except AssertionError as answer:	# an answer other than "continue"
            self.wrong.append("held back: %s" % answer)
            return False
        # without memory a message is not judged, and the log says so; but a forged field never stays
        if removed != ["X-MTA-STS"] or len(inserted) > 1:
            self.wrong.append("removed %s, inserted %s" % (removed, inserted))
        self.judged += len(inserted)
        return bool(inserted)

    def fail(self, kind, length, number):
        """Sends messages during this failure; returns what is wrong, "" if nothing is."""
        classes, own = KINDS[kind]
        layer = self.daemon.layer
        self.judged, self.ended, self.wrong = 0, 0, []
        before, lines = self.daemon.counted(), len(self.daemon.log())
        self.uncounted = self.daemon.uncounted()
        layer.arm(number, classes, own, length)
        for _ in range(SESSIONS):
            self.message()
        layer.disarm()
        wait_until(lambda: not self.daemon.process.running() or self.message(), "all is well again, or nothing is", 60)
        if self.daemon.process.running():
            self._compare(before)
        else:
            self.wrong.append("the milter has ended")
        return self.wrong and "%s %d at %d: %s; %s\n%s" % (
            kind, length, number, ", ".join(self.wrong), layer.place(), self.daemon.log()[lines:][-1500:])

    def _compare(self, before):
        """Counted must equal judged, apart from messages uncounted for want of memory; a session that ended early may have been judged."""
        try:
            wait_until(lambda: self.daemon.counted() - before + self.daemon.uncounted() - self.uncounted >= self.judged, "all are counted",
                       BREAKER)
        except TimedOut:
            pass
        counted = self.daemon.counted() - before + self.daemon.uncounted() - self.uncounted
        if not self.judged <= counted <= self.judged + self.ended:
            self.wrong.append("%d counted, %d judged, %d ended" % (counted, self.judged, self.ended))


def chosen(counts):
    if RUNS == "all":
        for kind, count in counts.items():
            for length in (1, WHILE):
                for number in range(1, count + 1, STEP if kind == "libraries' memory" else 1):
                    yield kind, length, number
        return
    lot = random.Random(SEED)
    for _ in range(5 * int(RUNS)):
        kind = lot.choice(list(counts))
        yield kind, lot.choice((1, WHILE)), lot.randint(1, counts[kind])


def held_at_end(world):
    """Where a milter without failures has memory at the end: memory that it keeps for its lifetime."""
    with DaemonUnderLayer(world) as daemon:
        play = Play(daemon)
        assert all(play.message() for _ in range(SESSIONS))
        daemon.stop()
        assert daemon.layer.ended
        return daemon.layer.names(daemon.layer.leaks())


def test_sessions(world):
    held = held_at_end(world)
    with DaemonUnderLayer(world) as daemon:
        play = Play(daemon)
        assert all(play.message() for _ in range(SESSIONS))
        daemon.layer.arm(0, ())
        assert all(play.message() for _ in range(SESSIONS))
        counts = {kind: daemon.layer.count(*what) for kind, what in KINDS.items()}
        wait_until(lambda: daemon.counted() == play.judged, "all are counted")
        wrong = []
        for which in chosen(counts):
            told = play.fail(*which)
            if told:
                wrong.append(told)
            if not daemon.process.running():
                daemon.restart()
        assert not wrong, "%d failures\n%s" % (len(wrong), "\n".join(wrong))
        daemon.stop()
        assert daemon.layer.ended
        assert set(daemon.layer.names(daemon.layer.leaks())) <= set(held)
