# SPDX-License-Identifier: ISC
"""Fault: the milter may use hardly more memory than it has."""
import contextlib
import http.client
import itertools
import subprocess
import time

from mta import Mta
from stream import FORGED_FIELD

LIMITS = {"as": "VmSize", "data": "VmData"}	# all mappings, and the writable ones (malloc reserves the space of its arenas beforehand)
SPARE = 512		# KiB: two threads' stacks, or some hundred domains
ENOUGH = 300		# messages without our field, or without an answer: the limit has been reached
MOST = 50000		# messages, each from a new domain, which is cached, until the limit must have been reached
TIME = 60.0		# or seconds, if it has: a process that was large before has memory left for fields, but not for counters
LONGEST = 20.0		# seconds until a session is ended that libmilter has no thread for; a longer wait means it was not accepted
NUMBERS = itertools.count()
TROUBLES = 'troubles_total{kind="memory"}'


def limit_to(pid, kib):
    """kib(a value of status) -> the limit. Set as the milter's own user: root needs CAP_SYS_RESOURCE for it."""
    with open("/proc/%d/status" % pid, encoding="ascii") as status:
        now = dict(line.split(":", 1) for line in status)
    user, group = (int(now[name].split()[0]) for name in ("Uid", "Gid"))
    subprocess.run(["prlimit", "--pid", str(pid), *("--%s=%s:" % (what, kib(int(now[name].split()[0]))) for what, name in LIMITS.items())],
                   user=user, group=group, extra_groups=[], check=True)


def one_message(lab):
    """The forged field is removed, even when there is no memory for ours. Returns whether ours was inserted. The session may also be ended
    or not begin, which an MTA handles: without memory for a session libmilter sleeps, a second longer each time."""
    with contextlib.suppress(EOFError, ConnectionError, TimeoutError), Mta(lab.milter.socket, LONGEST) as mta:
        mta.message("user@%s.e%d.absent.test" % ("x" * 60, next(NUMBERS)), field=FORGED_FIELD)
        mta.tell(b"E")
        removed, inserted = mta.changes()
        assert len(removed) == 1 and len(inserted) <= 1, (removed, inserted)
        return bool(inserted)
    return False


def is_felt(lab, before):
    """Whether the limit has an effect."""
    try:
        return lab.page.values()[TROUBLES] > before[TROUBLES]
    except AssertionError:
        return True		# 500: there is no memory for the page
    except (OSError, http.client.HTTPException):
        return False		# the page may be slow


@contextlib.contextmanager
def milter_has_no_memory(lab):
    """Mail from ever new domains fills the memory. The same process works again once the limit is lifted."""
    pid, before, begin = lab.milter.process.pid, lab.page.values(), time.monotonic()
    limit_to(pid, lambda now: (now + SPARE) << 10)
    sent, without, felt = 0, 0, False
    while without < ENOUGH and sent < MOST:
        without += not one_message(lab)
        sent += 1
        felt = time.monotonic() > begin + TIME and is_felt(lab, before)
        if felt:
            break
    yield
    limit_to(pid, lambda _: "unlimited")
    lab.short.append((begin, time.monotonic()))
    assert lab.milter.process.running() and lab.milter.process.pid == pid
    grown = {name: value - before[name] for name, value in lab.page.values().items() if name in before}
    troubles, uncounted = grown[TROUBLES], grown["counters_lost_messages_total"]
    print("    %d of %d messages without a field, %d troubles for want of memory, %d for want of threads, %d messages told as uncounted" %
          (without, sent, troubles, grown['troubles_total{kind="threads"}'], uncounted))
    assert felt or troubles > 0, "the limit was never felt"
    lab.uncounted += int(uncounted)


FAULTS = [milter_has_no_memory]
