# SPDX-License-Identifier: ISC
"""Exceptions: mail to addresses that must stay reachable, and senders that enforcement does not apply to."""
import pytest

from enforcing import DOMAINS, FREE, LAX, NEEDED, STRICT, enforcing, evidence, plaintext, refuse, wait_counted

from lab.domains import Domain
from lab.smtp_client import Refused
from lab.stsctl import stsctl_json
from lab.waiting import wait_until


def test_tls_reports_are_never_refused(new_lab):
    """A report that our TLS is broken comes in plaintext: it is accepted from any sender, and whatever a rule says of the domain."""
    lab = enforcing(new_lab, sender_enforce_action="reject", recipient_enforce_action="reject", report_addresses="rua@%s tls-reports" % LAX,
                    rules=["rcpt:%s tls=required action=reject" % LAX])
    with plaintext(lab, "user@good.test") as client:
        refuse(client, "RCPT TO:<user@%s>" % STRICT, 550, NEEDED % STRICT)
        refuse(client, "RCPT TO:<rua@%s>" % STRICT, 550, NEEDED % STRICT)
    with plaintext(lab, "user@good.test") as client:
        for address in ("TLS-Reports@" + STRICT, "tls-reports@" + LAX, "rua@" + LAX):
            client.rcpt(address)
        message = lab.mailbox.wait(client.data())
    assert message.sts["action"] == "accept"
    wait_counted(lab, 2)
    assert sorted(evidence(lab)[1]["rcpts"].split(",")) == [LAX + ":testing:spared", STRICT + ":enforce:spared"]
    _, found = stsctl_json(lab, "simulate", "-o", "sender_enforce_action=reject", "-o", "recipient_enforce_action=reject")
    assert found["messages"] == 5 and found["actions"]["reject"] == 1, "the first one alone"


@pytest.mark.parametrize("action", ["tempfail", "quarantine"])
def test_tls_reports_are_never_held_up(new_lab, action):
    """Nor tempfailed or held, by a setting or a rule, nor with several report addresses in one mail."""
    lab = enforcing(new_lab, sender_enforce_action=action, sender_testing_action=action, recipient_enforce_action=action,
                    recipient_testing_action=action, rules=["good.test tls=required action=" + action])
    for sender in ("user@good.test", "user@testing.test", ""):
        with plaintext(lab, sender) as client:
            for address in ("tls-reports@" + STRICT, "tlsrpt@" + LAX, "smtp-tls-reports@" + FREE):
                client.rcpt(address)
            message = lab.mailbox.wait(client.data())
        assert message.sts["action"] == "accept", message.sts


def test_published_report_addresses_are_never_refused(new_lab):
    """The rua addresses that our own domain publishes need no setting."""
    rua = "v=TLSRPTv1; rua=mailto:od%%64.reports@%s?subject=x,mailto:reports@elsewhere.test" % STRICT
    domains = [Domain(STRICT, tlsrpt=(rua,)) if domain.name == STRICT else domain for domain in DOMAINS]
    lab = enforcing(new_lab, domains, recipient_enforce_action="reject")

    def is_accepted():
        with plaintext(lab, "user@good.test") as client:
            try:
                client.rcpt("odd.reports@" + STRICT)
            except Refused:
                return False
            client.rset()
            return True
    wait_until(is_accepted, "the milter has looked", 60)
    with plaintext(lab, "user@good.test") as client:
        refuse(client, "RCPT TO:<even.reports@%s>" % STRICT, 550, NEEDED % STRICT)
        refuse(client, "RCPT TO:<reports@%s>" % STRICT, 550, NEEDED % STRICT)


def test_published_report_addresses_before_anything_is_refused(new_lab):
    """Evidence from before enforcement marks them, too, so that simulate does not count them as mail that would be lost."""
    rua = "v=TLSRPTv1; rua=mailto:odd.reports@" + STRICT
    domains = [Domain(STRICT, tlsrpt=(rua,)) if domain.name == STRICT else domain for domain in DOMAINS]
    lab = enforcing(new_lab, domains)
    sent = []

    def is_spared(local_part="odd.reports"):
        sent.append(local_part)
        with plaintext(lab, "user@good.test") as client:
            client.rcpt(local_part + "@" + STRICT)
            client.data()
        wait_counted(lab, len(sent))
        return evidence(lab)[-1]["rcpts"] == STRICT + ":enforce:spared"
    wait_until(is_spared, "the milter has looked", 60)
    assert not is_spared("even.reports")
    _, found = stsctl_json(lab, "simulate", "-o", "recipient_enforce_action=reject")
    assert found["actions"]["reject"] == len([entry for entry in evidence(lab) if not entry["rcpts"].endswith(":spared")]) >= 1


def test_postmaster_among_others_at_the_end(new_lab):
    """Once postmaster is accepted, the others cannot be refused without refusing postmaster: this mail goes through, the next does not."""
    lab = enforcing(new_lab, sender_enforce_action="reject")
    with plaintext(lab, "user@late.test") as client:
        client.rcpt("user@" + FREE)
        client.rcpt("postmaster@" + FREE)
        client.command("DATA", "354")
        lab.faults.answer_late()
        client.command("X-Lab-Id: 1\r\nSubject: late\r\n\r\nHello.\r\n.")
    assert lab.mailbox.wait("1").sts["action"] == "accept"
    wait_until(lambda: "waived=role-account" in lab.milter.log(), "it is logged why")
    with plaintext(lab, "user@late.test") as client:
        refuse(client, "RCPT TO:<user@%s>" % FREE, 550, NEEDED % "late.test")


def test_share_of_domains(new_lab):
    """At 0 percent, only rules refuse mail."""
    lab = enforcing(new_lab, sender_enforce_action="reject", enforce_percent="0",
                    rules=["absent.test tls=required action=reject"])
    with plaintext(lab, "user@good.test") as client:
        client.rcpt("user@" + FREE)
        assert lab.mailbox.wait(client.data()).sts["action"] == "would-reject"
        client.mail("user@absent.test")
        refuse(client, "RCPT TO:<user@%s>" % FREE, 550, NEEDED % "absent.test")


def test_never_refused(new_lab):
    """Trusted networks, authenticated clients, the null sender, a policy that cannot be had."""
    broken = Domain("broken.test", directives="return 500;")
    lab = enforcing(new_lab, DOMAINS + [broken], sender_enforce_action="reject", recipient_enforce_action="reject")
    with lab.client("127.0.0.77") as client:
        client.ehlo()
        client.mail("user@good.test")
        client.rcpt("user@" + STRICT)
        assert lab.mailbox.wait(client.data()).sts == {}
    with lab.client() as client:
        client.ehlo()
        client.xclient(ADDR="192.0.2.7", LOGIN="joe")
        client.ehlo()
        client.mail("user@good.test")
        client.rcpt("user@" + STRICT)
        assert lab.mailbox.wait(client.data()).sts == {}
    with lab.client() as client:
        client.ehlo("good.test")
        for sender in ("", "user@broken.test"):
            client.mail(sender)
            client.rcpt("user@" + FREE)
            assert lab.mailbox.wait(client.data()).sts["action"] == "accept"
