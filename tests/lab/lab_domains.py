# SPDX-License-Identifier: ISC
"""The domains of the end-to-end tests: one that does everything right, and one for each way to be wrong."""
from .dns_server import SERVFAIL_ZONE
from .domains import FAULTS, MUTE, OLD_TLS, REFUSED, Domain, policy, unpublished

GOOD_ID = "20260101T1"
RECORD = "v=STSv1; id=%s;" % GOOD_ID
LONG_NAME = ".".join(["x" * 60] * 3 + ["long.test"])

# Domains that are right, or unusual but permitted.
WORKING = [
    Domain("good.test"),
    Domain("testing.test", body=policy("testing", name="testing.test")),
    Domain("none.test", body="version: STSv1\nmode: none\nmax_age: 86400\n"),
    unpublished("absent.test"),
    Domain("xn--bcher-kva.test"),
    Domain("partner.good.test", body=policy("testing", name="partner.good.test")),
    Domain("hosted.test", body=policy(mx=["*.mailhost.test"])),
    Domain(LONG_NAME),
]

# (domain, result, reason, policy): what the header says about each; an empty reason means none.
ODD = [
    # ---- records ----
    (Domain("strings.test", txt=[["v=STSv1", "; id=", GOOD_ID, ";"]]), "pass", "", "enforce"),
    (Domain("others.test", txt=["v=spf1 -all", RECORD, "v=STSv2; id=1;"]), "pass", "", "enforce"),
    (Domain("tcp.test", txt=[RECORD] + ["noise-%02d-%s" % (n, "n" * 220) for n in range(40)]), "pass", "", "enforce"),
    (Domain("alias.test", txt=[], alias="_mta-sts.good.test"), "pass", "", "enforce"),
    (Domain("dangling.test", txt=[], alias="_mta-sts.nobody.test"), "none", "", "absent"),
    (Domain("escaped.test", txt=['"v=STSv1; id=1;"']), "none", "", "absent"),
    (Domain("two.test", txt=["v=STSv1; id=1;", "v=STSv1; id=2;"]), "none", "", "absent"),
    (Domain("spf.test", txt=["v=spf1 -all"]), "none", "", "absent"),
    (Domain("badid.test", txt=["v=STSv1; id=20250809-2;"]), "permerror", "record-invalid", "unknown"),
    (Domain("noid.test", txt=["v=STSv1; ido=1;"]), "permerror", "record-invalid", "unknown"),
    (Domain("nul.test", txt=[b"v=STSv1; id=1\x002;"]), "permerror", "record-invalid", "unknown"),
    # ---- policies ----
    (Domain("lf.test", body=policy(name="lf.test").replace("\r\n", "\n")), "pass", "", "enforce"),
    (Domain("blank.test", body=policy(name="blank.test") + "\r\n\r\n"), "pass", "", "enforce"),
    (Domain("empty.test", body=""), "permerror", "policy-invalid", "unknown"),
    (Domain("html.test", body="<html><body>hello</body></html>\n"), "permerror", "policy-invalid", "unknown"),
    (Domain("bom.test", body="\ufeff" + policy(name="bom.test")), "permerror", "policy-invalid", "unknown"),
    (Domain("nomx.test", body="version: STSv1\nmode: enforce\nmax_age: 86400\n"),
     "permerror", "policy-invalid", "unknown"),
    (Domain("mode.test", body="version: STSv1\nmode: Enforce\nmx: m.mode.test\nmax_age: 86400\n"),
     "permerror", "policy-invalid", "unknown"),
    (Domain("age.test", body="version: STSv1\nmode: enforce\nmx: m.age.test\nmax_age: 86400s\n"),
     "permerror", "policy-invalid", "unknown"),
    (Domain("first.test", body="version: STSv1\nmode: testing\nmode: enforce\nmx: m.first.test\nmax_age: 86400\n"),
     "pass", "", "testing"),
    # ---- certificates ----
    (Domain("wildcard.test", certificate="wildcard"), "pass", "", "enforce"),
    (Domain("wronghost.test", certificate="wrong-host"), "permerror", "fetch-tls", "unknown"),
    (Domain("cnonly.test", certificate="cn-only"), "permerror", "fetch-tls", "unknown"),
    (Domain("selfsigned.test", certificate="self-signed"), "permerror", "fetch-tls", "unknown"),
    (Domain("expired.test", certificate="expired"), "permerror", "fetch-tls", "unknown"),
    (Domain("notyet.test", certificate="not-yet"), "permerror", "fetch-tls", "unknown"),
    (Domain("oldtls.test", address=OLD_TLS), "permerror", "fetch-tls", "unknown"),
    # ---- servers ----
    (Domain("charset.test", directives='default_type "text/plain; charset=utf-8";'), "pass", "", "enforce"),
    (Domain("redirect.test", directives="return 301 https://mta-sts.good.test/.well-known/mta-sts.txt;"),
     "permerror", "fetch-status", "unknown"),
    (Domain("notfound.test", directives="return 404;"), "permerror", "fetch-status", "unknown"),
    (Domain("broken.test", directives="return 500;"), "permerror", "fetch-status", "unknown"),
    (Domain("nocontent.test", directives="return 204;"), "permerror", "fetch-status", "unknown"),
    (Domain("type.test", directives="default_type text/html;"), "permerror", "fetch-type", "unknown"),
    (Domain("gzip.test", directives="add_header Content-Encoding gzip;"), "permerror", "fetch-type", "unknown"),
    (Domain("big.test", body=policy(name="big.test") + "x: %s\n" % ("y" * 70000)),
     "permerror", "fetch-size", "unknown"),
    (Domain("chunked.test", address=FAULTS, fault="chunked"), "permerror", "fetch-size", "unknown"),
    (Domain("drip.test", address=FAULTS, fault="drip"), "temperror", "fetch-timeout", "unknown"),
    (Domain("hang.test", address=FAULTS, fault="hang"), "temperror", "fetch-timeout", "unknown"),
    (Domain("mute.test", address=MUTE), "temperror", "fetch-timeout", "unknown"),
    (Domain("refused.test", address=REFUSED), "temperror", "fetch-connect", "unknown"),
    (Domain("reset.test", address=FAULTS, fault="reset"), "temperror", "fetch-connect", "unknown"),
    (Domain("nohost.test", address=""), "temperror", "fetch-connect", "unknown"),
]

# Names that need no records: nsd has its own answers for them.
ODD_NAMES = [
    ("mail." + SERVFAIL_ZONE, "temperror", "dns-failure", "unknown"),
    ("outside.invalid", "temperror", "dns-failure", "unknown"),	# nsd answers REFUSED
]

COMMON = WORKING + [row[0] for row in ODD]
