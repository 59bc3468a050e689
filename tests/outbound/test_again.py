# SPDX-License-Identifier: ISC
"""A recent answer is repeated without a lookup; a change still takes effect at once."""
import os
import subprocess
import time

import pytest

from lab.domains import policy

SECURE = "OK secure match=%s servername=hostname"
SIGNED = "moved.dnssec.test. MX 10 mail.moved.dnssec.test.\nmail.moved.dnssec.test. A 127.0.2.31"
TLSA = "\n_25._tcp.mail.moved.dnssec.test. TLSA 3 1 1 " + "ab" * 32
SOON = 10	# seconds; otherwise an answer is repeated for a minute


def ask_often(world, domain, answer):
    """Makes sure that the answer is now a repeated one."""
    for _ in range(3):
        assert world.answer(domain) == answer


def purge(world, domain):
    done = subprocess.run([os.environ["STSCTL"], "cache", "-c", world.daemon.config, "purge", domain],
                          capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr	# 1: not in Redis; the milters are notified all the same


@pytest.fixture
def wild(world):
    """A domain whose policy a test may change."""
    yield "wild.test"
    world.https.set_policy("wild.test", policy(mx=["*.wild.test"]))
    purge(world, "wild.test")


def test_purge(world, until, wild):
    """The owner has changed the policy but not the id: without a purge, it would take a day to be noticed."""
    ask_often(world, wild, SECURE % ".wild.test")
    world.https.set_policy(wild, policy(mx=["mail.wild.test"]))
    ask_often(world, wild, SECURE % ".wild.test")
    purge(world, wild)
    until(lambda: world.answer(wild) == SECURE % "mail.wild.test", "the new policy is served", SOON)


def test_purge_of_dane(world, until):
    """TLSA records come and go; without a purge, the cached ones would be used for at least a minute."""
    def is_anew(answer):
        purge(world, "moved.dnssec.test")
        time.sleep(0.2)
        return world.answer("moved.dnssec.test") == answer

    for lines, answer in ((SIGNED + TLSA, "OK dane-only"), (SIGNED, "NOTFOUND ")):
        world.dns.set_signed("moved", lines)
        world.dns.reload()
        until(lambda answer=answer: is_anew(answer), "the daemon answers " + answer, SOON)
        ask_often(world, "moved.dnssec.test", answer)


def test_rules(world):
    """A reload takes effect with the next question."""
    ask_often(world, "rule.test", SECURE % "mail.rule.test")
    world.write_rules("send:rule.test tls=may\n")
    world.configure()
    try:
        ask_often(world, "rule.test", "OK may")
    finally:
        world.write_rules("")
        world.configure()
    ask_often(world, "rule.test", SECURE % "mail.rule.test")


def test_maps_do_not_mix(world):
    ask_often(world, "good.test", SECURE % "mail.good.test")
    with_report = world.answer("good.test", "tlsrpt")
    assert "policy_type=sts policy_domain=good.test" in with_report
    ask_often(world, "good.test", SECURE % "mail.good.test")
    assert world.answer("good.test", "tlsrpt") == with_report


def test_each_is_counted(world):
    def counted():
        values = world.page.values()
        return [values['outbound_questions_total{key="domain"}'], values['outbound_answers_total{answer="secure"}']]

    before = counted()
    for _ in range(5):
        ask_often(world, "good.test", SECURE % "mail.good.test")
    assert counted() == [number + 15 for number in before]
