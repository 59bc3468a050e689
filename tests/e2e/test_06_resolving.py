# SPDX-License-Identifier: ISC
"""Lookups: time limits, forbidden addresses, and one lookup for many messages."""
import re
import time
from concurrent.futures import ThreadPoolExecutor

from lab.domains import FAULTS, Domain

# Far above any wait that the settings allow, far below Postfix' time-outs: a busy machine does not fail the test.
SLACK = 12.0


def timed_send(lab, sender):
    """Returns (tags, seconds that the session took)."""
    begin = time.monotonic()
    with lab.client() as client:
        client.ehlo()
        client.mail(sender)
        client.rcpt()
        lab_id = client.data()
    seconds = time.monotonic() - begin
    return lab.mailbox.wait(lab_id).sts, seconds


def test_dns_does_not_answer(new_lab):
    lab = new_lab([Domain("good.test")], settings={"policy_wait": "10s", "dns_timeout": "500ms"})
    lab.milter.restart(dns_servers="127.0.0.1:%d" % lab.black_hole.port)
    tags, _ = timed_send(lab, "user@good.test")
    assert (tags["result"], tags["reason"], tags["policy"]) == ("temperror", "dns-timeout", "unknown")


def test_pending(new_lab):
    """A hanging server delays no message beyond policy_wait; its late answer serves the next message."""
    lab = new_lab([Domain("hang.test", address=FAULTS, fault="hang")],
                  settings={"policy_wait": "300ms", "fetch_timeout": "20s"})
    tags, seconds = timed_send(lab, "user@hang.test")
    assert (tags["result"], tags["reason"], tags["policy"]) == ("temperror", "pending", "unknown")
    assert seconds < SLACK
    lab.milter.restart(fetch_timeout="1s")
    deadline = time.monotonic() + 30
    while tags["reason"] == "pending" and time.monotonic() < deadline:
        tags, _ = timed_send(lab, "user@hang.test")
    assert tags["reason"] == "fetch-timeout"


def test_private_addresses_are_refused(new_lab):
    lab = new_lab([Domain("good.test")], settings={"policy_wait": "10s", "allow_private_addresses": "no"})
    tags, _ = timed_send(lab, "user@good.test")
    assert (tags["result"], tags["reason"]) == ("permerror", "fetch-refused")
    assert lab.https.requests("good.test") == 0


def test_one_fetch_for_many_messages(new_lab):
    """Single flight, then the cache: many messages at once, and more later, cost one request."""
    lab = new_lab([Domain("good.test")], settings={"policy_wait": "10s"})
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: lab.send("user%d@good.test" % n), range(24)))
    assert {answer.sts["policy"] for answer in answers} == {"enforce"}
    assert lab.send("user@good.test").sts["policy"] == "enforce"
    assert lab.https.requests("good.test") == 1


def test_who_fetches(new_lab):
    """The operator of a policy server finds in the log whom to ask."""
    lab = new_lab([Domain("good.test")], settings={"policy_wait": "10s", "user_agent_contact": "mailto:postmaster@rcpt.test"})
    assert lab.send("user@good.test").sts["policy"] == "enforce"
    assert re.search(r'"mta-sts-milter/[0-9.]+ \(\+mailto:postmaster@rcpt\.test\)"$', lab.https.log(), re.MULTILINE)
