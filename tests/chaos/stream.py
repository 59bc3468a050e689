# SPDX-License-Identifier: ISC
"""A steady stream of known mail, and the assertions about it."""
import collections
import os
import threading
import time

from lab.domains import Domain, policy, unpublished
from lab.mailbox import Delivered
from lab.milter import AUTHSERV_ID
from lab.smtp_client import Refused
from lab.waiting import wait_until

DOMAINS = [Domain("good.test"), Domain("testing.test", body=policy("testing", name="testing.test")), unpublished("absent.test")]
CLIENTS = 4
PAUSE = 0.02
FORGED = "X-MTA-STS: v=1; host=%s; result=pass; domain=forged.test" % AUTHSERV_ID
FORGED_FIELD = FORGED.replace(": ", "\0", 1).encode() + b"\0"	# in the milter protocol's form
LONGEST = 15.0		# policy_wait is 2 s; the rest is for a busy machine
AT_RISK = 1.0		# seconds of counts that a crash may lose: flush_interval is 100 ms, a busy machine needs more
OTHER_LINES = 150	# log lines during a fault that are not about a message


class Stream:
    """Clients that send one message after another until told to stop. One in five is from a new domain that publishes nothing;
    one in seven is from a new domain whose policy the liar serves."""

    def __init__(self, lab, clients=CLIENTS, pause=PAUSE):
        self._lab = lab
        self._pause = pause
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self.sent = {}			# lab id -> (domain, when, seconds)
        self.refused = []		# (what, from when, to when)
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(clients)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, number):
        turn = 0
        while not self._stop.is_set():
            turn += 1
            fresh = "n%d-%d.absent.test" % (number, turn)
            domain = fresh if turn % 5 == 0 else DOMAINS[turn % len(DOMAINS)].name
            if turn % 7 == 0:
                domain = self._lab.https_liar.fresh()
            begin = time.monotonic()
            try:
                lab_id = self._send(domain)
                with self._lock:
                    self.sent[lab_id] = (domain, begin, time.monotonic() - begin)
            except Exception as failure:	# pylint: disable=broad-except
                with self._lock:
                    self.refused.append(("%s: %s" % (type(failure).__name__, failure), begin, time.monotonic()))
            self._stop.wait(self._pause)

    def _send(self, domain):
        with self._lab.client() as client:
            client.ehlo()
            client.mail("user@" + domain)
            client.rcpt()
            return client.data([FORGED])

    def flow(self, count):
        """Waits until that many more messages have gone through."""
        with self._lock:
            goal = len(self.sent) + count
        wait_until(lambda: len(self.sent) >= goal, "%d more messages" % count, 90)


class Verdict:
    """Checks what happened to all that was sent."""

    def __init__(self, lab, stream):
        self._lab, self._stream = lab, stream
        self.mailbox = os.path.join(lab.postfix.mailboxes, "mailbox", "new")
        self._unjudged = set()		# lab ids of messages without a field, for want of memory; the log may not mention them

    def check_mail(self):
        """Each accepted message was delivered once, with one field, which is ours."""
        sent, times, read = self._stream.sent, collections.Counter(), set()

        def all_there():
            for name in set(os.listdir(self.mailbox)) - read:
                read.add(name)
                times.update(self._check_message(os.path.join(self.mailbox, name)))
            return all(times[lab_id] for lab_id in sent)	# others are there as well: those of the probes
        wait_until(all_there, "all mail is delivered", 90, 0.2)
        assert [lab_id for lab_id in sent if times[lab_id] != 1] == []

    def _check_message(self, path):
        with open(path, "rb") as file:
            message = Delivered(file.read())
        ids, fields = message.values("X-Lab-Id"), message.sts_raw
        assert len(fields) == 1 or not fields and self._was_short(ids), (ids, fields)
        if not fields:
            self._unjudged.update(ids)
        assert all("forged" not in field and "host=%s;" % AUTHSERV_ID in field for field in fields), (ids, fields)
        return ids

    def _was_short(self, ids):
        """Whether they were sent while memory for a field may have been short."""
        times = [self._stream.sent[lab_id][1:] for lab_id in ids if lab_id in self._stream.sent]
        return times and all(self._is_short(when, seconds) for when, seconds in times)

    def _is_short(self, when, seconds):
        return any(when < until and when + seconds > since for since, until in self._lab.short)

    def check_delay(self):
        """Asserts and returns the longest delay. Times without memory do not count: libmilter then sleeps before it accepts."""
        worst = max(seconds for _, when, seconds in self._stream.sent.values() if not self._is_short(when, seconds))
        assert worst < LONGEST, worst
        return worst

    def check_refused(self):
        """Nothing was refused, unless the milter was away, or short of memory."""
        wrong = [what for what, begin, end in self._stream.refused
                 if not any(begin < until + AT_RISK and end > since for since, until in self._lab.away + self._lab.short)]
        assert wrong == [], wrong[:3]

    def check_counters(self):
        """The totals equal the messages judged or exempt, each of which has a log line, except those that were reported as uncounted
        and those that check_mail found unjudged. Of the messages sent while the milter was away or just before, some may be lost, and no
        others."""
        sent = self._stream.sent
        judged = sum(" result=" in line or " exempt=" in line for line in self._lab.milter.log().splitlines())
        judged += self._lab.unlogged - self._lab.uncounted
        lost = sum(any(when + seconds > begin - AT_RISK and when < end for begin, end in self._lab.away) for _, when, seconds in sent.values())
        lost += len(self._stream.refused) if self._lab.away else 0

        def counted():
            stats = self._lab.redis.hash("mta-sts:stats")
            return stats.get("messages", 0) + stats.get("exempt", 0)
        assert judged >= len(sent) - lost - self._lab.uncounted - len(self._unjudged), (judged, len(sent), lost, len(self._unjudged))
        lost += self._lab.unreplicated
        wait_until(lambda: counted() >= judged - lost, "all messages are counted: %d judged, %d lost" % (judged, lost), 90, 0.2)
        time.sleep(0.5)		# a message counted twice would arrive now
        more = lost if self._lab.unlogged else 0
        assert judged - lost <= counted() <= judged + more, (counted(), judged, lost)

    def _is_known(self, domain):
        """Whether a probe is judged by its policy. False if Postfix refuses it, having called the milter just before it was back."""
        try:
            return self._lab.send("user@" + domain).sts.get("policy") == "enforce"
        except Refused:
            return False

    def recovered(self):
        """Returns the seconds until messages are judged by their domains' policies again, of a known and of a new domain, and
        until Redis is in use."""
        begin = time.monotonic()
        for name in (lambda: "good.test", self._lab.https_liar.fresh):
            wait_until(lambda name=name: self._is_known(name()), "policies are known again", 90)
        wait_until(lambda: all(value == 1 for name, value in self._lab.page.values().items() if name.startswith("store_up{")),
                   "Redis is in use again", 90, 0.1)
        return time.monotonic() - begin
