# SPDX-License-Identifier: ISC
"""Two milters on one Redis: what one learns, or an operator purges, reaches the other, sooner or later."""
import time

import pytest

from lab.domains import Domain, policy, unpublished
from lab.stsctl import stsctl, stsctl_json
from lab.waiting import wait_until

OLD, NEW = "20260101T1", "20260202T2"
DOMAINS = [Domain("good.test"), Domain("other.test"), unpublished("absent.test")]
pytestmark = pytest.mark.core	# the subscription: one more thread that touches shared data

SLOW = {"policy_wait": "10s", "recheck_interval": "1h", "redis_timeout": "1s"}


@pytest.fixture
def fleet(new_lab):
    """Two labs, subscribed, whose milters would notice no change by themselves."""
    first = new_lab(DOMAINS, settings={**SLOW, "authserv_id": "mx1.lab.test"})
    second = new_lab(DOMAINS, settings={**SLOW, "authserv_id": "mx2.lab.test"}, neighbour=first)
    wait_until(lambda: subscribers(first) == 2, "both milters listen")
    return first, second


def subscribers(lab):
    answer = lab.redis.command("PUBSUB", "NUMSUB", "mta-sts:invalidate")
    return dict(zip(answer[::2], answer[1::2]))["mta-sts:invalidate"] if isinstance(answer, list) \
        else answer["mta-sts:invalidate"]


def seen_by(lab, domain="good.test"):
    tags = lab.send("user@" + domain).sts
    return tags["policy"], tags.get("id")


def publish(lab, mode, policy_id):
    """The domain changes its policy. No milter asks before the re-check is due, or until it is told."""
    lab.https.set_policy("good.test", policy(mode, name="good.test"))
    lab.dns.set(Domain("good.test", txt=["v=STSv1; id=%s;" % policy_id]))
    lab.dns.reload()
    time.sleep(1.1)		# Redis keeps the later fetch, compared in whole seconds


def know_the_old(fleet):
    for lab in fleet:
        assert seen_by(lab) == ("enforce", OLD)
    wait_until(lambda: fleet[0].redis.command("EXISTS", "mta-sts:policy:{good.test}"), "the policy is shared")


def test_purge_reaches_both(fleet):
    know_the_old(fleet)
    publish(fleet[0], "testing", NEW)
    for lab in fleet:
        assert seen_by(lab) == ("enforce", OLD)
    assert stsctl(fleet[0], "cache", "purge", "good.test")[0] == 0
    for lab in fleet:
        wait_until(lambda lab=lab: seen_by(lab) == ("testing", NEW), "the purge is heeded", 20, 0.2)
    assert fleet[0].https.requests("good.test") == 2	# by one of them, for both


def test_purge_that_was_missed(fleet):
    """The second milter's subscription is killed while it is suspended and cannot notice, and then a domain is purged."""
    know_the_old(fleet)
    publish(fleet[0], "testing", NEW)
    fleet[1].milter.process.suspend()
    try:
        fleet[0].redis.command("CLIENT", "KILL", "TYPE", "pubsub")
        assert stsctl(fleet[0], "cache", "purge", "good.test")[0] == 0
    finally:
        fleet[1].milter.process.resume()
    for lab in fleet:
        wait_until(lambda lab=lab: seen_by(lab) == ("testing", NEW), "the purge is caught up with", 20, 0.2)


def test_purge_while_redis_restarts(fleet):
    """Redis restarts, and a domain is purged: both milters learn of it when they reconnect."""
    know_the_old(fleet)
    publish(fleet[0], "testing", NEW)
    fleet[0].redis.stop()
    fleet[0].redis.start()
    assert stsctl(fleet[0], "cache", "purge", "good.test")[0] == 0
    for lab in fleet:
        wait_until(lambda lab=lab: seen_by(lab) == ("testing", NEW), "the purge is caught up with", 60, 0.3)


def test_changed_policy_reaches_the_other(new_lab):
    """One node re-checks every second and stores the change; the other would look only in an hour."""
    first = new_lab(DOMAINS, settings={**SLOW, "recheck_interval": "1s"})
    second = new_lab(DOMAINS, settings={**SLOW, "authserv_id": "mx2.lab.test"}, neighbour=first)
    know_the_old((first, second))
    publish(first, "testing", NEW)
    wait_until(lambda: seen_by(first) == ("testing", NEW), "the first node has noticed", 30, 0.3)
    wait_until(lambda: seen_by(second) == ("testing", NEW), "the second has heard", 20, 0.2)
    assert first.https.requests("good.test") == 2


def test_refresh(fleet):
    know_the_old(fleet)
    publish(fleet[0], "testing", NEW)
    status, entry = stsctl_json(fleet[1], "cache", "refresh", "good.test")
    assert (status, entry["mode"], entry["id"]) == (0, "testing", NEW)
    for lab in fleet:
        wait_until(lambda lab=lab: seen_by(lab) == ("testing", NEW), "the refreshed policy is used", 20, 0.2)


def test_nonsense_on_the_channel(fleet):
    know_the_old(fleet)
    for word in ("", "*", "GOOD.test", "a" * 300, "good.test\r\nx", "..", "absent.test"):
        fleet[0].redis.command("PUBLISH", "mta-sts:invalidate", word)
    assert subscribers(fleet[0]) == 2
    requests = fleet[0].https.requests("good.test")
    assert [seen_by(lab) for lab in fleet] == [("enforce", OLD)] * 2
    assert fleet[0].https.requests("good.test") == requests


def test_nodes(fleet):
    for lab, name in zip(fleet, ("mx1.lab.test", "mx2.lab.test")):
        node = wait_until(lambda lab=lab, name=name: lab.redis.hash("mta-sts:node:{%s}" % name), name + " shows", 30, 0.2)
        assert node["version"] and 0 < node["started"] <= node["seen"] <= time.time() + 1
        assert node["pending_messages"] >= 0
        assert lab.redis.command("TTL", "mta-sts:node:{%s}" % name) > 0
    assert set(fleet[0].redis.command("ZRANGE", "mta-sts:nodes", 0, -1)) == {"mx1.lab.test", "mx2.lab.test"}
    assert fleet[0].redis.command("TTL", "mta-sts:nodes") > 0


# ---- the tool by itself ----

def test_lookup(fleet):
    lab = fleet[0]
    status, found = stsctl_json(lab, "lookup", "good.test")
    assert status == 0 and found["source"] == "network"
    assert [step["step"] for step in found["steps"]] == ["redis", "txt", "fetch", "parse"]
    assert [step["outcome"] for step in found["steps"]] == ["miss", "valid", "ok", "valid"]
    assert (found["result"]["mode"], found["result"]["id"]) == ("enforce", OLD)
    assert not lab.redis.command("EXISTS", "mta-sts:policy:{good.test}")	# looking does not create the key
    know_the_old(fleet)
    status, found = stsctl_json(lab, "lookup", "Good.Test.")
    assert (status, found["source"], len(found["steps"])) == (0, "store", 1)
    status, found = stsctl_json(lab, "lookup", "--network", "good.test")
    assert (status, found["source"]) == (0, "network")
    status, found = stsctl_json(lab, "lookup", "absent.test")
    assert (status, found["result"]["state"]) == (1, "absent")
    assert stsctl(lab, "lookup", "not a domain")[0] == 2
    assert stsctl(lab, "lookup")[0] == 2
    status, text = stsctl(lab, "lookup", "good.test")
    assert status == 0 and "mode: enforce" in text and "source: store" in text


def test_cache_commands(fleet):
    lab = fleet[0]
    assert stsctl_json(lab, "cache", "list") == (0, {"domains": [], "more": False})
    assert stsctl(lab, "cache", "show", "good.test")[0] == 1
    for domain in DOMAINS:
        lab.send("user@" + domain.name)
        key = "mta-sts:policy:{%s}" % domain.name
        wait_until(lambda key=key: lab.redis.command("EXISTS", key), "it is stored")
    lab.redis.command("SET", "mta-sts:policy:{rubbish.test}", "not a hash")
    lab.redis.command("SET", "mta-sts:policy:{Not a domain}", "x")
    status, listed = stsctl_json(lab, "cache", "list")
    assert status == 0
    assert [entry["domain"] for entry in listed["domains"]] == ["absent.test", "good.test", "other.test"]
    assert stsctl(lab, "cache", "list", "--map") == (0, "good.test MTA_STS\nother.test MTA_STS\n")
    status, listed = stsctl_json(lab, "cache", "list", "--limit", "1")
    assert (status, listed["more"]) == (0, True) and len(listed["domains"]) <= 1	# or none: the rubbish keys may fill the limit
    status, entry = stsctl_json(lab, "cache", "show", "good.test")
    assert (status, entry["mode"], entry["mx"]) == (0, "enforce", ["mail.good.test"])
    assert stsctl_json(lab, "cache", "purge", "good.test") == (0, {"domain": "good.test", "purged": True})
    assert stsctl_json(lab, "cache", "purge", "good.test") == (1, {"domain": "good.test", "purged": False})
    for words in (("cache",), ("cache", "empty"), ("cache", "show"), ("cache", "list", "x"),
                  ("cache", "list", "--limit", "0"), ("cache", "show", "good.test", "--map")):
        assert stsctl(lab, *words)[0] == 2, words


def test_tool_without_redis(fleet):
    lab = fleet[0]
    lab.redis.stop()
    for words in (("cache", "list"), ("cache", "show", "good.test"), ("cache", "purge", "good.test"),
                  ("cache", "refresh", "good.test")):
        assert stsctl(lab, *words)[0] == 3, words
    status, found = stsctl_json(lab, "lookup", "good.test")
    assert (status, found["steps"][0]["outcome"], found["source"]) == (0, "unavailable", "network")
    lab.redis.start()
