# SPDX-License-Identifier: ISC
"""stsctl check: its options and its output."""
import os
import subprocess

import pytest

from forwarder import AD, RD
from validator import notable

from lab.terminal import open_terminal


def test_text(validator):
    status, output = validator.run("quotes.test")
    assert status == 1
    assert output.startswith("quotes.test: fail (1 fail, 0 warn, 0 info, ")
    assert "  fail  record.quotes  _mta-sts.quotes.test\n" in output
    assert '        fix:  _mta-sts.quotes.test. IN TXT "v=STSv1; id=20260101T1;"\n' in output
    assert "  pass  mx.ok  quotes.test: 10 mail.quotes.test\n" in output
    assert validator.errors == ""


def test_quiet(validator):
    status, output = validator.run("--quiet", "good.test")
    assert status == 0 and output.count("\n") == 1


def test_several_domains(validator):
    status, reports = validator.json("good.test", "Quotes.Test.", "good.test", "mx-silent.test")
    assert status == 1
    assert [report["domain"] for report in reports] == ["good.test", "quotes.test", "mx-silent.test"]
    assert validator.json("good.test", "mx-silent.test")[0] == 3


def test_verbose(validator):
    status, report = validator.check("alias.test", "--verbose")
    assert status == 0 and notable(report) == ["info record.cname"]
    assert "dns %s: _mta-sts.alias.test TXT: answer, authoritative (AA), " % validator.resolver in validator.errors
    assert "    _mta-sts.alias.test 1 CNAME _mta-sts.good.test.\n" in validator.errors
    assert '    _mta-sts.good.test 1 TXT "v=STSv1; id=20260101T1;"\n' in validator.errors
    assert "    alias.test 1 MX 10 mail.alias.test.\n" in validator.errors
    assert "TLSv1.3" in validator.errors and "STARTTLS" in validator.errors
    assert "authentic (AD)" not in validator.errors
    validator.check("dane.test", "--verbose")
    assert "_25._tcp.mail.dane.test TLSA: answer, authentic (AD), " in validator.errors


def test_flags(validator):
    """Questions to resolvers ask for recursion and for validation (RD, AD); those to the domain's own servers do not."""
    validator.check("old-id.test")
    assert validator.resolver.flags["_mta-sts.old-id.test"] & (RD | AD) == RD | AD
    assert validator.second.flags["_mta-sts.old-id.test"] & (RD | AD) == 0


def test_several_resolvers(validator):
    """The second one returns an older id; the domain's own servers are left out here."""
    both = "%s,127.0.0.9:%d" % (validator.resolver, validator.dns.port)
    status, report = validator.check("old-id.test", "--resolver", both)
    found = [finding for finding in report["findings"] if finding["id"] == "record.inconsistent"]
    assert status == 0 and len(found) == 1
    assert found[0]["seen"].splitlines()[:2] == [
        '%s: "v=STSv1; id=20260101T1;"' % validator.resolver, '127.0.0.9:%d: "v=STSv1; id=old;"' % validator.dns.port]


def test_a_resolver_over_ipv6(validator):
    """Over UDP, and over TCP for the long answer."""
    status, reports = validator.json("good.test", "long.test", "--resolver", validator.resolver6)
    assert status == 0 and [notable(report) for report in reports] == [[], []]
    assert "_mta-sts.long.test" in validator.resolver6.flags


def test_a_resolver_that_is_away(validator):
    status, report = validator.check("good.test", "--resolver", "%s,127.0.0.3:9" % validator.resolver)
    assert (status, notable(report)) == (0, ["warn record.lookup"])


def test_no_resolver_at_all(validator):
    status, report = validator.check("good.test", "--resolver", "127.0.0.3:9")
    assert (status, report["verdict"]) == (3, "warn")
    assert all(finding.endswith(".lookup") for finding in notable(report)), notable(report)


def test_servers_within_are_left_alone(validator):
    _, report = validator.check("good.test", "-o", "allow_private_addresses=no")
    found = [finding for finding in report["findings"] if finding["id"] == "record.lookup"]
    assert [finding["subject"] for finding in found] == ["ns.test 127.0.0.1"]


@pytest.mark.parametrize("words,said", [
    ([], "expects DOMAIN"), (["not a domain"], "not a domain"), (["good.test", "127.0.0.1"], "127.0.0.1"),
    (["--resolver", "dns.example", "good.test"], "dns.example"), (["--resolver", "", "good.test"], "names none"),
    (["--resolver", "127.0.0.1:0", "good.test"], "127.0.0.1:0"),
    (["--resolver", ",".join(["127.0.0.1"] * 17), "good.test"], "more than 16"),
    (["--nonsense", "good.test"], "--nonsense")])
def test_usage(validator, words, said):
    assert validator.run(*words) == (2, "")
    assert said in validator.errors


def test_progress_on_a_terminal(validator):
    master, slave = open_terminal()
    words = validator.words("--state", "none", "good.test", "quotes.test")
    child = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=slave)
    os.close(slave)
    shown = b""
    while True:
        try:
            more = os.read(master, 4096)
        except OSError:		# the child has closed its end
            break
        if not more:
            break
        shown += more
    os.close(master)
    assert child.wait() == 1
    assert b"\r\x1b[Kgood.test (1 of 2): the policy host" in shown
    assert b"\r\x1b[Kquotes.test (2 of 2): mail exchangers" in shown
    assert shown.endswith(b"\r\x1b[K")
