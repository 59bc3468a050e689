# SPDX-License-Identifier: ISC
"""Real mail, sent by a real Postfix: which answer makes it deliver, and which makes it wait."""
import time

import pytest

SECURE = "OK secure match=%s servername=hostname"


@pytest.mark.parametrize("domain, answer, status, words", [
    ("good.test", SECURE % "mail.good.test", "sent", ""),
    ("wild.test", SECURE % ".wild.test", "sent", ""),
    ("wronghost.test", SECURE % "mail.wronghost.test", "deferred", "not verified"),
    ("expired.test", SECURE % "mail.expired.test", "deferred", "not verified"),
    ("selfsigned.test", SECURE % "mail.selfsigned.test", "deferred", "not verified"),
    ("outside.test", SECURE % "other.outside.test", "deferred", "not verified"),
    ("notls.test", SECURE % "mail.notls.test", "deferred", "TLS is required"),
    ("testing.test", "NOTFOUND ", "sent", ""),
    ("plain.test", "NOTFOUND ", "sent", ""),
    ("deadweb.test", "NOTFOUND ", "sent", ""),
])
def test_what_becomes_of_mail(world, domain, answer, status, words):
    assert world.answer(domain) == answer
    outcome, text = world.send(domain)
    assert outcome == status
    assert words in text


def test_reports_have_a_transport_of_their_own(world):
    """A report may be about broken TLS, so it must not wait for TLS as other mail does."""
    assert world.send("notls.test", "tls-reports@sender.test")[0] == "sent"
    assert "postfix/smtp-report/smtp[" in world.logs()


@pytest.mark.parametrize("domain, answer, status, words", [
    ("all.dnssec.test", "OK dane-only", "sent", ""),		# self-signed, and matches the TLSA record
    ("wrong.dnssec.test", "OK dane-only", "deferred", "not verified"),
    ("unusable.dnssec.test", "OK dane", "sent", ""),
    ("none.dnssec.test", "NOTFOUND ", "sent", ""),
    ("one.dnssec.test", "OK dane", "sent", ""),
    ("half.test", "OK dane", "sent", ""),
])
def test_dane(world, domain, answer, status, words):
    assert world.answer(domain) == answer
    outcome, text = world.send(domain)
    assert outcome == status
    assert words in text


def test_second_of_two_exchangers(world):
    """Connections to the first time out: Postfix' errno is then ETIMEDOUT, and its question about the second is answered only if
    the daemon kept its connection open meanwhile."""
    begun = time.monotonic()
    outcome, text = world.send("twomx.test")
    assert outcome == "sent" and "status" not in text
    assert time.monotonic() - begun > 10
    assert "unexpected disconnect" not in world.sender.log()


def test_keys(world):
    for key in ("[mail.good.test]", "[mail.good.test]:25", "good.test:587", ".good.test", ".test", "[127.0.0.1]",
                "127.0.0.1", "/var/run/lmtp", "localhost", "no name", ""):
        assert world.answer(key) == "NOTFOUND "
    assert world.answer("good.test:25") == world.answer("GOOD.test.") == SECURE % "mail.good.test"


def test_report_map(world):
    answer = world.answer("wild.test", "tlsrpt")
    assert answer.startswith(SECURE % ".wild.test" + " policy_type=sts policy_domain=wild.test "
                             "{ policy_string = version: STSv1 } { policy_string = mode: enforce } ")
    assert answer.endswith(" mx_host_pattern=*.wild.test")


def test_policy_outlives_web_server(world):
    assert world.answer("cached.test") == SECURE % "mail.cached.test"
    world.https.process.suspend()
    try:
        world.dns.set(changed(world, "cached.test", txt=["v=STSv1; id=20260202;"]))
        world.dns.reload()
        time.sleep(3)		# for the re-check to see the id, and to find no web server
        assert world.send("cached.test")[0] == "sent"
        assert world.answer("cached.test") == SECURE % "mail.cached.test"
    finally:
        world.https.process.resume()


def changed(world, name, **options):
    domain = next(case.domain for case in world.cases if case.domain.name == name)
    for key, value in options.items():
        setattr(domain, key, value)
    return domain


def test_owner_moves_while_mail_waits(world, until):
    """A policy that does not match makes mail wait; the owner corrects it; the next try succeeds without anybody's help."""
    assert world.send("moves.test")[0] == "deferred"
    world.https.set_policy("moves.test", world.cases[0].domain.body.replace("good.test", "moves.test"))
    world.dns.set(changed(world, "moves.test", txt=["v=STSv1; id=20260203;"]))
    world.dns.reload()
    # no question in between: the daemon re-checks the policies it serves
    until(lambda: "policy changed domain=moves.test" in world.daemon.log(), "the change is seen", 15)
    world.flush()
    assert world.outcome("moves.test", 1)[0] == "sent"


def test_rules_and_the_switch(world):
    world.write_rules("send:rule.test tls=may\nsend:plain.test tls=secure match=mail.plain.test\nsend:.good.test tls=encrypt\n")
    world.configure()
    try:
        assert world.answer("rule.test") == "OK may"
        assert world.answer("x.good.test") == "OK encrypt"
        assert world.send("rule.test")[0] == "sent"		# self-signed, against its own policy
        assert world.send("plain.test")[0] == "deferred"	# no TLS at all
        world.configure(outbound="no")
        assert world.answer("good.test") == world.answer("rule.test") == "NOTFOUND "
    finally:
        world.write_rules("")
        world.configure(outbound=None)
    assert world.answer("good.test") == SECURE % "mail.good.test"
