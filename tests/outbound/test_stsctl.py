# SPDX-License-Identifier: ISC
"""stsctl lookup --outbound shows what Postfix is told, and why."""
import json
import os
import subprocess

import pytest


def stsctl(world, *words):
    done = subprocess.run([os.environ["STSCTL"], words[0], "-c", world.daemon.config, *words[1:]], capture_output=True,
                          text=True, check=False, timeout=60)
    return done.returncode, done.stdout


@pytest.mark.parametrize("domain, why, dane", [
    ("good.test", "policy", "none"), ("testing.test", "testing", "none"), ("plain.test", "absent", "none"),
    ("deadweb.test", "failed", "none"), ("all.dnssec.test", "dane", "all"), ("one.dnssec.test", "dane", "some"),
    ("unusable.dnssec.test", "dane", "unusable"), ("half.test", "dane", "half"), ("none.dnssec.test", "absent", "none"),
])
def test_the_very_reply(world, domain, why, dane):
    status, output = stsctl(world, "lookup", "--outbound", "--json", domain)
    said = json.loads(output)
    assert status == 0
    assert (said["why"], said["dane"]["state"]) == (why, dane)
    assert said["dane"]["resolver_validates"] == "yes"
    assert said["postfix"] == world.answer(domain)
    assert said["tlsrpt"] == world.answer(domain, "tlsrpt")


def test_hosts_and_steps(world):
    status, output = stsctl(world, "lookup", "--outbound", "one.dnssec.test")
    assert status == 0
    assert "mail.one.dnssec.test: usable" in output and "second.one.dnssec.test: without" in output
    assert "\npostfix  OK dane\n" in output and "why: dane" in output


def test_keys(world):
    for key, kind in (("[mail.good.test]:25", "host"), (".good.test", "parent"), ("192.0.2.1", "address")):
        status, output = stsctl(world, "lookup", "--outbound", "--json", key)
        assert status == 0
        assert json.loads(output) == {"key": kind, "outbound": True, "postfix": "NOTFOUND ", "tlsrpt": "NOTFOUND "}


def test_rule(world):
    path = os.path.join(world.directory, "other-rules")
    with open(path, "w", encoding="ascii") as file:
        file.write("# one\nsend:good.test tls=may\n")
    status, output = stsctl(world, "lookup", "--outbound", "-o", "domain_rules=" + path, "good.test")
    assert status == 0
    assert "line 2 of domain_rules: good.test tls=may" in output and "postfix  OK may" in output


def test_resolver_that_does_not_answer(world):
    """The daemon has seen the resolver validate, and so answers `dane'; stsctl has not, and cannot know."""
    words = ("lookup", "--outbound", "-o", "dns_servers=127.0.0.1:1", "-o", "dns_timeout=1s")
    status, output = stsctl(world, *words, "plain.test")
    assert status == 3 and "DNS does not answer" in output
    assert stsctl(world, *words, "-o", "dane=off", "plain.test")[0] == 0
    assert stsctl(world, *words, "[plain.test]")[0] == 0
