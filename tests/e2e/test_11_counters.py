# SPDX-License-Identifier: ISC
"""All counters, for a known set of messages."""
from lab.domains import Domain, policy, unpublished
from lab.waiting import wait_until

DOMAINS = [Domain("good.test"), Domain("testing.test", body=policy("testing", name="testing.test")),
           unpublished("absent.test")]


OURS = Domain("rcpt.test")


def test_counters(new_lab):
    lab = new_lab(DOMAINS + [OURS], settings={"policy_wait": "10s", "local_domains": "rcpt.test"})
    with lab.client() as client:		# three messages, one session
        client.ehlo()
        client.starttls("TLSv1.3")
        client.ehlo()
        for domain in DOMAINS:
            client.mail("user@" + domain.name)
            client.rcpt()
            client.data()
    assert lab.send("user@good.test", "", ["X-MTA-STS: forged"]).sts["rcpt"] == "enforce"
    lab.send("user@testing.test", "TLSv1.2")
    wait_until(lambda: lab.redis.hash("mta-sts:stats").get("messages") == 5, "all messages are counted")
    stats = lab.redis.hash("mta-sts:stats")
    expected = {
        "messages": 5, "sessions": 3, "forged": 1, "result:pass": 3, "result:none": 1, "result:fail": 1,
        "reason:plaintext": 1, "policy:enforce": 2, "policy:testing": 2, "policy:absent": 1, "tls:TLSv1.3": 3,
        "tls:TLSv1.2": 1, "tls:none": 1, "aligned:unknown": 5, "rcpt:enforce": 5}
    assert {name: stats.get(name) for name in expected} == expected
    good = lab.redis.hash("mta-sts:domain:{good.test}")
    assert (good["messages"], good["result:pass"], good["result:fail"]) == (2, 1, 1)
    assert good["first_seen"] <= good["last_plaintext"] <= good["last_seen"]
    assert set(lab.redis.command("ZRANGE", "mta-sts:domains", 0, -1)) == {"good.test", "testing.test"}	# absent.test came once
    for key in lab.redis.command("KEYS", "mta-sts:*"):
        if key not in ("mta-sts:stats", "mta-sts:domains", "mta-sts:evidence"):
            assert lab.redis.command("TTL", key) > 0, key + " has no expiry"


def test_evidence(new_lab):
    lab = new_lab(DOMAINS, settings={"policy_wait": "10s"})
    lab.send("user@good.test", "TLSv1.3")
    wait_until(lambda: lab.redis.command("XLEN", "mta-sts:evidence") == 1, "the evidence is written")
    entry = lab.redis.command("XRANGE", "mta-sts:evidence", "-", "+")[0][1]
    fields = dict(zip(entry[::2], entry[1::2]))
    for name, value in {"domain": "good.test", "result": "pass", "policy": "enforce", "tls": "TLSv1.3",
                        "client": "127.0.0.0/24"}.items():
        assert fields[name] == value
    assert fields["queue_id"] in lab.postfix.log()


def test_invented_domains(new_lab):
    """A flood of domains that publish nothing: each message is in the totals, none gets keys of its own; a domain's second
    message adds its first one, too."""
    lab = new_lab([unpublished("invented.test"), Domain("good.test")],
                  settings={"policy_wait": "100ms", "domain_stats_max": "100"})
    count = 30
    with lab.client() as client:
        client.ehlo()
        for number in range(count):
            client.mail("x@n%d.invented.test" % number)
            client.rcpt()
            client.data()
        client.mail("x@n7.invented.test")
        client.rcpt()
        client.data()
        client.mail("x@good.test")
        client.rcpt()
        client.data()
    wait_until(lambda: lab.redis.hash("mta-sts:stats").get("messages") == count + 2, "all messages are counted")
    keys = lab.redis.command("KEYS", "mta-sts:domain:{*}")
    assert set(keys) <= {"mta-sts:domain:{n7.invented.test}", "mta-sts:domain:{good.test}"}
    assert lab.redis.hash("mta-sts:domain:{n7.invented.test}")["messages"] == 2
    lab.milter.stop()
    assert lab.redis.hash("mta-sts:domain:{other}")["messages"] >= count - 1
    assert lab.redis.hash("mta-sts:stats")["messages"] == count + 2
    lab.milter.start()
