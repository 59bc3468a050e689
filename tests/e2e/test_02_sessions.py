# SPDX-License-Identifier: ISC
"""Several messages per session, some of them aborted."""
import pytest

pytestmark = pytest.mark.core


def test_three_messages_with_rset(lab):
    ids = []
    with lab.client() as client:
        client.ehlo()
        client.starttls("TLSv1.3")
        client.ehlo()
        for domain in ("good.test", "testing.test", "absent.test"):
            client.mail("dropped@none.test")
            client.rcpt()
            client.rset()
            client.mail("user@" + domain)
            client.rcpt()
            ids.append(client.data(["X-MTA-STS: forged"] if domain == "good.test" else []))
    tags = [lab.mailbox.wait(lab_id).sts for lab_id in ids]
    assert [tag["domain"] for tag in tags] == ["good.test", "testing.test", "absent.test"]
    assert [tag["policy"] for tag in tags] == ["enforce", "testing", "absent"]
    assert [tag["tls"] for tag in tags] == ["TLSv1.3"] * 3


def test_second_ehlo_ends_the_message(lab):
    with lab.client() as client:
        client.ehlo()
        client.mail("user@none.test")
        client.rcpt()
        client.ehlo("other.lab.test")
        client.mail("user@good.test")
        client.rcpt()
        lab_id = client.data()
    assert lab.mailbox.wait(lab_id).sts["domain"] == "good.test"


def test_refused_recipient_first(lab):
    with lab.client() as client:
        client.ehlo()
        client.mail("user@good.test")
        client.command("RCPT TO:<user@elsewhere.test>", "5")
        client.rcpt()
        lab_id = client.data()
    assert lab.mailbox.wait(lab_id).sts["domain"] == "good.test"


def test_pipelining(lab):
    with lab.client() as client:
        client.ehlo()
        client.starttls("TLSv1.2")
        client.ehlo()
        client.send(b"MAIL FROM:<user@good.test>\r\nRCPT TO:<user@rcpt.test>\r\nRSET\r\n"
                    b"MAIL FROM:<user@testing.test>\r\nRCPT TO:<user@rcpt.test>")
        for _ in range(5):
            assert client.answer().startswith("250")
        lab_id = client.data()
    tags = lab.mailbox.wait(lab_id).sts
    assert (tags["domain"], tags["policy"]) == ("testing.test", "testing")


def test_clients_that_leave(lab):
    """Whenever a client disconnects, the next one is served."""
    for commands in ([], ["EHLO a.test"], ["EHLO a.test", "MAIL FROM:<a@good.test>"],
                     ["EHLO a.test", "MAIL FROM:<a@good.test>", "RCPT TO:<user@rcpt.test>"]):
        client = lab.client()
        for command in commands:
            client.command(command)
        client.close()
    client = lab.client()
    client.command("EHLO a.test")
    client.command("MAIL FROM:<a@good.test>")
    client.rcpt()
    client.command("DATA", "354")
    client.send(b"X-MTA-STS: forged\r\nSubject: never finished")
    client.close()
    assert lab.send("user@good.test").sts["result"] == "pass"


def test_message_without_a_field(lab):
    """A body that begins with a blank line: no header field at all. The message is answered, and gets our header."""
    before = lab.milter.log().count("domain=good.test")
    with lab.client() as client:
        client.ehlo()
        client.mail("user@good.test")
        client.rcpt()
        client.command("DATA", "354")
        client.command("\r\nThis is the body already.\r\n.")
    assert lab.milter.log().count("domain=good.test") == before + 1
