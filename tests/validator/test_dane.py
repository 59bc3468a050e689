# SPDX-License-Identifier: ISC
"""stsctl check, DANE: a domain for each finding, in a signed zone, with real mail exchangers."""
import json
import os
import subprocess
from dataclasses import dataclass

import pytest

from lab.domains import Domain
from lab.signed_dns import UNSIGNED_ZONE
from lab.waiting import wait_until

from dane_lab import ADDRESSES, DaneLab, digest

NEXT = "3 1 1 " + "ab" * 32


@dataclass
class Case:
    """The findings about DANE; tlsa: records with {names} that the laboratory fills in."""
    label: str
    found: list
    exchangers: tuple = ("ec",)
    tlsa: tuple = ()
    seen: str = ""
    fix: str = ""			# with {names}
    mx: str = ""			# the host, if it is another one
    zone: str = ".test"
    alias: bool = False			# the MX host is an alias of the one that has everything

    @property
    def name(self):
        return self.label + self.zone

    @property
    def host(self):
        return self.mx or "mail." + self.name


CASES = [
    Case("nothing", []),
    Case("match", ["dane.match=pass", "dane.rollover=pass", "dane.present=info"], tlsa=("{ec}", NEXT),
         seen="EC 256 bits; {ec:.22}... matches its key"),
    Case("mismatch", ["dane.mismatch=fail", "dane.present=info"], tlsa=(NEXT,), fix="_25._tcp.mail.mismatch.test. IN TLSA {ec}"),
    Case("both", ["dane.match=pass", "dane.match=pass", "dane.rollover=pass", "dane.present=info"], ("both",),
         ("{other-ec}", "{rsa}", NEXT), seen="RSA 2048 bits"),
    Case("rsa-forgotten", ["dane.match=pass", "dane.mismatch=fail", "dane.rollover=info", "dane.present=info"], ("both",),
         ("{other-ec}",), seen="RSA 2048 bits; matches none of", fix="_25._tcp.mail.rsa-forgotten.test. IN TLSA {rsa}"),
    Case("ecdsa-forgotten", ["dane.match=pass", "dane.mismatch=fail", "dane.rollover=info", "dane.present=info"], ("both",),
         ("{rsa}",), fix="TLSA {other-ec}"),
    Case("one-address", ["dane.match=pass", "dane.mismatch=fail", "dane.rollover=info", "dane.present=info"],
         ("ec", "other-ec"), ("{ec}",), fix="TLSA {other-ec}"),
    Case("rollover", ["dane.match=pass", "dane.rollover=info", "dane.present=info"], tlsa=("{ec}",)),
    Case("sha-512", ["dane.match=pass", "dane.rollover=info", "dane.present=info"], tlsa=("{ec-512}",)),
    Case("whole-key", ["dane.match=pass", "dane.rollover=info", "dane.present=info"], tlsa=("{ec-whole-key}",)),
    Case("full-cert", ["dane.match=pass", "dane.rollover=pass", "dane.full-cert=warn", "dane.present=info"],
         tlsa=("{ec-cert}", NEXT)),
    Case("full-cert-too", ["dane.match=pass", "dane.rollover=pass", "dane.present=info"], tlsa=("{ec-cert}", "{ec}", NEXT)),
    Case("long-lived", ["dane.match=pass", "dane.rollover=pass", "dane.full-cert=info", "dane.present=info"], ("long-lived",),
         ("{long-lived-cert}", NEXT)),
    Case("issuer", ["dane.match=pass", "dane.present=info"], ("issuer",), ("{ca}",), seen="matches its issuer's key"),
    Case("issuer-domain", ["dane.match=pass", "dane.present=info"], ("issuer",), ("{ca}",)),
    Case("issuer-missing", ["dane.issuer=fail", "dane.present=info"], ("leaf-alone",), ("{ca}",), seen="1 certificate sent"),
    Case("issuer-spare", ["dane.match=pass", "dane.rollover=info", "dane.issuer=info", "dane.present=info"],
         tlsa=("{ec}", "2 1 1 " + "cd" * 32)),
    Case("issuer-other-name", ["dane.issuer=fail", "dane.present=info"], ("issuer-other-name",), ("{ca}",), seen="for another name"),
    Case("issuer-expired", ["dane.issuer=fail", "dane.present=info"], ("issuer-expired",), ("{ca}",), seen="has expired"),
    Case("expired", ["dane.match=pass", "dane.rollover=pass", "dane.present=info"], ("expired",), ("{expired}", NEXT)),
    Case("pkix", ["dane.pkix=warn", "dane.present=info"], tlsa=("1 1 1 " + "ab" * 32,), seen="without checking the certificate"),
    Case("pkix-too", ["dane.pkix=warn", "dane.match=pass", "dane.rollover=pass", "dane.present=info"],
         tlsa=("1 1 1 " + "ab" * 32, "{ec}", NEXT)),
    Case("malformed", ["dane.mismatch=warn", "dane.match=pass", "dane.rollover=info", "dane.present=info"],
         tlsa=("3 1 1 " + "ab" * 31, "{ec}")),
    Case("too-many", ["dane.too-many=warn", "dane.match=pass", "dane.rollover=pass", "dane.present=info"],
         tlsa=("{ec}", *("3 1 1 %064x" % number for number in range(12)))),
    Case("alias", ["dane.match=pass", "dane.rollover=info", "dane.present=info"], tlsa=("{ec}",), alias=True,
         seen="EC 256 bits; {ec:.22}... matches its key"),
    Case("no-starttls", ["dane.mismatch=fail", "dane.present=info"], ("no-starttls",), ("{ec}",), seen="require STARTTLS",
         fix="smtpd_tls_security_level = may"),
    Case("unsigned-host", ["dane.unsigned-host=warn"], tlsa=("{ec}",), mx="mail." + UNSIGNED_ZONE),
    Case("domain", ["dane.unsigned-domain=info"], mx="mail.match.test", zone="." + UNSIGNED_ZONE),
    Case("all-unsigned", ["dane.unsigned-host=info"], mx="mail." + UNSIGNED_ZONE, zone="." + UNSIGNED_ZONE, seen="or the resolver"),
]


def known(lab):
    """The values of the {names}."""
    exchangers = lab.exchangers
    names = {}
    for label, certificate in exchangers.certificates.items():
        names[label], names[label + "-cert"] = certificate.of_key, certificate.of_whole
    names["ca"] = "2 1 1 " + digest(exchangers.authority.key)
    names["ec-whole-key"] = "3 1 0 " + exchangers.certificates["ec"].key.hex()
    names["ec-512"] = "3 1 2 " + digest(exchangers.certificates["ec"].key, "sha512")
    return names


def publish(lab, case, records=None):
    """Publishes the zone lines for a case."""
    lines = []
    if case.mx != "mail.match.test":
        lines += ["%s. A %s" % (case.host, ADDRESSES[label]) for label in case.exchangers]
        lines += ["_25._tcp.%s. TLSA %s" % (case.host, record.format(**known(lab))) for record in records or case.tlsa]
    mx = ["%s. MX 10 %s." % (case.name, "alias." + case.name if case.alias else case.host)]
    if case.alias:
        mx.append("alias.%s. CNAME %s." % (case.name, case.host))
    for line in mx + lines:
        if line.split(". ", 1)[0].endswith(UNSIGNED_ZONE):
            if line not in lab.dns.unsigned:
                lab.dns.unsigned.append(line)
        else:
            yield line


@pytest.fixture(scope="module")
def lab():
    laboratory = DaneLab([Domain(case.name, txt=[], address="", mx=(), mail=()) for case in CASES if case.zone == ".test"])
    for case in CASES:
        laboratory.dns.set_lines(case.name, "\n".join(publish(laboratory, case)))
    with laboratory as running:
        yield running


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_finds_this_and_nothing_else(lab, case):	# pylint: disable=redefined-outer-name
    _, findings = lab.check(case.name)
    assert sorted("%(id)s=%(level)s" % found for found in findings) == sorted(case.found), findings
    names = known(lab)
    assert any(case.seen.format(**names) in found["seen"] for found in findings) or not case.seen, findings
    fails = [found for found in findings if found["level"] == "fail"]
    assert all(found["fix"] and found["why"] for found in fails)
    assert case.fix.format(**names) in (fails[0]["fix"] if fails else case.fix.format(**names))


def test_the_line_to_paste_mends_it(lab):	# pylint: disable=redefined-outer-name
    case = next(case for case in CASES if case.label == "rsa-forgotten")
    _, findings = lab.check(case.name)
    fix, = [found["fix"] for found in findings if found["id"] == "dane.mismatch"]
    lab.dns.set_lines("mended", fix)
    lab.dns.reload()
    try:
        wait_until(lambda: "dane.mismatch" not in [found["id"] for found in lab.check(case.name)[1]],
                   "the resolver has the new record")
    finally:
        lab.dns.set_lines("mended", "")
        lab.dns.reload()


def test_the_order_that_publish_prints_leaves_no_gap(lab):	# pylint: disable=redefined-outer-name
    """Publish records for both keys, replace the key, remove the old record: something matches all the time."""
    old, new = (lab.exchangers.certificates[label] for label in ("ec", "other-ec"))
    output = subprocess.run([os.environ["STSCTL"], "publish", "tlsa", "--next", new.path, "mail.roll.test", old.path],
                            check=True, capture_output=True, text=True).stdout
    assert old.of_key in output and new.of_key in output
    fixed = "roll.test. MX 10 mail.roll.test.\nmail.roll.test. A %s\n"
    for address, records, rollover in ((ADDRESSES["ec"], output, "pass"), (ADDRESSES["other-ec"], output, "pass"),
                                       (ADDRESSES["other-ec"], "_25._tcp.mail.roll.test. TLSA %s" % new.of_key, "info")):
        lab.dns.set_lines("roll", fixed % address + records)
        lab.dns.reload()

        def found():
            answer = lab.check("roll.test", "-o", "dns_timeout=3s")[1]	# pylint: disable=cell-var-from-loop
            return sorted((finding["id"], finding["level"], finding["subject"]) for finding in answer)
        want = [("dane.match", "pass", "mail.roll.test [%s]" % address), ("dane.present", "info", "roll.test"),
                ("dane.rollover", rollover, "mail.roll.test")]
        wait_until(lambda: found() == want, "the resolver has the new records")	# pylint: disable=cell-var-from-loop


def test_without_a_validating_resolver(lab):	# pylint: disable=redefined-outer-name
    """Only the records' existence is known."""
    status, output, _ = lab.stsctl("--state", "none", "--json", "mismatch.test")
    found, = [finding for finding in json.loads(output)["findings"] if finding["id"].startswith("dane.")]
    assert (found["id"], found["level"], found["subject"]) == ("dane.unsigned-host", "info", "mail.mismatch.test")
    assert "stsctl doctor" in found["fix"]
    assert status == 1
    output = lab.stsctl("--state", "none", "--json", "nothing.test")[1]
    assert '"dane.' not in output


def test_text_for_people(lab):	# pylint: disable=redefined-outer-name
    _, output, _ = lab.stsctl("--state", "none", "-o", "dns_servers=%s" % lab.resolver, "mismatch.test")
    assert "dane.mismatch" in output and "_25._tcp.mail.mismatch.test. IN TLSA 3 1 1 " in output


def test_both_kinds_of_keys_are_asked_for_gently(lab):	# pylint: disable=redefined-outer-name
    """Takes one connection more than without TLSA records."""
    counts = []
    for name in ("nothing.test", "match.test"):
        before = len(lab.exchangers.log())
        lab.check(name)
        counts.append(lab.exchangers.log()[before:].count(": connect from"))
    assert counts == [4, 5]
