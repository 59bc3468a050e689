# SPDX-License-Identifier: ISC
"""Fault: clients in a hundred networks send for 10,000 domains, whose policy hosts all have one address, which accepts connections
and says nothing."""
import contextlib
import itertools
import os
import threading
import time

from https_liar import ADDRESS, CROWDS
from lab.waiting import wait_until
from mta import Mta
from stream import FORGED_FIELD

DOMAINS = 100		# of each crowd
PER_HOST = 8		# fetch_per_host
HEALTHY = 4		# previously unknown domains that send mail meanwhile
KIB = 4			# of memory for each domain that is cached or being looked up
SPARE = 60		# descriptors for everything else
RUNS = itertools.count()


class Crowd(threading.Thread):
    """A client that sends MAIL for all domains of a crowd; the last message goes on to its end, and waits there for its policy."""

    def __init__(self, path, number, run):
        super().__init__(daemon=True)
        self._path, self._number, self._run = path, number, run
        self.answered = False

    def run(self):
        names = ["user@m%d-%d.crowd%d.test" % (self._run, each, self._number) for each in range(DOMAINS)]
        client = b"client.test\0" b"4\x12\x34" b"192.0.%d.1\0" % self._number
        with Mta(self._path) as mta:
            mta.ask(b"C", client)
            mta.ask(b"H", b"client.test\0")
            for name in names[:-1]:
                mta.ask(b"M", b"<%s>\0" % name.encode())
                mta.tell(b"A")
        with Mta(self._path) as mta:
            mta.message(names[-1], client=client, field=FORGED_FIELD)
            mta.tell(b"E")
            removed, inserted = mta.changes()
            self.answered = len(removed) == 1 and len(inserted) == 1


def resident(lab):
    """Resident memory in KiB."""
    return lab.page.values()["process_resident_memory_bytes"] / 1024


def open_files(lab):
    """Without those of sessions, of which there are as many as the MTA opens."""
    return len(os.listdir("/proc/%d/fd" % lab.milter.process.pid)) - int(lab.page.values()["open_sessions"])


@contextlib.contextmanager
def https_of_many_domains_is_one_slow_address(lab):
    """The server sees at most fetch_per_host connections at a time; domains with another policy host do not wait behind the crowd;
    waiting messages lose their forged field all the same; memory and descriptors stay bounded."""
    run, before = next(RUNS), resident(lab)
    with lab.https_liar.lies("mute"):
        crowds = [Crowd(lab.milter.socket, number, run) for number in range(CROWDS)]
        begin = time.monotonic()
        for crowd in crowds:
            crowd.start()
        for _ in range(HEALTHY):
            lab.healthy.append(lab.healthy.pop(0))
            # a busy machine may need more than policy_wait for the first one; behind the crowd it would wait for hours
            wait_until(lambda: lab.send("user@" + lab.healthy[-1]).sts["policy"] == "enforce", "a healthy domain's policy is known", 30)
        for crowd in crowds:
            crowd.join(90)
        assert [crowd for crowd in crowds if not crowd.answered] == []
        yield
        files, grown = open_files(lab), resident(lab) - before
        print("    %d domains in %.1f s, %d connections to %s at most, %d descriptors, %+.1f MiB" %
              (CROWDS * DOMAINS, time.monotonic() - begin, lab.https_liar.most, ADDRESS, files, grown / 1024))
        assert 0 < lab.https_liar.most <= PER_HOST, lab.https_liar.most
        assert files < PER_HOST + SPARE
        assert grown < KIB * CROWDS * DOMAINS


FAULTS = [https_of_many_domains_is_one_slow_address]
