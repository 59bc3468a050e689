# SPDX-License-Identifier: ISC
"""Mail that a real Postfix refuses, holds or only marks: which mail, at which stage, and what is recorded about it."""
import pytest
from enforcing import FREE, LAX, NEEDED, STRICT, enforcing, evidence, plaintext, refuse, stats, wait_counted


@pytest.mark.core
def test_sender_rejected_at_rcpt(new_lab):
    """postmaster and abuse are accepted, and their copy is marked."""
    lab = enforcing(new_lab, sender_enforce_action="reject", sender_testing_action="tempfail")
    with plaintext(lab, "user@good.test") as client:
        refuse(client, "RCPT TO:<user@%s>" % FREE, 550, NEEDED % "good.test")
        client.rcpt("PostMaster@" + FREE)
        client.rcpt("abuse@" + FREE)
        message = lab.mailbox.wait(client.data())
    assert (message.sts["result"], message.sts["action"]) == ("fail", "accept")
    with plaintext(lab, "user@testing.test") as client:
        refuse(client, "RCPT TO:<user@%s>" % FREE, 450, "4" + (NEEDED % "testing.test")[1:])
    wait_counted(lab, 2)
    assert [(entry["action"], entry["cause"], entry["queue_id"] != "") for entry in evidence(lab)] == [
        ("reject", "sender-policy", True), ("tempfail", "sender-policy", False)]
    counters = stats(lab)
    assert (counters["action:reject"], counters["action:tempfail"], counters["refused"]) == (1, 1, 1)
    assert counters["cause:sender-policy"] == 2
    assert "milter-reject: RCPT" in lab.postfix.log()


@pytest.mark.core
def test_sender_rejected_at_the_end(new_lab):
    """The policy arrives after RCPT TO."""
    lab = enforcing(new_lab, sender_enforce_action="reject")
    with plaintext(lab, "user@late.test") as client:
        client.rcpt("user@" + FREE)
        client.command("DATA", "354")
        lab.faults.answer_late()
        refuse(client, "Subject: late\r\n\r\nHello.\r\n.", 550, NEEDED % "late.test")
    wait_counted(lab, 1)
    assert evidence(lab)[0]["action"] == "reject"
    assert stats(lab)["refused"] == 1


@pytest.mark.core
def test_one_recipient_of_several(new_lab):
    """Each recipient by what its own domain publishes; the sender publishes nothing."""
    lab = enforcing(new_lab, recipient_enforce_action="reject", recipient_testing_action="tempfail")
    with plaintext(lab) as client:
        client.rcpt("user@" + FREE)
        refuse(client, "RCPT TO:<user@%s>" % STRICT, 550, NEEDED % STRICT)
        refuse(client, "RCPT TO:<user@%s>" % LAX, 450, "4" + (NEEDED % LAX)[1:])
        message = lab.mailbox.wait(client.data())
    # a refused recipient is no recipient of this message
    assert (message.sts["result"], message.sts["rcpt"], message.sts["action"]) == ("none", "absent", "accept")
    wait_counted(lab, 1)
    entry = evidence(lab)[0]
    assert (entry["rcpt"], entry["rcpts"], entry["action"]) == ("absent", FREE + ":absent", "reject")
    assert sorted(entry["refused_rcpts"].split(",")) == [LAX + ":testing", STRICT + ":enforce"]
    counters = stats(lab)
    assert (counters["rcpt:absent"], counters["rcpt:enforce"]) == (1, 3)	# the three are those from enforcing()
    assert lab.send("user@absent.test").sts["action"] == "accept"


def test_pipelined(new_lab):
    """A client that pipelines gets each reply in its place."""
    lab = enforcing(new_lab, recipient_enforce_action="reject")
    with lab.client() as client:
        client.ehlo()
        client.send("\r\n".join(["MAIL FROM:<user@absent.test>"] + [
            "RCPT TO:<user@%s>" % domain for domain in (STRICT, FREE, STRICT, LAX)] + ["DATA"]).encode())
        assert [client.answer()[:3] for _ in range(6)] == ["250", "550", "250", "550", "250", "354"]
        client.command("X-Lab-Id: 1\r\n\r\nHello.\r\n.")
        # and a transaction whose recipients are all refused
        client.send(("MAIL FROM:<user@absent.test>\r\nRCPT TO:<user@%s>\r\nDATA" % STRICT).encode())
        assert [client.answer()[:3] for _ in range(3)] == ["250", "550", "554"]
    assert lab.mailbox.wait("1").sts["action"] == "accept"
    wait_counted(lab, 2)
    assert stats(lab)["refused"] == 1


def test_refused_at_rcpt_is_counted_once(new_lab):
    """However a transaction ends whose recipients were all refused."""
    lab = enforcing(new_lab, recipient_enforce_action="reject")

    def attempt():
        client = plaintext(lab)
        for _ in range(3):
            refuse(client, "RCPT TO:<user@%s>" % STRICT, 550, NEEDED % STRICT)
        return client
    client = attempt()
    client.rset()
    client.mail("user@absent.test")
    client.rcpt("user@" + FREE)
    lab.mailbox.wait(client.data())
    client.quit()
    attempt().quit()
    client = attempt()
    client.ehlo()
    client.quit()
    attempt().close()
    wait_counted(lab, 5)
    counters = stats(lab)
    assert (counters["refused"], counters["action:reject"]) == (4, 4)
    assert counters["sessions"] == 1 + 4
    assert lab.milter.log().count(" action=reject ") == 4


@pytest.mark.core
def test_quarantine(new_lab):
    """The message is in Postfix' hold queue, with its header; our log says why."""
    lab = enforcing(new_lab, sender_enforce_action="quarantine", recipient_testing_action="quarantine")
    with plaintext(lab, "user@good.test") as client:
        client.rcpt("user@" + FREE)
        client.data()
    with plaintext(lab) as client:
        client.rcpt("user@" + LAX)
        client.data()
    with plaintext(lab, "user@good.test") as client:
        client.rcpt("abuse@" + FREE)
        lab.mailbox.wait(client.data())
    held = lab.postfix.queue()
    assert [(message["queue_name"], message["sender"]) for message in sorted(held, key=lambda m: m["sender"])] == [
        ("hold", "user@absent.test"), ("hold", "user@good.test")]
    wait_counted(lab, 3)
    ids = {entry["queue_id"]: entry["cause"] for entry in evidence(lab) if entry["action"] == "quarantine"}
    assert ids == {message["queue_id"]: "sender-policy" if "good" in message["sender"] else "recipient-policy"
                   for message in held}
    assert all("%s: result=" % queue_id in lab.milter.log() for queue_id in ids)
    assert "refused" not in stats(lab)


@pytest.mark.core
def test_dry_run(new_lab):
    lab = enforcing(new_lab, sender_enforce_action="reject", recipient_enforce_action="tempfail", dry_run="yes")
    with plaintext(lab, "user@good.test") as client:
        client.rcpt("user@" + FREE)
        assert lab.mailbox.wait(client.data()).sts["action"] == "would-reject"
        client.mail("user@absent.test")
        client.rcpt("user@" + STRICT)
        assert lab.mailbox.wait(client.data()).sts["action"] == "would-tempfail"
    wait_counted(lab, 2)
    assert (stats(lab)["action:would-reject"], stats(lab)["action:would-tempfail"]) == (1, 1)
