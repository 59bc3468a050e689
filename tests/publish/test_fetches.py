# SPDX-License-Identifier: ISC
"""Who has fetched the policy, according to logs that real servers wrote."""
import gzip
import json
import time

import pytest
from conftest import STRANGER
from test_publish import deploy, spec, stanza


@pytest.fixture(name="deployed", params=["apache", "nginx"])
def make_deployed(new_site, request):
    domain = "fetched-%s.test" % request.param
    site = new_site(spec(request.param, stanza(domain, "mx = mail.good.test")))
    site.zone("mx", "%s. MX 10 mail.good.test." % domain)
    site.publish("apply")
    server = deploy(site, request.param, domain)
    site.publish("verify")		# fetches from an address of this machine
    return site, domain, server


def fetches(site, *words, status=0):
    return json.loads(site.stsctl("fetches", "--json", *words, status=status))


def test_who_came(deployed):
    site, domain, server = deployed
    host = "mta-sts." + domain
    site.get(host, agent="Google-SMTP-STS")
    site.get(host, agent="Google-SMTP-STS")
    site.get(host, agent='evil" \x1b[2J \\" 200 \x07')
    site.get(host, path="/.well-known/mta-sts.txt?x=\"", agent="curl/8")
    site.get(host, path="/robots.txt", agent="Bot")
    site.get(host, agent="Google-SMTP-STS", tls=False)
    server.stop()			# flushes its log
    log = site.path("log", host + "_access.log")
    said = fetches(site, "--log", log)
    assert (said["unreadable"], said["dropped"]) == (0, 0)
    (entry,) = said["domains"]
    assert (entry["domain"], entry["silent"], entry["own"]) == (domain, False, 1)
    google = [f for f in entry["fetchers"] if f["sender"] == "Google"]
    assert [(f["client"], f["fetched"], f["failed"]) for f in google] == [(STRANGER, 2, 0)]
    assert len(entry["fetchers"]) == 3
    text = site.stsctl("fetches", "--log", log)
    assert "Google-SMTP-STS" in text and "warning" not in text

    # one of our addresses on another machine; rotated logs
    assert fetches(site, "--own", "192.0.2.1 %s/32" % STRANGER, "--log", log, status=1)["domains"][0]["own"] == 5
    rotated = site.path("log", host + "_access.log.2.gz")
    with open(log, "rb") as plain, gzip.open(rotated, "wb") as packed:
        packed.write(plain.read())
    assert fetches(site, "--log", rotated)["domains"] == said["domains"]
    for words in (["--log", log, rotated], ["--log", log, "--log", rotated], [log, rotated]):
        assert fetches(site, *words)["domains"][0]["own"] == 2


def test_guide_issue_4_no_external_fetches(deployed):
    """Only this machine is in the log: a warning, with possible causes."""
    site, domain, server = deployed
    server.stop()
    log = site.path("log", "mta-sts.%s_access.log" % domain)
    text = site.stsctl("fetches", "--log", log, status=1)
    assert text.startswith("%s: never fetched by others; left out: 1 of our own\n" % domain)
    assert "warning: nobody in the last 48 hours" in text
    for cause in ("TXT record", "SOA", "no mail comes", "id is unchanged", "rotated"):
        assert cause in text
    assert " check %s\n" % domain in text, "a command that can be pasted: with the domain"
    with open(log, "w", encoding="ascii"):
        pass
    assert fetches(site, "--log", log, status=1)["domains"][0]["silent"]	# empty, but named after the domain
    other = site.path("log", "other.log")
    with open(other, "w", encoding="ascii"):
        pass
    assert fetches(site, "--log", other, status=1)["domains"] == []		# no domain known, and no fetch
    text = site.stsctl("fetches", "--log", other, status=1)
    assert "warning: nobody has asked for a policy" in text and " check DOMAIN\n" in text


def test_hostile_logs(new_site):
    site = new_site("domain = a.test\n")
    log = site.path("mta-sts.a.test_access.log")
    good = b'203.0.113.5 - - [24/Nov/2020:10:00:00 +0000] "GET /.well-known/mta-sts.txt HTTP/1.1" 200 1 "-" "x"\n'
    with open(log, "wb") as file:
        file.write(b"\0\0\0\n" + good + b"x" * 100000 + b"\n" + good[:-1].replace(b'"x"', b'"y\0y"') + b"\n" + good + b"\xff\xfe\x1b[2J\n" +
                   b"203.0.113.6 - - [" + b"[" * 20000 + b"\n" +
                   good[:-1].replace(b'"x"', b'"\x1b]0;x\x07\xff"') + b"\n" + good[:60])
    said = fetches(site, "--log", log, status=1)	# long ago
    assert said["unreadable"] == 5
    assert sorted((f["agent"], f["fetched"]) for f in said["domains"][0]["fetchers"])[1:] == [("x", 2), ("y?y", 1)]
    assert "\\x1b]0;x\\x07\\xff" in site.stsctl("fetches", "--log", log, status=1)
    packed = site.path("mta-sts.b.test_access.log.gz")
    with open(packed, "wb") as file:
        file.write(gzip.compress(good * 1000)[:-20])
    site.stsctl("fetches", "--log", packed, status=3)	# the rest cannot be read
    assert "cannot be read to its end" in site.errors
    site.stsctl("fetches", "--log", site.path("not-there"), status=3)
    site.stsctl("fetches", "--log", site.directory, status=3)
    site.stsctl("fetches", "--log", log, site.path("not-there"), status=3)	# no recent fetch in what could be read
    site.stsctl("fetches", "--own", "nonsense", status=2)
    site.stsctl("fetches", "--log", status=2)


def test_other_virtual_hosts(new_site):
    """One log for all virtual hosts, and one for HTTP: only HTTPS requests to policy hosts are fetches."""
    site = new_site("domain = a.test\n")
    now = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(time.time() - 60))

    def line(host, status):
        return '%s203.0.113.5 - - [%s] "GET /.well-known/mta-sts.txt HTTP/1.1" %d 1 "-" "x"\n' % (host, now, status)

    log, http = site.path("other_vhosts_access.log"), site.path("mta-sts.a.test_http_access.log")
    with open(log, "w", encoding="ascii") as file:
        file.write(line("mta-sts.a.test:443 ", 200) + line("www.a.test:443 ", 404) + line("MTA-STS.a.test:443 ", 200) +
                   line("mta-sts.a.test:80 ", 302) + line("mta-sts.a.test:443 ", 301))
    with open(http, "w", encoding="ascii") as file:
        file.write(line("", 302) + line("", 308))
    said = fetches(site, "--log", log, http)
    (entry,) = said["domains"]
    assert (entry["domain"], entry["silent"]) == ("a.test", False)
    assert [(f["fetched"], f["failed"]) for f in entry["fetchers"]] == [(2, 1)]
