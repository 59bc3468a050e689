# SPDX-License-Identifier: ISC
"""Remembered facts count, too: a policy not confirmed recently, a client that used TLS before."""
from enforcing import FREE, NEEDED, enforcing, evidence, plaintext, refuse, wait_counted

from lab.stsctl import stsctl_json
from lab.waiting import wait_until

HOURS = 3 * 3600


def age(lab, domain):
    """Ages the policy in Redis by some hours; the milter must be stopped. Returns when it was then last checked."""
    key = "mta-sts:policy:{%s}" % domain
    old = {field: lab.redis.hash(key)[field] - HOURS for field in ("fetched", "checked", "expires")}
    for field, value in old.items():
        lab.redis.command("HSET", key, field, value)
    return old["checked"]


def test_id_that_was_not_confirmed(new_lab):
    """The lookup itself asks DNS, which confirms the id."""
    lab = enforcing(new_lab, sender_enforce_action="reject")
    lab.milter.stop()
    before = age(lab, "good.test")
    lab.milter.start()

    def attempt():
        with plaintext(lab, "user@good.test") as client:
            client.command("RCPT TO:<user@%s>" % FREE, "")
            return client.last[:3]
    wait_until(lambda: attempt() == "550", "the id is confirmed, and mail is refused for good")
    wait_until(lambda: lab.redis.hash("mta-sts:policy:{good.test}")["checked"] > before, "Redis knows it, too")


def test_tempfail_until_confirmed(new_lab):
    """DNS is down, and the policy is still cached: good enough for a temporary refusal, not for a permanent one."""
    lab = enforcing(new_lab, sender_enforce_action="reject")
    lab.milter.stop()
    lab.dns.stop()
    age(lab, "good.test")
    lab.milter.start()
    wanted = "4" + (NEEDED % "good.test")[1:]
    with plaintext(lab, "user@good.test") as client:
        client.command("RCPT TO:<user@%s>" % FREE, "")
        if client.last.startswith("250"):	# Redis had not answered in time
            client.command("DATA", "354")
            refuse(client, "Subject: x\r\n\r\nHello.\r\n.", 450, wanted)
        else:
            assert client.last == "450 " + wanted
    wait_until(lambda: "action=tempfail cause=sender-policy waived=unconfirmed" in lab.milter.log(), "it is logged why")


def test_downgrade(new_lab):
    """Plaintext from a client whose domain's mail came over TLS before."""
    lab = enforcing(new_lab, downgrade_action="reject", downgrade_days="1", downgrade_messages="2")

    def session(tls):
        client = lab.client()
        client.ehlo()
        client.xclient(ADDR="192.0.2.25", NAME="mail.absent.test")
        client.ehlo()
        if tls:
            client.starttls()
            client.ehlo()
        client.mail("user@absent.test")
        return client
    for _ in range(2):
        with session(True) as client:
            client.rcpt("user@" + FREE)
            lab.mailbox.wait(client.data())
    with session(False) as client:
        refuse(client, "RCPT TO:<user@%s>" % FREE, 550, NEEDED % "absent.test")
    with plaintext(lab) as client:		# not the domain's own client
        client.rcpt("user@" + FREE)
        lab.mailbox.wait(client.data())
    wait_counted(lab, 4)
    refused = [entry for entry in evidence(lab) if entry["action"] == "reject"]
    assert [(entry["history"], entry["cause"]) for entry in refused] == [("downgrade", "downgrade")]
    # refused mail is not in the history
    wait_until(lambda: stsctl_json(lab, "history", "show", "absent.test")[1]["tls"]["messages"] == 2, "the history is written")
    assert stsctl_json(lab, "history", "show", "absent.test")[1]["plaintext"]["messages"] == 0
