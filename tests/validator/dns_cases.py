# SPDX-License-Identifier: ISC
"""Faults in DNS: the record, the MX records, TLS reports, DANE."""
from dataclasses import dataclass, field

from lab.dns_server import SERVFAIL_ZONE
from lab.domains import Domain, policy
from mail_exchangers import ADDRESSES
from tls_lab import GOOD_MAIL, publishing


@dataclass
class Case:
    """A domain, and all of its findings other than passes."""
    domain: Domain
    # "LEVEL ID" for each finding other than passes, in any order; a finding that occurs twice is listed twice
    findings: list = field(default_factory=list)
    status: int = None		# None: 1 when something fails, else 0
    fix: str = ""		# must be in the first text to paste
    seen: str = ""		# must be in the "seen" of some finding

    def __post_init__(self):
        if self.status is None:
            self.status = int(any(finding.startswith("fail ") for finding in self.findings))

    def __str__(self):
        return self.domain.name


def good(label, **changes):
    """The domain LABEL.test, which does everything right except for the changes."""
    name = label + ".test"
    return publishing(name, **{"tlsrpt": ("v=TLSRPTv1; rua=mailto:reports@%s" % name,), **changes})


RECORD = "v=STSv1; id=20260101T1;"
REPORTS = "v=TLSRPTv1; rua=mailto:reports@good.test"
LONGEST = ".".join(["x" * 62] * 3 + ["x" * 59, "test"])
TLSA = "_25._tcp.mail.%s. TLSA 3 1 1 " + "ab" * 32


def fixed(label, number="20260101T1"):
    return '_mta-sts.%s.test. IN TXT "v=STSv1; id=%s;"' % (label, number)


def record(label, findings, *txt, fix="", seen="", **changes):
    return Case(good(label, txt=list(txt), **changes), findings, fix=fix, seen=seen)


def enforce(label, *mx):
    return policy("enforce", mx=mx, name=label + ".test", max_age=604800)


RECORDS = [
    Case(good("good"), seen="id 20260101T1"),
    record("strings", [], ["v=STSv1", "; id=", "20260101T1;"], seen='"v=STSv1" "; id=" "20260101T1;"'),
    record("others", [], "v=spf1 -all", RECORD),
    record("long", [], RECORD, *["noise-%02d-%s" % (n, "n" * 220) for n in range(20)]),
    record("alias", ["info record.cname"], alias="_mta-sts.good.test", seen="is an alias of _mta-sts.good.test"),
    # ---- quotes ----
    record("quotes", ["fail record.quotes"], '"%s"' % RECORD, fix=fixed("quotes"), seen=r'"\"v=STSv1; id=20260101T1;\""'),
    record("escaped", ["fail record.quotes"], '\\"%s\\"' % RECORD, fix=fixed("escaped")),
    record("half-quoted", ["fail record.quotes"], RECORD + '"', fix=fixed("half-quoted")),
    record("curly", ["fail record.curly-quotes"], "\u201c%s\u201d" % RECORD, fix=fixed("curly"), seen=r"\226\128\156v=STSv1"),
    record("curly-id", ["fail record.curly-quotes"], "v=STSv1; id=\u201c7\u201d;", fix=fixed("curly-id", "7")),
    record("quoted-too", ["warn record.syntax"], '"v=STSv1; id=7"', RECORD, fix=fixed("quoted-too")),
    # ---- grammar ----
    record("two", ["fail record.multiple"], "v=STSv1; id=1;", "v=STSv1; id=2;", fix="keep only one of them"),
    record("dash", ["fail record.bad-id"], "v=STSv1; id=20250809-2", fix=fixed("dash", "202508092")),
    record("long-id", ["fail record.bad-id"], "v=STSv1; id=" + "7" * 33, fix=fixed("long-id", "7" * 32)),
    record("no-id", ["fail record.syntax"], "v=STSv1;", fix='_mta-sts.no-id.test. IN TXT "v=STSv1; id=2'),
    record("no-semicolon", ["fail record.syntax"], "v=STSv1 id=7", fix=fixed("no-semicolon", "7")),
    record("upper-case", ["fail record.syntax"], "V=STSV1; ID=7;", fix=fixed("upper-case", "7")),
    record("blank-first", ["fail record.syntax"], " " + RECORD, fix=fixed("blank-first")),
    record("badly-split", ["fail record.syntax"], ["v=STSv1", "id=7;"], fix=fixed("badly-split", "7"),
           seen="joined without a separator: v=STSv1id=7;"),
    record("split-in-two", ["fail record.syntax"], "v=STSv1;", "id=7;"),
    # ---- elsewhere ----
    record("missing", ["fail record.missing"], fix='_mta-sts.missing.test. IN TXT "v=STSv1; id=2', seen="does not exist"),
    record("empty-name", ["fail record.missing"], zone=("x._mta-sts.%s. A 127.0.0.1",), seen="has no TXT record"),
    record("spf-alone", ["fail record.missing"], "v=spf1 -all", seen="v=spf1 -all"),
    record("dangling", ["info record.cname", "fail record.missing"], alias="_mta-sts.nobody.test", seen="does not exist"),
    record("at-the-host", ["fail record.wrong-name"], fix=fixed("at-the-host", "7"), zone=('mta-sts.%s. TXT "v=STSv1; id=7;"',)),
    record("at-the-apex", ["fail record.wrong-name"], fix=fixed("at-the-apex", "7"), zone=('%s. TXT "v=STSv1; id=7;"',)),
    record("doubled", ["fail record.wrong-name"], fix=fixed("doubled", "7"), zone=('_mta-sts.%s.%s. TXT "v=STSv1; id=7;"',)),
    record("spf-wildcard", ["fail record.wildcard"], zone=('*.%s. TXT "v=spf1 -all"',), seen="v=spf1 -all"),
    record("alias-wildcard", ["info record.cname", "fail record.wildcard"], zone=("*.%s. CNAME mta-sts.%s.",)),
    record("sts-wildcard", ["warn record.wildcard"], zone=('*.%s. TXT "v=STSv1; id=7;"',), fix=fixed("sts-wildcard", "7")),
    record("other-wildcard", [], RECORD, zone=('*.%s. TXT "v=spf1 -all"',)),
    # ---- servers ----
    Case(good("silent"), ["warn record.lookup"], seen="no answer in time"),
    Case(good("failing"), ["warn record.lookup"], seen="SERVFAIL"),
    Case(good("old-server"), seen="id 20260101T1"),
    Case(good("odd-server"), seen="id 20260101T1"),
    Case(good("forged"), seen="id 20260101T1"),
    Case(good("garbled"), ["warn record.lookup"], seen="malformed"),
    Case(good("old-id"), ["warn record.inconsistent"], seen="v=STSv1; id=old;"),
    Case(good("half-published"), ["fail record.inconsistent"], seen="ns2.half-published.test 127.0.0.9"),
    Case(good("lame"), ["warn record.lookup"], seen="not authoritative"),
]

EXCHANGERS = [
    Case(good("no-mx", mx=(), mail=(), body=enforce("no-mx", "no-mx.test"), zone=("%s. A " + ADDRESSES["good"],)),
         ["warn mx.missing", "fail smtp.name"]),
    Case(good("no-mail", mx=(), mail=(), tlsrpt=(REPORTS,)), ["fail mx.missing"]),
    Case(good("null-mx", mx=("0 .",), mail=(), tlsrpt=(REPORTS,)), ["info mx.null"]),
    Case(good("null-mx-too", mx=("0 .", "10 mail.%s.")), ["warn mx.null"], seen="beside a null MX"),
    Case(good("mx-alias", mx=("10 mx.%s.",), body=enforce("mx-alias", "mx.%s"),
              zone=("mx.%s. CNAME mail.good.test.",)), ["warn mx.cname", "fail smtp.name"], seen="an alias of mail.good.test"),
    Case(good("not-covered", mx=("10 mail.%s.", "20 mail.good.test.")), ["fail mx.not-covered"], fix="mx: mail.good.test"),
    Case(good("not-covered-yet", mx=("10 mail.%s.", "20 mail.good.test."), 
              body=policy("testing", name="not-covered-yet.test", max_age=604800)),
         ["warn mx.not-covered", "info policy.testing"], fix="mx: mail.good.test"),
    Case(good("unused", body=enforce("unused", "mail.%s", "old.%s")), ["info mx.unused"]),
    Case(good("wide", body=enforce("wide", "mail.%s", "*.test")), ["info mx.unused", "warn mx.wide"]),
    Case(good("mx-silent", tlsrpt=(REPORTS,)), ["warn mx.lookup"], status=3),
    # ---- DANE, without certificates; test_dane.py has those ----
    Case(good("dane", zone=(TLSA,)), ["info dane.present", "fail dane.mismatch"], seen="10 mail.dane.test"),
    Case(good("dane-unsigned", zone=(TLSA,)), ["info dane.unsigned-host"]),
    Case(good("dane-alone", zone=(TLSA, TLSA.replace("mail", "mx2"), "mx2.%s. A " + GOOD_MAIL[0]),
              mx=("10 mail.%s.", "20 mx2.%s.")),
         ["info dane.present", "warn dane.conflict", "fail dane.mismatch", "fail dane.mismatch", "fail mx.not-covered",
          "fail smtp.name"]),
    Case(good("dane-none", zone=(TLSA,), body="version: STSv1\nmode: none\nmax_age: 604800\n"),
         ["info dane.present", "info dane.conflict", "fail dane.mismatch", "info policy.none"]),
]

TLS_REPORTS = [
    Case(good("no-reports", tlsrpt=()), ["warn tlsrpt.missing"],
         fix='_smtp._tls.no-reports.test. IN TXT "v=TLSRPTv1; rua=mailto:'),
    Case(good("reports-twice", tlsrpt=(REPORTS, REPORTS + ",mailto:x@good.test")), ["fail tlsrpt.multiple"]),
    Case(good("reports-quoted", tlsrpt=('"%s"' % REPORTS,)), ["fail tlsrpt.syntax"], fix="rua=mailto:reports@good.test"),
    Case(good("reports-size", tlsrpt=(REPORTS + "!10m",)), ["fail tlsrpt.syntax"], seen="%21"),
    Case(good("reports-no-rua", tlsrpt=("v=TLSRPTv1; x=1",)), ["fail tlsrpt.syntax"]),
    Case(good("reports-ftp", tlsrpt=("v=TLSRPTv1; rua=ftp://good.test/",)), ["fail tlsrpt.rua-scheme"]),
    Case(good("reports-ftp-too", tlsrpt=(REPORTS + ",ftp://good.test/",)), ["warn tlsrpt.rua-scheme"]),
    Case(good("reports-https", tlsrpt=("v=TLSRPTv1; rua=https://nobody.test/tls",))),
    Case(good("reports-nowhere", tlsrpt=("v=TLSRPTv1; rua=mailto:x@nobody.test",)), ["fail tlsrpt.mailto-no-mx"]),
    Case(good("reports-null-mx", tlsrpt=("v=TLSRPTv1; rua=mailto:x@null-mx.test",)), ["fail tlsrpt.mailto-no-mx"]),
    Case(good("reports-unknown", tlsrpt=("v=TLSRPTv1; rua=mailto:x@mail." + SERVFAIL_ZONE,)), ["warn tlsrpt.lookup"], status=3),
    Case(good("reports-silent"), ["warn tlsrpt.lookup"], status=3),
]

# From the guide's troubleshooting scenarios (test_guide.py).
GUIDE = [
    record("guide1", ["fail record.quotes"], '"v=STSv1; id=20250809"', fix=fixed("guide1", "20250809")),
    Case(good("guide3", mx=("10 mail.%s.", "20 mail.good.test.")), ["fail mx.not-covered"], fix="mx: mail.good.test"),
    Case(good("guide4")),
    Case(good("guide6", certificate="self-signed"), ["fail tls.chain"]),
    record("guide-refresh", ["fail record.bad-id"], "v=STSv1; id=20250809-2", fix=fixed("guide-refresh", "202508092")),
]

# Domains that tests change.
CHANGING = [Case(good("drift")), Case(good("watched", tlsrpt=()), ["warn tlsrpt.missing"])]

CASES = RECORDS + EXCHANGERS + TLS_REPORTS + GUIDE + CHANGING + [
    Case(good("unpublished", txt=[], address="", tlsrpt=()),
         ["fail record.missing", "fail host.no-address", "warn tlsrpt.missing"]),
    # so long that no label fits in front of it
    Case(Domain(LONGEST, txt=[], address="", mx=(), mail=()),
         ["fail record.missing", "fail host.no-address", "fail mx.missing", "warn tlsrpt.missing"]),
    Case(good("crowd", mx=["%d mail.%%s." % n for n in range(33)]), ["warn check.trouble"], status=3),
    Case(Domain("mail." + SERVFAIL_ZONE, txt=[], address="", mx=(), mail=()),
         ["warn record.lookup", "warn host.lookup", "warn mx.lookup", "warn tlsrpt.lookup"], status=3),
]


def prepare(lab):
    """Sets up the answers that nsd cannot give."""
    authority = {"NS": ["ns.test", "ns2.%s"]}
    for name in ("old-id.test", "half-published.test", "lame.test"):
        lab.resolver.records[name, "NS"] = [host.replace("%s", name) for host in authority["NS"]]
        lab.resolver.records["ns2." + name, "A"] = [lab.second.address[0]]
    lab.second.records["_mta-sts.old-id.test", "TXT"] = ["v=STSv1; id=old;"]
    lab.second.records["_mta-sts.half-published.test", "TXT"] = []
    lab.second.lame = {"_mta-sts.lame.test"}
    lab.resolver.silent |= {"_mta-sts.silent.test", "mx-silent.test", "_smtp._tls.reports-silent.test"}
    lab.resolver.failing |= {"_mta-sts.failing.test"}
    lab.resolver.old |= {"_mta-sts.old-server.test"}
    lab.resolver.odd |= {"_mta-sts.odd-server.test"}
    lab.resolver.forged |= {"_mta-sts.forged.test"}
    lab.resolver.garbled |= {"_mta-sts.garbled.test"}
    lab.resolver.authentic |= {"dane.test", "dane-alone.test", "dane-none.test"}
