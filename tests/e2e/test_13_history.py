# SPDX-License-Identifier: ISC
"""Downgrades: a domain's own mail came over TLS for weeks, and now comes in plaintext."""
import datetime

import pytest

from lab.domains import Domain, policy, unpublished
from lab.stsctl import stsctl, stsctl_json
from lab.waiting import wait_until

DOMAINS = [Domain("good.test"), Domain("hosted.test", body=policy(mx=["*.mailhost.test"])), unpublished("absent.test"),
           unpublished("new.test")]
OWN = {"good.test": "mail.good.test", "absent.test": "out.absent.test", "new.test": "mx.new.test",
       "hosted.test": "smtp7.mailhost.test"}
SETTINGS = {"policy_wait": "10s", "redis_timeout": "1s"}


def key(domain):
    return "mta-sts:history:{%s}" % domain


def day(back):
    return (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=back)).strftime("%Y-%m-%d")


def give_past(lab, domain, days=15, each=2, kind="tls"):
    """Writes what the milter would have written on the days before today."""
    for back in range(1, days + 1):
        lab.redis.command("HSET", key(domain), "%s:%s" % (kind, day(back)), each)


def send(lab, domain, tls="TLSv1.3", client=None):
    """Sends a message from the domain's own client, unless another is named; returns its tags."""
    with lab.client() as session:
        session.ehlo()
        session.xclient(ADDR="192.0.2.25", NAME=client or OWN[domain])
        session.ehlo()
        if tls:
            session.starttls(tls)
            session.ehlo()
        session.mail("user@" + domain)
        session.rcpt()
        lab_id = session.data()
    return lab.mailbox.wait(lab_id).sts


def wait_counted(lab, messages):
    wait_until(lambda: lab.redis.hash("mta-sts:stats").get("messages") == messages, "all messages are counted")


@pytest.mark.core
def test_downgrade(new_lab):
    """The first message after a start is already judged; header, log, counters and stream agree."""
    lab = new_lab(DOMAINS, settings=SETTINGS)
    give_past(lab, "good.test")
    give_past(lab, "absent.test")
    tags = send(lab, "good.test", "")
    assert (tags["history"], tags["aligned"], tags["result"]) == ("downgrade", "yes", "fail")
    assert list(tags)[-1] == "history"
    assert send(lab, "absent.test", "")["history"] == "downgrade"	# whatever the domain publishes
    wait_counted(lab, 2)
    stats = lab.redis.hash("mta-sts:stats")
    assert stats["history:downgrade"] == 2 and "history:always-tls" not in stats
    assert lab.redis.hash("mta-sts:domain:{good.test}")["aligned:history:downgrade"] == 1
    entry = wait_until(lambda: lab.redis.command("XRANGE", "mta-sts:evidence", "-", "+"), "evidence is written")[0][1]
    assert dict(zip(entry[::2], entry[1::2]))["history"] == "downgrade"
    assert lab.milter.log().count(" history=downgrade ") == 2
    status, shown = stsctl_json(lab, "history", "show", "good.test")
    assert (status, shown["plaintext"]["messages"], shown["verdict"]["plaintext"]) == (0, 1, "downgrade")


def test_always_tls(new_lab):
    lab = new_lab(DOMAINS, settings=SETTINGS)
    give_past(lab, "good.test")
    assert send(lab, "good.test")["history"] == "always-tls"
    assert send(lab, "good.test", "TLSv1.2")["history"] == "always-tls"
    wait_counted(lab, 2)
    assert lab.redis.hash("mta-sts:stats")["history:always-tls"] == 2
    assert lab.redis.hash(key("good.test"))["tls:" + day(0)] == 2
    assert lab.redis.command("TTL", key("good.test")) > 59 * 86400


def test_aligned_by_mx(new_lab):
    """Whether the client is the domain's own is known only once the policy is: the history still arrives in time."""
    lab = new_lab(DOMAINS, settings=SETTINGS)
    give_past(lab, "hosted.test")
    assert send(lab, "hosted.test", "")["history"] == "downgrade"


def test_strangers(new_lab):
    """A client that is not the domain's own is not judged by its history, and neither adds to it nor spoils it."""
    lab = new_lab(DOMAINS, settings=SETTINGS)
    give_past(lab, "good.test")
    before = lab.redis.hash(key("good.test"))
    for client in ("out.other.test", "[UNAVAILABLE]", "good.test.evil.test"):
        assert "history" not in send(lab, "good.test", "", client=client)
        assert "history" not in send(lab, "good.test", client=client)
        assert "history" not in send(lab, "new.test", client=client)
    wait_counted(lab, 9)
    assert lab.redis.hash(key("good.test")) == before
    assert lab.redis.command("EXISTS", key("new.test")) == 0
    assert send(lab, "good.test")["history"] == "always-tls"
    assert send(lab, "good.test", "")["history"] == "downgrade"


def test_too_little_is_known(new_lab):
    lab = new_lab(DOMAINS, settings=SETTINGS)
    give_past(lab, "good.test", days=12)
    assert "history" not in send(lab, "good.test", "")
    assert "history" not in send(lab, "new.test", "")
    give_past(lab, "absent.test", days=30)
    give_past(lab, "absent.test", days=7, each=1, kind="plaintext")
    assert "history" not in send(lab, "absent.test", "")		# plaintext has become a habit


def test_switched_off(new_lab):
    lab = new_lab(DOMAINS, settings={**SETTINGS, "downgrade_days": "0"})
    give_past(lab, "good.test")
    before = lab.redis.hash(key("good.test"))
    assert "history" not in send(lab, "good.test", "")
    assert "history" not in send(lab, "new.test")
    wait_counted(lab, 2)
    assert lab.redis.hash(key("good.test")) == before
    assert lab.redis.command("EXISTS", key("new.test")) == 0


def test_reload_changes_the_rules(new_lab):
    lab = new_lab(DOMAINS, settings=SETTINGS)
    give_past(lab, "good.test", days=3)
    assert "history" not in send(lab, "good.test", "")
    lab.milter.write_config(downgrade_days="3", downgrade_messages="6")
    lab.milter.reload()
    assert send(lab, "good.test", "")["history"] == "downgrade"


def test_own_memory(new_lab):
    """Without Redis, a process knows what it has seen itself."""
    lab = new_lab(DOMAINS, settings={**SETTINGS, "redis": "none", "downgrade_days": "1", "downgrade_messages": "3"})
    for _ in range(3):
        assert "history" not in send(lab, "good.test")
    assert send(lab, "good.test")["history"] == "always-tls"
    assert send(lab, "good.test", "")["history"] == "downgrade"
    assert "history" not in send(lab, "good.test")
    assert stsctl(lab, "history", "show", "good.test")[0] == 3


def test_redis_away(new_lab):
    """A history in memory is used; one that is not in memory makes no downgrade, and mail goes on. Redis gets all messages later."""
    lab = new_lab(DOMAINS, settings=SETTINGS)
    give_past(lab, "good.test")
    give_past(lab, "absent.test")
    assert send(lab, "good.test")["history"] == "always-tls"
    wait_counted(lab, 1)
    lab.redis.stop()
    assert send(lab, "good.test", "")["history"] == "downgrade"
    assert "history" not in send(lab, "absent.test", "")
    lab.redis.start()
    wait_until(lambda: lab.redis.hash("mta-sts:stats").get("messages") == 3, "all messages are counted", 90, 0.3)
    assert lab.redis.hash(key("good.test"))["plaintext:" + day(0)] == 1
    assert lab.redis.hash(key("absent.test"))["plaintext:" + day(0)] == 1


def test_cleared_everywhere(new_lab):
    """Two milters: an operator's clear ends the history in both."""
    first = new_lab(DOMAINS, settings={**SETTINGS, "authserv_id": "mx1.lab.test"})
    second = new_lab(DOMAINS, settings={**SETTINGS, "authserv_id": "mx2.lab.test"}, neighbour=first)
    give_past(first, "good.test")
    labs = (first, second)
    for lab in labs:
        assert send(lab, "good.test", "")["history"] == "downgrade"
    wait_counted(first, 2)
    assert first.redis.hash(key("good.test"))["plaintext:" + day(0)] == 2
    assert stsctl(first, "history", "clear", "good.test")[0] == 0
    for lab in labs:
        wait_until(lambda lab=lab: "history" not in send(lab, "good.test", ""), "the word is heeded", 20, 0.2)
    assert stsctl_json(first, "history", "show", "good.test")[1].get("tls", {"days": 0})["days"] == 0
