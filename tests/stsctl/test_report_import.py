# SPDX-License-Identifier: ISC
"""stsctl report import: input from mail, files and standard input, and what is counted."""
import base64
import codecs
import gzip
import io
import json
import os
import subprocess
import zipfile
import zlib

import pytest

from lab.reports import day, limited, mail, packed, policy, report

SETTINGS = ("-o", "local_domains=example.org example.com", "-o", "authserv_id=mx1.example.net", "-o", "dns_servers=127.0.0.1:1",
            "-o", "dns_timeout=100ms")
MIB = 1024 * 1024


class Importer:
    """Feeds the command, and reads what it counted."""

    def __init__(self, stsctl):
        self.stsctl = stsctl
        self.redis = stsctl.redis

    def feed(self, data, *words, status=0):
        done = subprocess.run(self.stsctl.words("report", "import", *words, *SETTINGS, "--json"), input=data, capture_output=True,
                              env=self.stsctl.environment, timeout=60, check=False)
        assert done.returncode == status, done.stdout + done.stderr
        self.errors = done.stderr.decode()
        return {name: n for name, n in json.loads(done.stdout).items() if n} if status == 0 else None

    def counters(self, domain="example.org", of_day=None, verified=True):
        key = "mta-sts:report:{%s}" % domain + (":" + of_day if of_day else "") + ("" if verified else ":unverified")
        return self.redis.hash(key)


@pytest.fixture(name="importer")
def importer_of(stsctl):
    return Importer(stsctl)


# ---- what is counted ----

def test_a_signed_mail(importer):
    content = report(policy(success=7, failure=3, details=[("validation-failure", "old.example.org", "MX_HOSTS_MISMATCH", 2),
                                                           ("brand new", "", "", 1)]),
                     policy("tlsa", "mx1.example.org", 7), policy("no-policy-found", "example.org", 4))
    assert importer.feed(mail(content)) == {"pieces": 1, "reports": 1, "counted": 1}
    totals = importer.counters()
    assert {name: totals[name] for name in ("reports", "success", "failure", "tlsa:success", "none:success")} == \
        {"reports": 1, "success": 7, "failure": 3, "tlsa:success": 7, "none:success": 4}
    assert totals["failure:validation-failure"] == 2 and totals["failure:brand_new"] == 1 and totals["org:google.com"] == 1
    today = importer.counters(of_day=day())
    assert today["org:google.com"] == 1
    assert today["org:google.com:tlsa:success"] == 7
    assert today["detail:sts:validation-failure:mx_hosts_mismatch:old.example.org:google.com"] == 2
    policies = [name for name in today if name.startswith("policy:")]
    assert sorted(name.split(":", 2)[2] for name in policies) == ["enforce:failure", "enforce:success"]
    assert [text for name, text in today.items() if name.startswith("text:")] == \
        ["max_age: 604800\nmode: enforce\nmx: mx1.example.org\nversion: STSv1\n"]
    assert importer.redis.command("TTL", "mta-sts:report:{example.org}:" + day()) > 399 * 86400
    assert importer.redis.command("TTL", "mta-sts:reports:seen:{example.org}:" + day()) > 399 * 86400
    assert importer.counters(verified=False) == {}


def test_twice_is_once(importer):
    content = mail(report())
    importer.feed(content)
    assert importer.feed(content) == {"pieces": 1, "reports": 1, "duplicate": 1}
    assert importer.counters()["success"] == 10
    # the same id for another domain, or from another reporter, is another report
    assert importer.feed(mail(report(policy(domain="example.com"))))["counted"] == 1
    assert importer.feed(mail(report(), submitter="microsoft.com"))["counted"] == 1
    assert importer.counters()["success"] == 20


def test_a_forger_with_tomorrows_id_shadows_nobody(importer):
    forged = report(policy(success=1, failure=999))
    assert importer.feed(mail(forged, results="mx1.example.net; dkim=none", signature=None))["unverified"] == 1
    assert importer.feed(mail(forged, results="mx1.example.net; dkim=pass header.d=evil.example",
                              signature="v=1; d=evil.example; s=x; b=y"))["duplicate"] == 1
    assert importer.feed(mail(report(policy(success=5))))["counted"] == 1
    assert importer.counters()["success"] == 5
    assert importer.counters(verified=False)["failure"] == 999
    assert importer.counters(of_day=day(), verified=False)["org:Google_Inc."] == 1


def test_forgers_can_fill_their_own_place_only(importer):
    key = "mta-sts:reports:seen:{example.org}:%s:unverified" % day()
    for n in range(0, 1000, 100):
        importer.redis.command("HSET", key, *[word for i in range(n, n + 100) for word in ("x%d" % i, 1)])
    assert importer.feed(json.dumps(report(number="one more")).encode())["full"] == 1
    assert importer.feed(mail(report()))["counted"] == 1


def test_the_operator_vouches(importer):
    content = report()
    assert importer.feed(json.dumps(content).encode(), "--trust", "google.com")["counted"] == 1
    assert importer.feed(mail(content))["duplicate"] == 1, "by mail it is the same report"
    importer.feed(b"{}", "--trust", "Google.com", status=2)


def test_domains_of_others(importer):
    assert importer.feed(mail(report(policy(domain="elsewhere.example"), policy(success=2)))) == \
        {"pieces": 1, "reports": 1, "counted": 1, "foreign": 1}
    assert importer.counters()["success"] == 2
    assert importer.redis.command("EXISTS", "mta-sts:report:{elsewhere.example}") == 0


def test_the_domain_is_missing(importer):
    content = report(policy("no-policy-found", None, 5))
    del content["policies"][0]["policy"]["policy-domain"]
    assert importer.feed(mail(content, domain="example.com"))["counted"] == 1
    assert importer.counters("example.com")["none:success"] == 5


def test_bad_policies_and_times(importer):
    bad = policy(success=-1)
    assert importer.feed(mail(report(bad, policy(success="7", failure=0)))) == \
        {"pieces": 1, "reports": 1, "counted": 1, "refused": 1}
    assert importer.counters()["success"] == 7
    assert importer.feed(mail(report(ago=402)))["old"] == 1
    assert importer.feed(mail(report(ago=-3)))["old"] == 1
    assert "400 days" not in importer.errors and "future" in importer.errors


def test_dry_run(importer):
    """What would be counted, and why something would not."""
    stsctl = importer.stsctl
    def look(content, status, *words):
        path = os.path.join(importer.redis.directory, "report.json")
        with open(path, "w", encoding="ascii") as file:
            json.dump(content, file)
        return stsctl.json("report", "import", "--dry-run", path, *words, *SETTINGS, status=status)
    good = look(report(policy(failure=2, details=[("certificate-expired", "", "", 2)])), 0)
    assert good["valid"] and good["countable"] and "error" not in good
    assert (good["domains"], good["success"], good["failure"], good["by_result_type"]) == \
        (["example.org"], 10, 2, {"certificate-expired": 2})
    week = report()
    week["date-range"]["start-datetime"] = day(10) + "T00:00:00Z"
    for content, why in ((report(ago=402), "400 days"), (report(ago=-3), "in the future"), (week, "longer than 8 days")):
        bad = look(content, 1)
        assert not bad["valid"] and not bad["countable"] and why in bad["error"] and bad["success"] == 10
    assert look({"a": 1}, 1) == {"valid": False, "error": "this is JSON, but no TLS report"}
    assert importer.redis.command("KEYS", "*") == []


# ---- forms ----

def as_zip(*files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def nested(data):
    return b"Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: message/rfc822\n\n" + data + b"\n--o--\n"


def without_padding():
    """A report whose base64 had padding."""
    data = next(data for data in (packed(report(number="n" * n)) for n in range(1, 20)) if len(data) % 3)
    encoded = base64.encodebytes(data)
    return mail(data).replace(encoded, encoded.replace(b"=", b""))


@pytest.mark.parametrize("form", ["json", "gzip", "gzip with garbage", "zip", "zip beside others", "bom", "mail", "bare part",
                                  "quoted-printable", "plain named gzip", "octet-stream", "forwarded", "crlf", "mbox",
                                  "uuencode", "binary", "base64 without padding", "without its last boundary", "name in pieces",
                                  "text"])
def test_forms(importer, form):
    content = report()
    plain = json.dumps(content).encode()
    forms = {
        "json": lambda: plain,
        "gzip": lambda: packed(content),
        "gzip with garbage": lambda: packed(content) + b"\0\0garbage",
        "zip": lambda: as_zip(("report.json", plain)),
        "zip beside others": lambda: as_zip(("readme.txt", "x"), ("a/report.json", plain)),
        "bom": lambda: b"\xef\xbb\xbf" + plain,
        "mail": lambda: mail(content),
        "bare part": lambda: b"Content-Type: application/tlsrpt+json\n\n" + plain,
        "quoted-printable": lambda: b"Content-Type: application/tlsrpt+json\nContent-Transfer-Encoding: quoted-printable\n\n" +
        plain.replace(b"=", b"=3D").replace(b",", b",=\n"),
        "plain named gzip": lambda: mail(plain),
        "octet-stream": lambda: mail(content, kind="application/octet-stream"),
        "forwarded": lambda: nested(mail(content)),
        "crlf": lambda: mail(content).replace(b"\n", b"\r\n"),
        "mbox": lambda: b"From a@b.example Thu Nov 19 00:00:00 2026\n" + mail(content),
        "uuencode": lambda: b"Content-Type: application/tlsrpt+gzip\nContent-Transfer-Encoding: x-uuencode\n\n" +
        codecs.encode(packed(content), "uu"),
        "binary": lambda: b"Content-Type: application/tlsrpt+gzip\nContent-Transfer-Encoding: binary\n\n" + packed(content),
        "base64 without padding": without_padding,
        "text": lambda: b"Subject: x\n\n" + plain,
        "without its last boundary": lambda: mail(content).removesuffix(b"--=_b--\n"),
        "name in pieces": lambda: mail(content, kind="application/octet-stream").replace(
            b'filename="google.com!', b'filename*0="google.com!";\n filename*1="'),
    }
    counted = importer.feed(forms[form]())
    verified = form in ("mail", "plain named gzip", "octet-stream", "crlf", "mbox", "base64 without padding",
                        "without its last boundary", "name in pieces")
    assert counted["counted" if verified else "unverified"] == 1, counted
    assert importer.counters(verified=verified)["success"] == 10


def test_files_and_folders(importer, tmp_path):
    maildir = tmp_path / "Maildir"
    for name in ("cur", "new", "tmp"):
        (maildir / name).mkdir(parents=True)
    (maildir / "new" / "1").write_bytes(mail(report(number="1")))
    (maildir / "cur" / "2:2,S").write_bytes(mail(report(number="2")))
    (maildir / "tmp" / "3").write_bytes(mail(report(number="3")))
    mbox = tmp_path / "mbox"
    mbox.write_bytes(b"".join(b"From a@b.example Thu\n" + mail(report(number=n)) + b"\n" for n in ("4", "broken", "5"))
                     .replace(mail(report(number="broken")), b"Subject: hello\n\n>From here to there\n"))
    without = tmp_path / "without cur"
    for name in ("new", "tmp"):
        (without / name).mkdir(parents=True)
        (without / name / "1").write_bytes(mail(report(number="1")))
    assert importer.feed(None, without) == {"pieces": 1, "reports": 1, "counted": 1}
    counted = importer.feed(None, maildir, mbox)
    assert counted == {"pieces": 5, "reports": 4, "counted": 3, "duplicate": 1, "other": 1}
    importer.feed(None, tmp_path / "missing", maildir, status=3)
    assert "missing" in importer.errors
    assert importer.counters()["reports"] == 4


def test_an_mbox_without_empty_lines(importer):
    """As some programs write it; only a date makes a line a separator."""
    mails = [mail(report(number=str(n))).rstrip(b"\n") for n in range(3)]
    assert importer.feed(b"".join(b"From a@b.example  Thu Nov 19 00:00:00 2026\n%s\n" % data for data in mails)) == \
        {"pieces": 3, "reports": 3, "counted": 3}
    body = mail(report(number="4")).replace(b"This is", b"This is\nFrom here: 10:00 on\nFrom 12:30 in 2026.\nFrom :: 2026\n")
    assert importer.feed(b"From a@b.example Thu\n" + body) == {"pieces": 1, "reports": 1, "counted": 1}


def test_many_in_one(importer):
    """Many reports in a zip, compressed or not; what there was no room for is counted as well."""
    files = [("%d.json" % n, json.dumps(report(number=str(n)))) for n in range(40)]
    files += [("%d.json.gz" % n, packed(report(number=str(n)))) for n in range(40, 80)]
    assert importer.feed(as_zip(*files)) == {"pieces": 1, "reports": 80, "unverified": 80}
    assert importer.feed(as_zip(*files, ("big.json", b"{" + b" " * 9 * MIB))) == \
        {"pieces": 1, "reports": 80, "duplicate": 80, "too-big": 1}
    part = b"--o\nContent-Type: application/tlsrpt+json\n\n%s\n"
    assert importer.feed(b"Content-Type: multipart/mixed; boundary=o\n\n" + b"".join(
        part % json.dumps(report(number="p%d" % n)).encode() for n in range(70)) + b"--o--\n") == \
        {"pieces": 1, "reports": 64, "unverified": 64, "too-big": 1}


# ---- junk ----

DMARC = gzip.compress(b"<?xml version='1.0'?><feedback/>")


def junk(*rows):
    return pytest.mark.parametrize("data, name", rows, ids=range(len(rows)))


@junk(
    (b"", "other"), (b"hello", "other"), (b"Subject: x\n\nbuy this", "other"), (mail(DMARC), "other"), (DMARC, "other"),
    (mail(b"{\"policies\": ["), "broken"), (mail(packed({"x": 1})[:-20]), "broken"), (mail(b"PK\3\4garbage"), "broken"),
    (b"[" * 100000, "broken"), (b"\x1f\x8b\x08" + b"\xff" * 100, "broken"), (b"x" * 11 * MIB, "too-big"))
def test_junk_is_no_error(importer, data, name):
    assert importer.feed(data) == {"pieces": 1, name: 1}
    assert importer.redis.hash("mta-sts:reports")[name] == 1


def bomb(size):
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    data = squeeze.compress(b"{")
    for _ in range(size // MIB):
        data += squeeze.compress(b" " * MIB)
    return data + squeeze.flush()


@pytest.mark.parametrize("name", ["gzip", "zip", "mail", "parts", "fields", "nested", "values", "objects",
                                  "policies", "details", "long", "groups", "parameters", "addresses", "quotes"])
def test_bombs_stay_small(importer, name):
    """Memory stays below 64 MiB, whatever comes in."""
    begin = b'{"report-id":"x","date-range":{"start-datetime":"%sT00:00:00Z"},"policies":[' % day().encode()
    bombs = {
        "gzip": lambda: bomb(256 * MIB),
        "zip": lambda: as_zip(*[("%d.json" % i, b"{" + b" " * 7 * MIB) for i in range(20)]),
        "mail": lambda: mail(bomb(100 * MIB)),
        "parts": lambda: b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * (2 * MIB - 10),
        "fields": lambda: b"a:\n" * 3 * MIB,
        "nested": lambda: b"Content-Type: message/rfc822\n\n" * 300000,
        "values": lambda: packed(0)[:0] + b"[" + b"0," * 4 * MIB + b"0]",
        "objects": lambda: begin + b"{}," * 99000 + b"{}]}",
        "policies": lambda: begin + b",".join([json.dumps(policy(text=[])).encode()] * 999) + b"]}",
        "details": lambda: json.dumps(report(policy(failure=1, details=[("t%d" % i, "mx%d.%s" % (i, "a" * 60 + ".example"), "r" * 64, 1)
                                                                      for i in range(11000)]))).encode(),
        "long": lambda: mail(b"\x00" * 7 * MIB),
        "groups": lambda: b"To: " + b"g:" * 4 * MIB + b"\n\nx",
        "parameters": lambda: b"Content-Type: multipart/mixed; " + b"".join(b"a%d=b; " % i for i in range(300000)) + b"\n\nx",
        "addresses": lambda: b"To: " + b"a," * MIB + b"\n\nx",
        "quotes": lambda: b"Subject: " + b'"a" ' * MIB + b"\n\nx",
    }
    data = bombs[name]()
    child = os.path.join(importer.stsctl.redis.directory, "bomb")
    with open(child, "wb") as file:
        file.write(data)
    done = subprocess.run(limited(importer.stsctl.program) + importer.stsctl.words("report", "import", child, *SETTINGS), env=importer.stsctl.environment,
                          capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# ---- Redis away ----

def test_away_and_back(importer):
    content = mail(report())
    importer.redis.stop()
    importer.feed(content, status=75)
    assert importer.feed(b"Subject: junk\n\nx") == {"pieces": 1, "other": 1}
    importer.redis.start()
    assert importer.feed(content)["counted"] == 1
    assert importer.counters()["success"] == 10


def test_a_key_that_is_something_else(importer):
    importer.redis.command("SET", "mta-sts:report:{example.org}", "x")
    assert importer.feed(mail(report()))["full"] == 1
    assert importer.redis.command("EXISTS", "mta-sts:report:{example.org}:" + day()) == 0


def test_settings_that_would_lose_reports(importer):
    done = subprocess.run(importer.stsctl.words("report", "import"), input=mail(report()), capture_output=True,
                          env=importer.stsctl.environment, timeout=60, check=False)
    assert done.returncode == 75 and b"local_domains is empty" in done.stderr
    # junk is still recognised as junk
    done = subprocess.run(importer.stsctl.words("report", "import"), input=mail(DMARC), capture_output=True,
                          env=importer.stsctl.environment, timeout=60, check=False)
    assert done.returncode == 0 and done.stdout == b"1 pieces, 0 reports, 1 other\n"
    # once the mistake in the settings is mended, the mail must still be there
    done = subprocess.run(importer.stsctl.words("report", "import", "-o", "no=such"), input=mail(report()), capture_output=True,
                          env=importer.stsctl.environment, timeout=60, check=False)
    assert done.returncode == 75 and b"the settings have mistakes" in done.stderr


def test_files_that_cannot_be_read(importer):
    stsctl = importer.stsctl
    assert stsctl.run("report", "import", "/dev/null", "/nonexistent", *SETTINGS, status=3) == "0 reports\n"
    assert "/nonexistent: No such file or directory" in stsctl.errors
    assert stsctl.json("report", "import", "--dry-run", "/nonexistent", *SETTINGS, status=3)["error"].startswith("/nonexistent: ")
