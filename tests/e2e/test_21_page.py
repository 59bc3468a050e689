# SPDX-License-Identifier: ISC
"""stsctl report shows what the milter counted of real mail: on the page, and in the mail."""
import email
import email.policy
import os
import re
import subprocess

import pytest
from lab.browser import Browser, find_browser
from lab.domains import Domain, policy, unpublished
from lab.reports import mail, policy as reported, report
from lab.stsctl import stsctl, stsctl_json
from lab.waiting import wait_until

DOMAINS = [Domain("good.test"), Domain("testing.test", body=policy("testing", name="testing.test")), unpublished("absent.test")]


@pytest.fixture(name="site")
def make_site(new_lab):
    """Two messages over TLS 1.3, one over 1.2, two in plaintext; a TLS report about the lab's own domain."""
    lab = new_lab(DOMAINS, settings={"policy_wait": "10s", "local_domains": "rcpt.test"})
    for sender, tls in (("u@good.test", "TLSv1.3"), ("u@good.test", ""), ("u@good.test", "TLSv1.2"), ("u@testing.test", "TLSv1.3"),
                        ("u@testing.test", "")):
        lab.send(sender, tls)
    wait_until(lambda: stsctl_json(lab, "stats", "--days", "1")[1]["messages"] == 5, "all messages are counted")
    content = mail(report(reported(domain="rcpt.test", success=41, failure=3, details=[("certificate-expired", "mx.rcpt.test", "", 3)])),
                   domain="rcpt.test", results="mx.lab.test; dkim=pass header.d=%s header.s=s1")
    subprocess.run([os.environ["STSCTL"], "report", "import", "-c", lab.milter.config], input=content, check=True, timeout=60,
                   stdout=subprocess.DEVNULL)
    return lab


def test_page(site, tmp_path):
    assert stsctl(site, "report", "html", str(tmp_path), "--days", "2") == (0, "")
    text = (tmp_path / "index.html").read_text("utf-8")
    for words in ("<b>5</b><span>of 2 sender domains</span>", "<b>60.0%</b><span>of the messages</span>", "<b>40.0%</b><span>2 messages</span>",
                  "<b>3</b><span>of 44 sessions to you</span>", ">certificate-expired<", ">mx.lab.test<"):
        assert words in text, words
    plain = re.sub(r"\s+", " ", re.sub(r"<(?:svg|style).*?</(?:svg|style)>|<[^>]*>", " ", text, flags=re.S))
    assert re.search(r"good\.test policy enforce, last seen \S+ \w+ from clients of its own 1 0 3 33\.3%", plain)
    assert re.search(r"enforce requires TLS for mail to it 1 3 33\.3%", plain)
    assert re.search(r"testing asks for reports only 1 2 50\.0%", plain)
    if find_browser() is None:
        pytest.skip("the page is as it should be; no chromium is installed to look at it")
    browser = Browser()
    try:
        browser.open(str(tmp_path / "index.html"), 360, 800)
        assert browser.complaints() == [] and "rcpt.test" in browser.ask("document.body.innerText")
    finally:
        browser.stop()


def test_mail(site):
    status, text = stsctl(site, "report", "mail")
    message = email.message_from_string(text, policy=email.policy.default)
    assert status == 0 and not message.defects
    body = message.get_body(("plain",)).get_content()
    assert ["good.test", "1", "0", "3", "33.3%"] in [line.split() for line in body.splitlines()]


def test_sendmail(site, tmp_path):
    """Postfix' own sendmail accepts it, for the given address."""
    if os.geteuid() != 0:
        pytest.skip("Postfix takes mail into a queue of the lab's only from root")
    program = tmp_path / "sendmail"
    program.write_text('#!/bin/sh\nexec /usr/sbin/sendmail -C %s "$@"\n' % site.postfix.directory)
    program.chmod(0o755)
    assert stsctl(site, "report", "mail", "--to", "postmaster@rcpt.test", "-o", "sendmail_path=%s" % program) == (0, "")
    queue = subprocess.run(["postconf", "-c", site.postfix.directory, "-h", "queue_directory"], capture_output=True, check=True,
                           encoding="utf-8").stdout.strip()
    name, = os.listdir(os.path.join(queue, "maildrop"))
    shown = subprocess.run(["postcat", "-c", site.postfix.directory, os.path.join(queue, "maildrop", name)], capture_output=True, check=True,
                           encoding="utf-8").stdout
    assert "recipient: postmaster@rcpt.test" in shown and "Subject: Mail and TLS at mx.lab.test" in shown
