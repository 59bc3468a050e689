# SPDX-License-Identifier: ISC
"""stsctl check, policy hosts and mail exchangers: one domain for each fault, and nothing else is found."""
import concurrent.futures
from dataclasses import dataclass, field

import pytest

from lab.dns_server import SERVFAIL_ZONE
from lab.domains import FAULTS, MUTE, NGINX, OLD_TLS, REFUSED, Domain, policy

import mail_exchangers
import rude_smtp
from tls_lab import GOOD_MAIL, TlsLab, publishing

# For cases in which something answers too late, or never; the rest of the laboratory has to be faster.
IMPATIENT = ("-o", "fetch_timeout=2s")


@dataclass
class Case:
    """found: the findings other than passes, as id=level."""
    domain: Domain
    found: list
    words: tuple = ()
    seen: dict = field(default_factory=dict)	# id -> text in `seen`
    unsure: bool = False


def web(label, *found, words=(), seen=None, **fields):
    return Case(publishing(label + ".web.test", **fields), list(found), words, seen or {})


def exchanger(label, *found, mode="enforce", words=(), seen=None, unsure=False):
    addresses = {**mail_exchangers.ADDRESSES, **rude_smtp.ADDRESSES}
    name = label + (".test" if mode == "enforce" else ".%s.test" % mode)
    return Case(publishing(name, mode, mail=(addresses[label],)), list(found), words, seen or {}, unsure)


def text(label, **changes):
    """A good policy's text, with some of its words replaced."""
    body = policy(max_age=604800, name=label + ".web.test")
    for old, new in changes.items():
        assert old in body
        body = body.replace(old, new)
    return body


CASES = [
    # the policy host
    web("good"),
    web("wildcard", certificate="wildcard"),
    web("no-host", "host.no-address=fail", address=""),
    Case(publishing("x." + SERVFAIL_ZONE), ["host.lookup=warn"],
         seen={"host.lookup": "A: SERVFAIL, AAAA: SERVFAIL"}, unsure=True),
    web("refused", "host.unreachable=fail", address=REFUSED),
    web("mute", "tls.handshake=fail", address=MUTE, words=IMPATIENT),
    web("half", "host.unreachable=fail", more_addresses=("::1",)),
    web("wrong-host", "tls.name=fail", certificate="wrong-host", seen={"tls.name": "www.wrong-host.web.test"}),
    web("cn-only", "tls.name=fail", certificate="cn-only", seen={"tls.name": "no DNS name in subjectAltName"}),
    web("expired", "tls.expired=fail", certificate="expired", seen={"tls.expired": "2020-02-01"}),
    web("expires-soon", "tls.expires-soon=warn", certificate="expires-soon", seen={"tls.expires-soon": "in 5 days"}),
    web("not-yet", "tls.chain=fail", certificate="not-yet", seen={"tls.chain": "not valid before 2090"}),
    web("self-signed", "tls.chain=fail", certificate="self-signed", seen={"tls.chain": "self-signed by CN="}),
    web("old-tls", "tls.version=fail", address=OLD_TLS, seen={"tls.version": "TLSv1.1"}),
    # the fetch
    web("redirect", "fetch.redirect=fail", directives="return 301 https://www.web.test/;",
        seen={"fetch.redirect": "status 301 to https://www.web.test/"}),
    web("404", "fetch.status=fail", directives="return 404;", seen={"fetch.status": "status 404"}),
    web("500", "fetch.status=fail", directives="return 500;", seen={"fetch.status": "status 500"}),
    web("html", "fetch.type=fail", directives="default_type text/html;", seen={"fetch.type": "text/html"}),
    web("oversize", "fetch.size=fail", body="x" * 70000, seen={"fetch.size": "70000"}),
    web("chunked", "fetch.size=fail", address=FAULTS, fault="chunked"),
    web("slow", "fetch.timeout=fail", address=FAULTS, fault="drip", words=IMPATIENT),
    web("hang", "fetch.timeout=fail", address=FAULTS, fault="hang", words=IMPATIENT),
    web("close", "fetch.connect=fail", address=FAULTS, fault="close"),
    web("robots", "host.user-agent=warn", directives="if ($http_user_agent ~ libwww) { return 403; }",
        seen={"host.user-agent": "status 403"}),
    web("browsers", "fetch.status=fail", "host.user-agent=warn", directives="if ($http_user_agent !~ Mozilla) { return 403; }",
        seen={"host.user-agent": "a browser gets the policy"}),
    web("two-minds", "fetch.inconsistent=warn", more_addresses=(FAULTS,), fault="other"),
    # the file
    web("bom", "policy.bom=fail", body="\ufeff" + text("bom")),
    web("utf-16", "policy.bom=fail", body=text("utf-16").encode("utf-16")),
    web("cr", "policy.line-ends=fail", body=text("cr", **{"\r\n": "\r"})),
    web("mixed-ends", "policy.line-ends=info", body=text("mixed-ends", **{"enforce\r\n": "enforce\n"})),
    web("blank-line", "policy.syntax=fail", body=text("blank-line", **{"mode": "\r\nmode"}),
        seen={"policy.syntax": "line 2: a blank line"}),
    web("blanks", "policy.syntax=fail", body=text("blanks", **{"mode": " mode"}),
        seen={"policy.syntax": "line 2 is:  mode: enforce"}),
    web("blank-end", "policy.syntax=warn", body=text("blank-end") + "\r\n", seen={"policy.syntax": "line 5"}),
    web("hostile", "policy.syntax=fail", body=text("hostile", enforce="\x1b[31m"), seen={"policy.syntax": "\\x1b[31m"}),
    web("day", "policy.short-max-age=warn", body=text("day", **{"604800": "3600"})),
    web("week", "policy.short-max-age=info", body=text("week", **{"604800": "86400"})),
    web("testing", "policy.testing=info", mode="testing"),
    web("none", "policy.none=info", mode="none"),
    # mail exchangers by Postfix
    exchanger("good"),
    exchanger("expired", "smtp.expired=fail", seen={"smtp.expired": "2020-02-01"}),
    exchanger("expires-soon", "smtp.expires-soon=warn", seen={"smtp.expires-soon": "in 5 days"}),
    exchanger("self-signed", "smtp.chain=fail", seen={"smtp.chain": "self-signed by CN="}),
    exchanger("wrong-name", "smtp.name=fail", seen={"smtp.name": "mail.elsewhere.test"}),
    exchanger("cn-only", "smtp.name=fail"),
    exchanger("no-starttls", "smtp.no-starttls=fail", seen={"smtp.no-starttls": "is not offered"}),
    exchanger("only-tls10", "smtp.no-tls12=fail", "smtp.old-tls=warn", seen={"smtp.no-tls12": "nothing newer than TLSv1 "}),
    exchanger("no-tls13", "smtp.no-tls13=info"),
    exchanger("no-tls12", "smtp.no-tls12=warn"),
    exchanger("old-tls", "smtp.old-tls=warn", seen={"smtp.old-tls": "TLSv1.1"}),
    exchanger("null-cipher", "smtp.weak-cipher=warn", seen={"smtp.weak-cipher": "NULL-SHA"}),
    exchanger("anonymous", "smtp.weak-cipher=info", seen={"smtp.weak-cipher": "ADH-AES"}),
    # the same, where senders deliver anyway
    exchanger("expired", "policy.testing=info", "smtp.expired=warn", mode="testing"),
    exchanger("cn-only", "policy.testing=info", "smtp.name=warn", mode="testing"),
    exchanger("wrong-name", "policy.none=info", "smtp.name=warn", mode="none"),
    exchanger("no-starttls", "policy.none=info", "smtp.no-starttls=warn", mode="none"),
    Case(Domain("unpublished.test", txt=[], address="", mail=(mail_exchangers.ADDRESSES["no-starttls"],)),
         ["host.no-address=fail", "smtp.no-starttls=warn"]),
    # mail exchangers that misbehave
    exchanger("garbage", "smtp.protocol=fail", seen={"smtp.protocol": "SSH-2.0"}),
    exchanger("busy", "smtp.refused=warn", seen={"smtp.refused": "too many connections \\x1b[31m\\xff"}, unsure=True),
    exchanger("mute", "smtp.connect=fail", words=IMPATIENT, seen={"smtp.connect": "the greeting did not come in time"}),
    exchanger("mute-later", "smtp.connect=fail", words=IMPATIENT, seen={"smtp.connect": "the reply to EHLO"}),
    exchanger("ehlo-refused", "smtp.refused=warn", unsure=True),
    exchanger("helo-only", "smtp.no-starttls=fail"),
    exchanger("not-granted", "smtp.no-starttls=fail", seen={"smtp.no-starttls": "454 4.7.0 TLS not available"}),
    exchanger("injection", "smtp.protocol=fail", seen={"smtp.protocol": "the reply to STARTTLS: more follows"}),
    exchanger("mute-tls", "smtp.handshake=fail", words=IMPATIENT, seen={"smtp.handshake": "did not end in time"}),
    exchanger("no-tls", "smtp.handshake=fail"),
    exchanger("endless", "smtp.protocol=fail"),
    exchanger("long-line", "smtp.protocol=fail"),
    Case(publishing("nobody.test", mail=(rude_smtp.NOBODY,)), ["smtp.connect=fail"], seen={"smtp.connect": "refused"}),
    Case(publishing("full.test", mail=(rude_smtp.FULL,)), ["check.trouble=warn", "smtp.connect=warn"], IMPATIENT,
         {"check.trouble": "port 25"}, unsure=True),
    # several addresses
    Case(publishing("both.test", mail=(*GOOD_MAIL, mail_exchangers.GOOD6)), []),
    Case(publishing("some.test", mail=(rude_smtp.FULL, *GOOD_MAIL, rude_smtp.NOBODY)), ["smtp.connect=fail", "smtp.connect=fail"],
         IMPATIENT),
    Case(publishing("homeless.test", mail=()), ["smtp.no-address=fail"]),
    Case(publishing("lost.test", mx=("10 mail.%s.", "20 mail.%s." % SERVFAIL_ZONE),
                    body=policy(mx=("mail.lost.test", "mail." + SERVFAIL_ZONE), max_age=604800)), ["smtp.lookup=warn"],
         seen={"smtp.lookup": "A: SERVFAIL, AAAA: SERVFAIL"}, unsure=True),
]
NAMES = [case.domain.name for case in CASES]


@pytest.fixture(scope="module")
def lab():
    with TlsLab([case.domain for case in CASES]) as running:
        yield running


@pytest.fixture(scope="module")
def answers(lab):	# pylint: disable=redefined-outer-name
    """check's result for each domain. Several run in parallel, since some are slow."""
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return dict(zip(NAMES, pool.map(lambda case: lab.findings(case.domain.name, *case.words), CASES)))


def ids(findings):
    return sorted("%s=%s" % (found["id"], found["level"]) for found in findings if found["level"] != "pass")


def test_every_domain_is_one_of_its_own():
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_finds_this_and_nothing_else(answers, case):	# pylint: disable=redefined-outer-name
    status, findings = answers[case.domain.name]
    assert ids(findings) == sorted(case.found), findings
    fails = any(found.endswith("=fail") for found in case.found)
    assert status == (1 if fails else 3 if case.unsure else 0)
    for wanted, part in case.seen.items():
        assert any(part in found["seen"] for found in findings if found["id"] == wanted), findings


def test_what_is_fine_is_said_too(answers):	# pylint: disable=redefined-outer-name
    _, findings = answers["both.test"]
    passes = [(found["id"], found["subject"]) for found in findings if found["level"] == "pass"]
    assert passes == [
        ("host.ok", "mta-sts.both.test"), ("tls.ok", "mta-sts.both.test [%s]" % NGINX),
        ("fetch.ok", "mta-sts.both.test [%s]" % NGINX), ("policy.ok", "mta-sts.both.test"),
        ("smtp.ok", "mail.both.test [%s]" % GOOD_MAIL[0]), ("smtp.ok", "mail.both.test [::1]")]


def test_findings_keep_the_order_of_addresses(answers):	# pylint: disable=redefined-outer-name
    _, findings = answers["some.test"]
    assert [found["subject"] for found in findings if found["id"].startswith("smtp.")] == [
        "mail.some.test [%s]" % address for address in (rude_smtp.FULL, *GOOD_MAIL, rude_smtp.NOBODY)]


def test_text_to_paste_is_a_policy(answers):	# pylint: disable=redefined-outer-name
    for label in ("bom", "cr", "blank-line", "blanks", "blank-end", "mixed-ends"):
        _, findings = answers[label + ".web.test"]
        assert [found["fix"] for found in findings if found["id"].startswith("policy.") and found["fix"]] == [
            "version: STSv1\nmode: enforce\nmx: mail.%s.web.test\nmax_age: 604800" % label], label


def test_special_addresses_are_left_alone(lab):	# pylint: disable=redefined-outer-name
    before = lab.https.requests("good.web.test"), lab.exchangers.log().count("connect from")
    status, findings = lab.findings("good.web.test", "-o", "allow_private_addresses=no")
    assert (status, ids(findings)) == (1, ["host.address=fail", "smtp.address=warn"])
    assert all("127.0." in found["seen"] for found in findings if found["level"] != "pass")
    assert (lab.https.requests("good.web.test"), lab.exchangers.log().count("connect from")) == before


def test_a_good_exchanger_is_treated_gently(lab):	# pylint: disable=redefined-outer-name
    """Takes four connections; those whose handshake succeeds end with QUIT."""
    before = len(lab.exchangers.log())
    lab.findings("both.test")
    lines = lab.exchangers.log()[before:].splitlines()
    for address in ("127.0.0.1", "::1"):
        mine = [line for line in lines if "unknown[%s]" % address in line]
        assert sum(": connect from" in line for line in mine) == 4
        assert sum("disconnect from" in line and "starttls=1 quit=1" in line for line in mine) == 2


def test_verbose_shows_dialogue_and_handshake(lab):	# pylint: disable=redefined-outer-name
    _, output, errors = lab.stsctl("--state", "none", "--verbose", "both.test")
    told = output + errors
    for part in ("S: 220 mx.rcpt.test ESMTP Postfix", "C: EHLO check.test", "C: STARTTLS", "C: QUIT", "TLSv1.3 TLS_AES_",
                 "to offer TLS 1.0 and 1.1", "GET /.well-known/mta-sts.txt: status 200", "certificate CN=exchangers"):
        assert part in told, told
