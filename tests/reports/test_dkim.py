# SPDX-License-Identifier: ISC
"""Which reporters are believed: import reads the results that real DKIM verifiers write."""
import re

import pytest

dkim = pytest.importorskip("dkim")

from conftest import DOMAIN, MailServer	# noqa: E402
from lab.dns_server import DnsServer, quote	# noqa: E402
from lab.reports import mail, policy, report	# noqa: E402
from verifiers import OpenDkim, Rspamd, Signer	# noqa: E402

GOOD, STRICT, EVIL = "reporter.test", "strict.test", "evil.test"
MILTER = "{ inet:127.0.0.1:%d, connect_timeout=10s, command_timeout=30s, content_timeout=30s, default_action=tempfail }"
HEADER_CHECKS = "header_checks = regexp:{{/^Authentication-Results: *(mx\\.rcpt\\.test|%s)/ IGNORE}}\n"


class Verified(MailServer):
    """A mail server behind a verifier."""

    def __init__(self, kind):
        super().__init__("verifier", "trusted_reporters = %s\nreport_authserv_ids = mx.rcpt.test\n" % STRICT)
        self.signers = {name: Signer(self.directory, name, "s=tlsrpt; " if name == STRICT else "") for name in (GOOD, STRICT, EVIL)}
        self.dns = DnsServer(self.directory, self.ports.take())
        for name, signer in self.signers.items():
            half = len(signer.record) // 2
            self.dns.set_lines(name, "s1._domainkey.%s. TXT %s %s\n%s. TXT %s" % (
                name, quote(signer.record[:half]), quote(signer.record[half:]), name, quote("v=spf1 ip4:127.0.0.1 -all")))
        port = self.ports.take()
        self.verifier = OpenDkim(self.directory, port, self.signers.values()) if kind == "opendkim" else \
            Rspamd(self.directory, port, self.dns.port)
        main = self.postfix.directory + "/main.cf"
        with open(main, encoding="ascii") as file:
            text = file.read()
        with open(main, "w", encoding="ascii") as file:
            file.write(text.replace("smtpd_milters = verifier", "smtpd_milters = " + MILTER % port) + HEADER_CHECKS % "x")

    def start(self):
        self.dns.start()
        self.verifier.start()
        super().start()

    def stop(self):
        super().stop()
        self.verifier.stop()
        self.dns.stop()

    def deliver(self, signer, submitter, number, tamper=None, length=False, headers=()):
        data = mail(report(policy(domain=DOMAIN, success=number, failure=0), number="n%d" % number, contact="tls@" + submitter),
                    submitter=submitter, domain=DOMAIN, results=None, signature=None, headers=headers)
        if signer:
            data = self.signers[signer].sign(data, length)
        self.send(tamper(data) if tamper else data)
        self.settle()


@pytest.fixture(scope="module", params=["opendkim", "rspamd"])
def verified(request):
    server = Verified(request.param)
    server.kind = request.param
    try:
        server.start()
        yield server
    finally:
        server.stop()


def gain(server, *arguments, **how):
    """(verified, unverified): the reports that one more mail adds."""
    def counts():
        return server.counters().get("reports", 0), server.counters("unverified").get("reports", 0)
    before = counts()
    server.deliver(*arguments, **how)
    return tuple(after - first for first, after in zip(before, counts()))


def test_signed_by_the_reporter(verified):
    assert gain(verified, GOOD, GOOD, 1) == (1, 0)
    assert gain(verified, GOOD, "mail." + GOOD, 2) == (1, 0)


def test_signed_by_somebody_else(verified):
    assert gain(verified, EVIL, GOOD, 3) == (0, 1)


def test_not_signed(verified):
    assert gain(verified, None, GOOD, 4) == (0, 1)


def test_changed_on_the_way(verified):
    assert gain(verified, GOOD, GOOD, 5, tamper=lambda data: re.sub(rb"This is a TLS report", b"This was a TLS report", data)) == (0, 1)


def test_a_part_only(verified):
    assert gain(verified, GOOD, GOOD, 6, length=True) == (0, 1)


def test_a_forged_field(verified):
    forged = ["Authentication-Results: mx.rcpt.test; dkim=pass header.d=" + GOOD, "DKIM-Signature: v=1; d=%s; s=s1; b=x" % GOOD]
    assert gain(verified, None, GOOD, 7, headers=forged) == (0, 1)


def test_a_key_for_reports_alone(verified):
    """OpenDKIM rejects it, and trusted_reporters also needs SPF, which OpenDKIM does not check."""
    assert gain(verified, STRICT, STRICT, 8) == ((0, 1) if verified.kind == "opendkim" else (1, 0))
