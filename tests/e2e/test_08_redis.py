# SPDX-License-Identifier: ISC
"""Redis stops, hangs and comes back while mail flows: no message is refused, delayed or miscounted."""
import threading
import time

import pytest

from lab.domains import Domain, policy, unpublished
from lab.waiting import wait_until

DOMAINS = [Domain("good.test"), Domain("testing.test", body=policy("testing", name="testing.test")),
           unpublished("absent.test")]
pytestmark = pytest.mark.core	# three threads and a circuit breaker: a case for ThreadSanitizer

# policy_wait is 2 s; on a busy machine a whole session may take some more. A message that waited for Redis, or Postfix
# for the milter, would take longer than this.
LONGEST = 15.0
TROUBLE = 3.0


class Traffic:
    """Clients that send one message after another until told to stop."""

    def __init__(self, lab, clients=3):
        self._lab = lab
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self.sent = []			# (domain, seconds)
        self.failures = []
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
        turn = number
        while not self._stop.is_set():
            turn += 1
            domain = DOMAINS[turn % len(DOMAINS)].name
            begin = time.monotonic()
            try:
                with self._lab.client() as client:
                    client.ehlo()
                    client.mail("user%d@%s" % (turn, domain))
                    client.rcpt()
                    client.data()
            except Exception as failure:	# pylint: disable=broad-except
                self.failures.append(failure)
                return
            with self._lock:
                self.sent.append((domain, time.monotonic() - begin))

    def flow(self, count):
        """Waits until that many more messages have gone through; fails if mail stands still."""
        goal = len(self.sent) + count
        wait_until(lambda: len(self.sent) >= goal or self.failures, "%d more messages" % count, 60)
        assert not self.failures


    def flow_for(self, seconds):
        """Long enough for time-outs, retries and back-offs to occur."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.flow(1)


def check_counters(lab, sent):
    """The totals equal the messages judged, and so do the counters of a domain and of the day. The stream may lack entries
    that were in transit when Redis stopped, but has none twice."""
    def stats(key):
        return lab.redis.hash("mta-sts:" + key).get("messages", 0)
    wait_until(lambda: stats("stats") >= len(sent), "all messages are counted", 60, 0.2)
    assert stats("stats") == len(sent)
    for domain in DOMAINS:
        assert stats("domain:{%s}" % domain.name) == sum(1 for name, _ in sent if name == domain.name)
    days = [key for key in lab.redis.command("KEYS", "mta-sts:stats:????-??-??")]
    assert sum(lab.redis.hash(day)["messages"] for day in days) == len(sent)
    entries = [dict(zip(fields[::2], fields[1::2])) for _, fields in lab.redis.command("XRANGE", "mta-sts:evidence", "-", "+")]
    # Postfix reuses short queue ids, after a second at the earliest.
    messages = {(entry["queue_id"], entry["ts"]) for entry in entries}
    assert len(entries) == len(messages) <= len(sent)


def stop_and_start(lab, traffic):
    lab.redis.stop()
    traffic.flow_for(TROUBLE)
    lab.redis.start()


def crash_and_start(lab, traffic):
    lab.redis.process.kill()
    traffic.flow_for(TROUBLE)
    lab.redis.start()


def hang_and_go_on(lab, traffic):
    lab.redis.process.suspend()
    traffic.flow_for(TROUBLE)
    lab.redis.process.resume()


def restart_several_times(lab, traffic):
    for _ in range(5):
        lab.redis.process.kill()
        lab.redis.start()
        traffic.flow(3)


@pytest.mark.parametrize("trouble", [stop_and_start, crash_and_start, hang_and_go_on, restart_several_times])
def test_redis_in_trouble(new_lab, trouble):
    lab = new_lab(DOMAINS)
    with Traffic(lab) as traffic:
        traffic.flow(10)
        trouble(lab, traffic)
        traffic.flow(10)
    assert not traffic.failures
    assert max(seconds for _, seconds in traffic.sent) < LONGEST
    check_counters(lab, traffic.sent)


def test_redis_away_from_the_start(new_lab):
    """Mail is judged without Redis, and counted when Redis appears."""
    lab = new_lab(DOMAINS)
    lab.milter.stop()
    lab.redis.stop()
    lab.milter.start()
    sent = []
    for domain in DOMAINS * 2:		# a single message would not give absent.test counters of its own
        assert lab.send("user@" + domain.name).sts["policy"] in ("enforce", "testing", "absent")
        sent.append((domain.name, 0))
    lab.redis.start()
    check_counters(lab, sent)


def test_no_redis_at_all(new_lab):
    lab = new_lab(DOMAINS, settings={"redis": "none"})
    assert lab.send("user@good.test").sts["result"] == "pass"
    assert lab.send("user@good.test").sts["result"] == "pass"
    assert lab.https.requests("good.test") == 1


def test_two_milters_share_what_one_has_fetched(new_lab):
    """A second process finds in Redis what the first one fetched."""
    lab = new_lab(DOMAINS)
    assert lab.send("user@good.test").sts["result"] == "pass"
    wait_until(lambda: lab.redis.command("EXISTS", "mta-sts:policy:{good.test}"), "the policy is in Redis")
    lab.milter.restart()
    assert lab.send("user@good.test").sts["result"] == "pass"
    assert lab.https.requests("good.test") == 1
