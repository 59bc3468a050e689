# SPDX-License-Identifier: ISC
"""Which domain's policy counts, for every form of a sender address."""
import pytest

pytestmark = pytest.mark.core


def send(lab, sender, parameters="", helo="client.lab.test"):
    """sender: as it stands in the command, including brackets."""
    with lab.client() as client:
        client.ehlo(helo)
        client.command(("MAIL FROM:%s %s" % (sender, parameters)).strip())
        client.rcpt()
        lab_id = client.data()
    return lab.mailbox.wait(lab_id).sts


@pytest.mark.parametrize("sender, domain", [
    ("<user@good.test>", "good.test"),
    ("<user@GOOD.Test>", "good.test"),
    ("<user@good.test.>", "good.test"),
    ("user@good.test", "good.test"),
    ('<"a@absent.test"@good.test>', "good.test"),
    ("<@relay.test,@other.test:user@good.test>", "good.test"),
    ("<user@partner.good.test>", "partner.good.test"),	# not the parent's policy, RFC 8461 section 3.4
    ("<user@[127.0.0.1]>", "-"),
    ("<user@[IPv6:::1]>", "-"),
    ("<postmaster>", "-"),
])
def test_forms(lab, sender, domain):
    tags = send(lab, sender)
    assert (tags["domain"], tags["identity"]) == (domain, "mailfrom")
    if domain == "-":
        assert (tags["result"], tags["policy"]) == ("none", "absent")
    else:
        assert tags["policy"] == ("testing" if domain.startswith("partner") else "enforce")


@pytest.mark.parametrize("sender", ["<user@bücher.test>", "<josé@BÜCHER.test>", "<user@xn--bcher-kva.test>"])
def test_utf8_domain(lab, sender):
    tags = send(lab, sender, "SMTPUTF8")
    assert (tags["domain"], tags["policy"]) == ("xn--bcher-kva.test", "enforce")


@pytest.mark.parametrize("helo, domain, policy", [
    ("good.test", "good.test", "enforce"),
    ("Testing.Test", "testing.test", "testing"),
    ("[127.0.0.1]", "-", "absent"),
    ("localhost", "-", "absent"),
])
def test_null_sender(lab, helo, domain, policy):
    tags = send(lab, "<>", helo=helo)
    assert (tags["identity"], tags["domain"], tags["policy"]) == ("helo", domain, policy)
    assert tags["result"] == {"enforce": "fail", "testing": "softfail", "absent": "none"}[policy]


def test_null_sender_after_starttls_without_ehlo(lab):
    """The HELO name given before TLS is still the client's."""
    with lab.client() as client:
        client.ehlo("good.test")
        client.starttls()
        client.mail("")
        client.rcpt()
        lab_id = client.data()
    tags = lab.mailbox.wait(lab_id).sts
    assert (tags["identity"], tags["domain"], tags["tls"]) == ("helo", "good.test", "TLSv1.3")
