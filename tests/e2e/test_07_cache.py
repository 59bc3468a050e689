# SPDX-License-Identifier: ISC
"""What is cached, for how long, and what changes it."""
import time

from lab.domains import Domain, policy, unpublished
from lab.waiting import wait_until

OLD, NEW = "20260101T1", "20260202T2"


def record(policy_id):
    return ["v=STSv1; id=%s;" % policy_id]


def tags_of(lab, domain="good.test"):
    return lab.send("user@" + domain).sts


def test_changed_id_is_picked_up(new_lab):
    """A new id in DNS makes the milter fetch the new policy, long before max_age or refresh_interval expires."""
    lab = new_lab([Domain("good.test")], settings={"policy_wait": "10s", "recheck_interval": "1s"})
    assert tags_of(lab)["id"] == OLD
    lab.https.set_policy("good.test", policy("testing", name="good.test"))
    lab.dns.set(Domain("good.test", txt=record(NEW)))
    lab.dns.reload()

    def changed():
        tags = tags_of(lab)
        return (tags["id"], tags["policy"]) == (NEW, "testing")
    wait_until(changed, "the new policy is used", 30, 0.3)
    assert lab.https.requests("good.test") == 2


def test_unchanged_id_is_not_fetched(new_lab):
    lab = new_lab([Domain("good.test")], settings={"policy_wait": "10s", "recheck_interval": "1s"})
    deadline = time.monotonic() + 4
    while time.monotonic() < deadline:
        assert tags_of(lab)["id"] == OLD
        time.sleep(0.3)
    assert lab.https.requests("good.test") == 1


def test_policy_outlives_its_servers(new_lab):
    """RFC 8461 section 5.1: a live policy stays in force while the web server is down, with a new id in DNS whose policy cannot
    be fetched, and when the record is gone. It also survives a restart of the milter, in Redis."""
    lab = new_lab([Domain("good.test")], settings={"policy_wait": "10s", "recheck_interval": "1s"})
    assert tags_of(lab)["policy"] == "enforce"
    lab.https.stop()
    lab.dns.set(Domain("good.test", txt=record(NEW)))
    lab.dns.reload()
    for _ in range(8):
        time.sleep(0.3)		# time for several re-checks to do harm
        tags = tags_of(lab)
        assert (tags["result"], tags["policy"], tags["id"]) == ("pass", "enforce", OLD)
    lab.milter.restart()
    assert tags_of(lab)["id"] == OLD
    lab.dns.set(unpublished("good.test"))
    lab.dns.reload()
    for _ in range(8):
        time.sleep(0.3)
        assert tags_of(lab)["policy"] == "enforce"


def test_redis_keeps_policies_with_an_expiry(new_lab):
    lab = new_lab([Domain("good.test"), unpublished("absent.test")], settings={"policy_wait": "10s"})
    assert tags_of(lab)["policy"] == "enforce"
    assert tags_of(lab, "absent.test")["policy"] == "absent"
    key = "mta-sts:policy:{good.test}"
    wait_until(lambda: lab.redis.command("EXISTS", key), "the policy is in Redis")
    assert lab.redis.hash(key)["mode"] == "enforce"
    assert lab.redis.command("TTL", key) > 0
    wait_until(lambda: lab.redis.command("EXISTS", "mta-sts:policy:{absent.test}"), "the absence is in Redis")
    assert lab.redis.command("TTL", "mta-sts:policy:{absent.test}") > 0


def test_garbage_in_redis_is_a_miss(new_lab):
    lab = new_lab([Domain("good.test"), Domain("other.test")], settings={"policy_wait": "10s"})
    lab.redis.command("HSET", "mta-sts:policy:{good.test}", "schema", "1", "state", "policy", "text", "rubbish",
                      "expires", "99999999999999999999")
    lab.redis.command("SET", "mta-sts:policy:{other.test}", "not even a hash")
    assert tags_of(lab)["policy"] == "enforce"
    assert tags_of(lab, "other.test")["policy"] == "enforce"
