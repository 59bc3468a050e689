# SPDX-License-Identifier: ISC
"""stsctl report html and report mail: the page on disk and in a real browser; the mail and its submission."""
import email
import email.policy
import os
import re
import stat
import subprocess
import time
from html.parser import HTMLParser

import pytest

from conftest import add_domain, fill
from lab.browser import Browser, find_browser
from lab.reports import day, mail, policy, report

SETTINGS = ("-o", "local_domains=example.org", "-o", "authserv_id=mx1.example.net", "-o", "dns_servers=127.0.0.1:1",
            "-o", "dns_timeout=100ms")
EVIL = "\"><script>alert(1)</script>"
PROM = """# HELP mta_sts_check_certificate_expiry_timestamp_seconds When the certificate expires.
mta_sts_check_certificate_expiry_timestamp_seconds{domain="example.org",host="mx1.example.org"} %d
mta_sts_check_certificate_expiry_timestamp_seconds{domain="example.org",host="mta-sts.example.org"} 1600000000
mta_sts_check_last_run_timestamp_seconds %d
"""


def fill_days(redis, days):
    """Each day's counters as the milter writes them: the older the day, the more plaintext."""
    now = int(time.time())
    for ago in range(days):
        counters = {"messages": 100 + ago, "tls:TLSv1.3": 70, "tls:TLSv1.2": 20, "tls:TLSv1.1": 3, "tls:TLSv1": 1, "tls:none": 5 + ago,
                    "tls:unknown": 1, "policy:enforce": 100 + ago}
        fill(redis, "mta-sts:stats:" + day(ago), counters)
        fill(redis, "mta-sts:domain:{plain.example}:" + day(ago), dict(counters, **{"aligned:tls:none": 2}))
        fill(redis, "mta-sts:domain:{good.example}:" + day(ago), {"messages": 9, "tls:TLSv1.3": 9, "policy:absent": 9})
    for name in ("plain.example", "good.example"):
        add_domain(redis, name, now - 5, {"messages": 1})


class Rows(HTMLParser):
    """The cells of each row of a page, and its texts; the page must be well formed."""

    VOID = ("meta", "rect", "path", "br")

    def __init__(self, text):
        super().__init__()
        self.rows, self.texts, self.open = [], [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.texts.append(data)
        if ("th" in self.open or "td" in self.open) and "span" not in self.open:
            self.rows[-1][-1] += data


def page(stsctl, tmp_path, *words):
    stsctl.run("report", "html", str(tmp_path / "out"), *SETTINGS, *words)
    text = (tmp_path / "out" / "index.html").read_text("utf-8")
    return Rows(text), text


# ---- the page ----

def test_nothing(stsctl, tmp_path):
    rows, text = page(stsctl, tmp_path)
    assert "No message was judged in these days." in text and "No verified report about these days has come in." in text
    assert "<rect" not in text and not rows.rows


def test_figures(stsctl, redis, tmp_path):
    fill_days(redis, 3)
    subprocess.run(stsctl.words("report", "import", *SETTINGS), check=True, stdout=subprocess.DEVNULL, env=stsctl.environment, timeout=60,
                   input=mail(report(policy(success=90, failure=10, details=[("certificate-expired", "mx1.example.org", "", 10)]))))
    fill(redis, "mta-sts:sent:{peer.example}", {"success": 9, "failure": 1, "last_success": int(time.time())})
    fill(redis, "mta-sts:sent:{peer.example}:" + day(0), {"success": 7, "failure": 1, "failure:starttls-not-supported": 1})
    redis.command("ZADD", "mta-sts:sent", int(time.time()), "peer.example")
    now = int(time.time())
    redis.command("ZADD", "mta-sts:nodes", now, "mx1.example.net")
    fill(redis, "mta-sts:node:{mx1.example.net}", {"seen": now, "started": now - 60, "enforcing": 1})
    prom = tmp_path / "mta-sts.prom"
    prom.write_text(PROM % (now + 30 * 86400 + 60, now))
    rows, text = page(stsctl, tmp_path, "--days", "3", "--certificates", str(prom))
    # the sum of three days of both domains: only plain.example is in the totals that were filled
    assert "<b>303</b><span>of 2 sender domains</span>" in text and "<b>5.9%</b><span>18 messages</span>" in text
    for row in ([day(0), "70", "20", "4", "5", "1"], [day(2), "70", "20", "4", "7", "1"], ["plain.example", "18", "12", "303", "9.9%"],
                ["enforce", "1", "303", "9.9%"], ["absent", "1", "27", "0.0%"], ["example.org", "1", "90", "10", "10.0%"],
                ["certificate-expired", "10"], ["peer.example", "7", "1", "12.5%"], ["starttls-not-supported", "1"],
                ["mta-sts.example.org", "2020-09-13T12:26:40Z", "expired"]):
        assert row in rows.rows, row
    assert any(row[0] == "mx1.example.org" and row[2] == "30" for row in rows.rows)
    assert any(row[0] == "mx1.example.net" and row[2] == "on" for row in rows.rows)
    assert "policy enforce, last seen %s, 6 from clients of its own" % time.strftime("%Y-%m-%d", time.gmtime(now - 5)) in text
    assert "%s to %s, 3 days (UTC)" % (day(2), day(0)) in text
    assert stsctl.run("report", "html", "-", *SETTINGS).startswith("<!DOCTYPE html>")


def test_limit(stsctl, redis, tmp_path):
    now = int(time.time())
    for number in range(30):
        fill(redis, "mta-sts:domain:{d%d.example}:%s" % (number, day(0)), {"messages": 100, "tls:none": number + 1})
        add_domain(redis, "d%d.example" % number, now, {"messages": 1})
    fill(redis, "mta-sts:stats:" + day(0), {"messages": 3000})
    rows, text = page(stsctl, tmp_path, "--limit", "2")
    assert [row[:2] for row in rows.rows if row and row[0].startswith("d") and "." in row[0]] == [["d29.example", "30"], ["d28.example", "29"]]
    assert "And 28 more" in text


def test_hostile(stsctl, redis, tmp_path):
    """Foreign data in Redis is left out, or harmless."""
    fill_days(redis, 1)
    now = int(time.time())
    for key in ("mta-sts:domains", "mta-sts:nodes", "mta-sts:sent"):
        redis.command("ZADD", key, now, EVIL)
    fill(redis, "mta-sts:domain:{%s}:%s" % (EVIL, day(0)), {"messages": 5, "tls:none": 5})
    fill(redis, "mta-sts:stats:" + day(0), {EVIL: 7, "tls:" + EVIL: 8, "tls:none": "9" * 40, "messages": 10 ** 15 - 1})
    fill(redis, "mta-sts:report:{example.org}", {"reports": 1})
    fill(redis, "mta-sts:report:{example.org}:" + day(0),
         {"reports": 1, "org:%s" % EVIL: 1, "org:a.example:sts:failure": 3, "detail:sts:%s:-:-:a.example" % EVIL: 3})
    redis.command("SET", "mta-sts:stats:" + day(1), "not a hash")
    done = subprocess.run(stsctl.words("report", "html", str(tmp_path), *SETTINGS), capture_output=True, check=False, timeout=60,
                          env=stsctl.environment)
    assert done.returncode in (0, 3)
    redis.command("DEL", "mta-sts:stats:" + day(1))
    _, text = page(stsctl, tmp_path)
    assert "<script" not in text and "alert" not in re.sub("<style>.*?</style>", "", text, flags=re.S).replace("&lt;script&gt;alert", "")
    assert "999,999,999,999,999" in text


def test_file(stsctl, redis, tmp_path):
    """Mode 0644 whatever the umask; the old page stays if the new one cannot be written; no other file is left in the directory."""
    fill_days(redis, 1)
    old = os.umask(0o077)
    try:
        page(stsctl, tmp_path)
    finally:
        os.umask(old)
    path = tmp_path / "out" / "index.html"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    before = path.read_bytes()
    fill_days(redis, 2)
    words = ("report", "html", str(tmp_path / "out"), *SETTINGS)
    assert "redis" in stsctl.run(*words, "-o", "redis=unix:/nonexistent/redis.sock", status=3) + stsctl.errors
    assert path.read_bytes() == before
    assert stsctl.json(*words) == {"page": str(path), "bytes": path.stat().st_size}
    assert path.read_bytes() != before and os.listdir(tmp_path / "out") == ["index.html"]
    (tmp_path / "file").write_text("")
    stsctl.run("report", "html", str(tmp_path / "file"), *SETTINGS, status=3)


@pytest.mark.parametrize("words, says", [
    (("html",), "expects a directory"), (("html", "a", "b"), "expects a directory"), (("html", ""), "expects a directory"),
    (("html", "-", "--json"), "not JSON"), (("html", "d", "--days", "401"), "1 to 400"), (("html", "d", "--limit", "0"), "1 to 1000"),
    (("html", "d", "--to", "a@b.example"), "does not take --to"), (("mail", "x"), "no operand"), (("mail", "--json"), "needs --to"),
    (("mail", "--to", "-x"), "LOCAL-PART@DOMAIN"), (("mail", "--to", "a@b.example, c@d.example"), "LOCAL-PART@DOMAIN"),
    (("mail", "--to", "a@b.example\nBcc: c"), "LOCAL-PART@DOMAIN"),
])
def test_usage(stsctl, words, says):
    stsctl.run("report", *words, *SETTINGS, status=2)
    assert says in stsctl.errors


def test_certificates_elsewhere(stsctl, tmp_path):
    stsctl.run("report", "html", "-", *SETTINGS, "--certificates", "/nonexistent", status=3)
    assert "no such file" in stsctl.errors
    (tmp_path / "x").write_text("something else\n")
    stsctl.run("report", "html", "-", *SETTINGS, "--certificates", str(tmp_path / "x"), status=3)
    assert "not what stsctl check --metrics writes" in stsctl.errors


# ---- the mail ----

def parts(text):
    message = email.message_from_string(text, policy=email.policy.default)
    assert not message.defects and message.get_content_type() == "multipart/alternative"
    return message, message.get_body(("plain",)).get_content(), message.get_body(("html",)).get_content()


def test_mail(stsctl, redis):
    fill_days(redis, 3)
    message, text, html = parts(stsctl.run("report", "mail", *SETTINGS))
    assert message["from"] == "mta-sts-milter <mta-sts-milter@mx1.example.net>" and message["to"] is None and message["date"]
    assert message["subject"] == "Mail and TLS at mx1.example.net" and message["auto-submitted"] == "auto-generated"
    assert ["plain.example", "18", "12", "303", "9.9%"] in [line.split() for line in text.splitlines()]
    assert max(map(len, text.splitlines())) <= 78
    assert ["plain.example", "18", "12", "303", "9.9%"] in Rows(html.replace("&nbsp;", "")).rows
    assert "http" not in html and "<script" not in html and "<style" not in html


def test_mail_goes(stsctl, redis, tmp_path):
    """sendmail gets the mail, and the address never as an option; its messages are passed on."""
    fill_days(redis, 1)
    program = tmp_path / "sendmail"
    program.write_text("#!/bin/sh\nprintf '%%s\\n' \"$@\" > %s/words\ncat > %s/mail\n" % (tmp_path, tmp_path))
    program.chmod(0o755)
    words = ("report", "mail", *SETTINGS, "-o", "sendmail_path=%s" % program, "-o", "report_from=tls@example.net", "--to")
    assert stsctl.run(*words, "postmaster@example.net") == ""
    assert (tmp_path / "words").read_text() == "-i\n--\npostmaster@example.net\n"
    message, _, _ = parts((tmp_path / "mail").read_text())
    assert message["to"] == "postmaster@example.net" and message["from"] == "mta-sts-milter <tls@example.net>"
    assert stsctl.json(*words, "root")["to"] == "root"
    program.write_text("#!/bin/sh\necho 'mail system is down' >&2; exit 75\n")
    stsctl.run(*words, "root", status=3)
    assert "exit status 75: mail system is down" in stsctl.errors


# ---- in a browser ----

@pytest.fixture(name="browser", scope="module")
def fixture_browser():
    if find_browser() is None:
        pytest.skip("no chromium is installed")
    browser = Browser()
    yield browser
    browser.stop()


# The lowest contrast of any text, and of any part of a picture, against its background, by WCAG 2.1.
CONTRAST = """(() => {
  const parse = c => c.match(/[\\d.]+/g).map(Number);
  const light = c => { const [r, g, b] = parse(c).map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ratio = (a, b) => { const x = light(a), y = light(b); return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05); };
  const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
    if (!(parse(c)[3] === 0)) return c; } return 'rgb(255,255,255)'; };
  const found = {text: 99, picture: 99};
  for (const e of document.querySelectorAll('body *')) {
    if (e.closest('svg')) { if (e.tagName === 'rect') found.picture = Math.min(found.picture, ratio(getComputedStyle(e).fill, behind(e))); }
    else if ([...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
      found.text = Math.min(found.text, ratio(getComputedStyle(e).color, behind(e)));
  }
  return found;
})()"""
# Elements wider than the window, or outside it.
OUTSIDE = """(() => { const w = document.documentElement.clientWidth;
  return [document.documentElement.scrollWidth - w,
    [...document.querySelectorAll('body *')].filter(e => { const r = e.getBoundingClientRect();
      return getComputedStyle(e).position !== 'absolute' && !e.closest('thead') && r.width > 0 && (r.right > w + 0.5 || r.left < -0.5); })
      .map(e => e.tagName + ' ' + e.textContent.slice(0, 40))];
})()"""
# The columns of the first picture: for each, its parts from the bottom up, with their height on the screen.
COLUMNS = """[...document.querySelector('svg.columns').querySelectorAll('g')].map(g =>
  [...g.querySelectorAll('rect')].map(r => [r.className.baseVal, r.getBoundingClientRect().height]))"""


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width, height", [(360, 800), (1280, 900)])
def test_browser(stsctl, redis, tmp_path, browser, width, height, dark):
    days = 30
    fill_days(redis, days)
    long = ("a-label-as-long-as-one-may-be-" * 3)[:63] + "." + "x" * 63 + "." + "y" * 63 + ".example"
    fill(redis, "mta-sts:domain:{%s}:%s" % (long, day(0)), {"messages": 10 ** 15 - 1, "tls:none": 10 ** 15 - 2})
    add_domain(redis, long, int(time.time()), {"messages": 1})
    _, text = page(stsctl, tmp_path)
    assert long in text and "999,999,999,999,998" in text
    browser.open(str(tmp_path / "out" / "index.html"), width, height, dark)
    kept = os.environ.get("STS_PICTURES")
    if kept:
        browser.picture(os.path.join(kept, "page-%dx%d-%s.png" % (width, height, "dark" if dark else "light")), whole=True)
    assert browser.requested() == ["file://%s" % (tmp_path / "out" / "index.html")] and browser.complaints() == []
    assert browser.ask("document.body.innerText").startswith("Mail and TLS at mx1.example.net")
    assert browser.ask("document.title") == "Mail and TLS at mx1.example.net"
    assert browser.ask("getComputedStyle(document.body).backgroundColor") == ("rgb(20, 23, 28)" if dark else "rgb(255, 255, 255)")
    assert browser.ask(OUTSIDE) == [0, []]
    browser.ask("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert browser.ask(OUTSIDE) == [0, []]
    for between in (320, 500, 620, 800):
        browser.call("Emulation.setDeviceMetricsOverride", width=between, height=height, deviceScaleFactor=1, mobile=False)
        assert browser.ask(OUTSIDE) == [0, []]
    contrast = browser.ask(CONTRAST)
    assert contrast["text"] >= 4.5 and contrast["picture"] >= 3, contrast
    # 12rem is the full axis, which ends at 200 for at most 129 messages
    columns = browser.ask(COLUMNS)
    assert len(columns) == days
    for number, column in enumerate(columns):
        ago = days - 1 - number
        wanted = [("f-tls13", 70), ("f-tls12", 20), ("f-old", 4), ("f-plain", 5 + ago), ("f-unknown", 1)]
        assert [name for name, _ in column] == [name for name, _ in wanted]
        for (_, height_seen), (_, n) in zip(column, wanted):
            assert abs(height_seen - n / 200 * 192) < 0.1


def test_browser_prints(stsctl, redis, tmp_path, browser):
    fill_days(redis, 7)
    page(stsctl, tmp_path)
    browser.open(str(tmp_path / "out" / "index.html"), 1280, 900, dark=True)
    browser.call("Emulation.setEmulatedMedia", media="print", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    assert browser.ask("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.ask("getComputedStyle(document.querySelector('details')).display") == "none"
    contrast = browser.ask(CONTRAST)
    assert contrast["text"] >= 4.5 and contrast["picture"] >= 3, contrast
    browser.call("Emulation.setEmulatedMedia", media="")
    pdf = browser.pdf()
    assert pdf.startswith(b"%PDF-") and 1 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 4
