# SPDX-License-Identifier: ISC
"""stsctl send-test says beforehand what becomes of mail. The same domains are sent to in test_postfix.py: what goes there goes here, and
what waits there waits here."""
import json
import os
import re

import pytest

from outbound.test_stsctl import stsctl

GOES, NO, UNKNOWN = 0, 1, 3


def send_test(world, domain, *words):
    status, output = stsctl(world, "send-test", "--json", *words, domain)
    return status, json.loads(output)


@pytest.mark.parametrize("domain, status, outcome, words", [
    ("good.test", GOES, "protected", "the certificate fits"),
    ("wild.test", GOES, "protected", "the certificate fits"),
    ("wronghost.test", NO, "waits", "for another name: www.mail.wronghost.test"),
    ("expired.test", NO, "waits", "has expired"),
    ("selfsigned.test", NO, "waits", "not trusted"),
    ("outside.test", NO, "waits", "for another name"),
    ("notls.test", NO, "waits", "no STARTTLS"),
    ("testing.test", NO, "unverified", "nobody looks"),
    ("plain.test", NO, "plaintext", "no STARTTLS"),
    ("deadweb.test", NO, "unverified", "nobody looks"),
    ("all.dnssec.test", GOES, "protected", "matches a TLSA record"),
    ("wrong.dnssec.test", NO, "waits", "does not match the TLSA records"),
    ("unusable.dnssec.test", NO, "unverified", "nobody looks"),
    ("none.dnssec.test", NO, "unverified", "nobody looks"),
    ("half.test", NO, "unverified", "MX records are not signed"),
    ("nobody.dnssec.test", NO, "bounces", "does not exist"),
])
def test_what_would_become_of_mail(world, domain, status, outcome, words):
    code, said = send_test(world, domain)
    assert (code, said["outcome"]) == (status, outcome)
    assert words in said["why"]
    if domain != "nobody.dnssec.test":
        assert said["reply"] == world.answer(domain)


def test_one_host_of_two(world):
    """The first one has TLSA records, the other would take mail without any check: not as long as the first one answers."""
    code, said = send_test(world, "one.dnssec.test")
    assert (code, said["outcome"], said["weakest"]) == (GOES, "protected", "unverified")
    assert [(mx["host"], mx["outcome"], mx["dane"]) for mx in said["mx"]] == [
        ("mail.one.dnssec.test", "protected", "usable"), ("second.one.dnssec.test", "unverified", "without")]
    _, output = stsctl(world, "send-test", "one.dnssec.test")
    assert "\none.dnssec.test: while the hosts before do not answer, mail would go unprotected: over TLS, to whoever it is\n" in output


def test_dead_host(world):
    """The first of two does not take connections."""
    code, said = send_test(world, "twomx.test", "-o", "fetch_timeout=1s")
    assert (code, said["outcome"]) == (GOES, "protected")
    first, second = said["mx"]
    assert first["outcome"] == "waits" and "cannot connect" in first["why"]
    assert second["outcome"] == "protected" and second["addresses"][0]["address"] == "127.0.2.20"


def test_host_outside_the_policy(world):
    """With the name tlsrpt Postfix does not even connect."""
    code, said = send_test(world, "outside.test", "--map", "tlsrpt")
    assert (code, said["outcome"], said["why"]) == (NO, "waits", "not among the policy's mx")
    assert said["mx"][0]["addresses"] == []
    code, said = send_test(world, "good.test", "--map", "tlsrpt")
    assert (code, said["outcome"]) == (GOES, "protected")


@pytest.mark.parametrize("level, outcome", [("none", "plaintext"), ("encrypt", "waits"), ("secure", "waits"), ("dane", "plaintext"),
                                            ("dane-only", "waits")])
def test_level_of_main_cf(world, level, outcome):
    """plain.test publishes nothing, and its server has no STARTTLS."""
    code, said = send_test(world, "plain.test", "--level", level)
    assert (code, said["outcome"], said["level"], said["level_by_default"]) == (NO, outcome, level, True)


def test_level_counts_where_there_is_no_answer_alone(world):
    assert send_test(world, "good.test", "--level", "none")[1]["outcome"] == "protected"


def test_rules(world):
    path = os.path.join(world.directory, "send-test-rules")
    with open(path, "w", encoding="ascii") as file:
        file.write("send:selfsigned.test tls=encrypt\nsend:testing.test tls=secure match=mail.testing.test\n")
    assert send_test(world, "selfsigned.test", "-o", "domain_rules=" + path)[1]["outcome"] == "unverified"
    assert send_test(world, "testing.test", "-o", "domain_rules=" + path)[1]["outcome"] == "waits"


def test_outbound_is_off(world):
    code, said = send_test(world, "good.test", "-o", "outbound=no")
    assert (code, said["reply"], said["outcome"]) == (NO, "NOTFOUND ", "unverified")


def test_not_found_out(world):
    """Nothing is sent to private addresses, unless the settings say so; no resolver, no answer."""
    code, said = send_test(world, "good.test", "-o", "allow_private_addresses=no", "-o", "outbound=no")
    assert (code, said["outcome"]) == (UNKNOWN, "unknown")
    assert "loopback" in said["why"]
    code, said = send_test(world, "good.test", "-o", "dns_servers=127.0.0.99", "-o", "dns_timeout=500ms")
    assert (code, said["outcome"]) == (UNKNOWN, "unknown")


def test_no_mail_is_sent(world, until):
    """EHLO, STARTTLS, QUIT: that is all that the server sees."""
    def sessions():
        return re.findall(r"disconnect from (\S+ .*)", world.receiver.log())
    # mail of other tests, which may be on its way, comes from the address of the sender's Postfix
    literal = "unknown[127.0.0.1] "
    before = len(sessions())
    send_test(world, "wild.test")
    send_test(world, "notls.test")
    until(lambda: len(sessions()) >= before + 2, "the receiver has told of both sessions")
    assert sorted(sessions()[before:]) == [literal + "ehlo=1 quit=1 commands=2", literal + "ehlo=1 starttls=1 quit=1 commands=3"]


def test_wrong_usage(world):
    for words in ((), ("a.test", "b.test"), ("no domain",), ("--level", "verify", "a.test"), ("--map", "x", "a.test")):
        assert stsctl(world, "send-test", *words)[0] == 2
