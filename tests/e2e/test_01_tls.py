# SPDX-License-Identifier: ISC
"""The session's TLS, judged against what the sender's domain publishes."""
import pytest

pytestmark = pytest.mark.core

# What the header says for each mode, by how adequate the TLS is.
BY_MODE = {
    "good.test": ("enforce", "pass", "fail"),
    "testing.test": ("testing", "pass", "softfail"),
    "none.test": ("none", "none", "none"),
    "absent.test": ("absent", "none", "none"),
}


@pytest.mark.parametrize("domain", BY_MODE)
@pytest.mark.parametrize("version, reason", [
    ("TLSv1.3", ""), ("TLSv1.2", ""), ("TLSv1.1", "tls-version"), ("TLSv1", "tls-version"), ("", "plaintext")])
def test_versions(lab, domain, version, reason):
    policy, adequate, inadequate = BY_MODE[domain]
    result = inadequate if reason else adequate
    tags = lab.send("user@" + domain, version).sts
    assert tags["result"] == result
    assert tags["policy"] == policy
    assert tags["tls"] == (version or "none")
    assert tags["domain"] == domain
    assert tags["identity"] == "mailfrom"
    assert tags.get("reason", "") == (reason if result in ("fail", "softfail") else "")
    assert ("id" in tags) == (policy != "absent")
    assert ("cipher" in tags) == ("bits" in tags) == bool(version)


@pytest.mark.parametrize("cipher, bits, result", [
    ("ECDHE-ECDSA-AES128-GCM-SHA256", "128", "pass"),
    ("ECDHE-ECDSA-NULL-SHA", "0", "fail")])
def test_ciphers(lab, cipher, bits, result):
    tags = lab.send("user@good.test", "TLSv1.2", ciphers=cipher + ":@SECLEVEL=0").sts
    assert (tags["cipher"], tags["bits"], tags["result"]) == (cipher, bits, result)
    assert tags.get("reason", "") == ("cipher" if result == "fail" else "")


def test_no_second_ehlo_after_starttls(lab):
    """Postfix' default macro lists lose the TLS macros here."""
    with lab.client() as client:
        client.ehlo()
        client.starttls("TLSv1.3")
        client.mail("user@good.test")
        client.rcpt()
        lab_id = client.data()
    tags = lab.mailbox.wait(lab_id).sts
    assert (tags["tls"], tags["result"]) == ("TLSv1.3", "pass")


def test_starttls_in_the_middle_of_a_message(lab):
    """A transaction begun in plaintext is discarded; the message that is delivered was sent over TLS."""
    with lab.client() as client:
        client.ehlo()
        client.mail("user@testing.test")
        client.rcpt()
        client.starttls("TLSv1.2")
        client.ehlo()
        client.mail("user@good.test")
        client.rcpt()
        lab_id = client.data()
    tags = lab.mailbox.wait(lab_id).sts
    assert (tags["tls"], tags["domain"], tags["result"]) == ("TLSv1.2", "good.test", "pass")


def test_plaintext_message_then_starttls(lab):
    """One session, two messages, each judged by its own TLS."""
    with lab.client() as client:
        client.ehlo()
        client.mail("user@good.test")
        client.rcpt()
        plain = client.data()
        client.starttls("TLSv1.3")
        client.mail("user@good.test")
        client.rcpt()
        secured = client.data()
    assert lab.mailbox.wait(plain).sts["tls"] == "none"
    assert lab.mailbox.wait(secured).sts["tls"] == "TLSv1.3"
