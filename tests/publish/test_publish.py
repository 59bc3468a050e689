# SPDX-License-Identifier: ISC
"""From nothing to a policy that senders find: the files that stsctl publish writes, in real servers."""
import fcntl
import json
import os
import re
import shlex
import stat
import subprocess

import pytest

COMMON = """\
state_file = {directory}/publish.state
web_root = {directory}/www/%d
certificate = {directory}/tls/mta-sts.%d.pem
certificate_key = {directory}/tls/mta-sts.%d.key
http_listen = {http}
https_listen = {https}
log_dir = {directory}/log
dns_dir = {directory}/dns
web_host = 127.0.0.20
rua = mailto:tls@good.test
"""


def spec(server, *stanzas):
    return COMMON + "%s_dir = {directory}/sites\n" % server + "".join(stanzas)


def stanza(domain, *lines):
    return "".join(line + "\n" for line in ("domain = " + domain, *lines))


def deploy(site, server, domain):
    """What the operator does between apply and verify."""
    site.zone(domain, "%s. MX 10 mail.good.test.\n%s" % (domain, site.read("dns", domain + ".1-host.zone")))
    site.certificate("mta-sts." + domain)
    return site.serve(server)


@pytest.mark.parametrize("server", ["apache", "nginx"])
def test_from_nothing_to_a_policy(new_site, server):
    domain = "%s.test" % server
    host = "mta-sts." + domain
    site = new_site(spec(server, stanza(domain)))
    site.zone(domain, "%s. MX 10 mail.good.test." % domain)
    planned = site.publish_json("plan")[domain]
    assert (planned["change"], planned["gate"], planned["written"]) == ("new", "open", False)
    assert not os.path.exists(site.path("publish.state")) and not os.path.exists(site.path("www"))

    applied = site.publish_json("apply")[domain]
    policy = "version: STSv1\r\nmode: testing\r\nmx: mail.good.test\r\nmax_age: 604800\r\n"
    assert site.read("www", domain, ".well-known", "mta-sts.txt") == policy == applied["policy"]
    assert stat.S_IMODE(os.stat(site.path("www", domain, ".well-known", "mta-sts.txt")).st_mode) == 0o644
    assert re.fullmatch(r"[0-9]{8}T[0-9]{6}Z", applied["id"])

    # first HTTP alone: it serves the ACME challenge, and redirects everything else
    https = site.path("sites", host + "-https.conf")
    os.rename(https, https + ".later")
    web = site.serve(server)
    os.makedirs(site.path("www", domain, ".well-known", "acme-challenge"))
    with open(site.path("www", domain, ".well-known", "acme-challenge", "token"), "w", encoding="ascii") as file:
        file.write("challenge")
    assert site.get(host, "/.well-known/acme-challenge/token", tls=False)[::2] == (200, "challenge")
    status, headers, _ = site.get(host, tls=False)
    assert (status, headers["location"]) == (301, "https://%s/.well-known/mta-sts.txt" % host)

    # verify fails without HTTPS, and writes no record before it succeeds
    os.rename(https + ".later", https)
    site.zone(domain, "%s. MX 10 mail.good.test.\n%s" % (domain, site.read("dns", domain + ".1-host.zone")))
    refused = site.publish_json("verify", status=1)[domain]
    assert not refused["verified"] and refused["why"].startswith(("fetch-connect", "fetch-tls"))
    assert not os.path.exists(site.path("dns", domain + ".2-policy.zone"))

    site.certificate(host)
    web.restart()
    assert site.publish_json("verify")[domain] == {
        "domain": domain, "verified": True, "id": applied["id"], "record": "v=STSv1; id=%s;" % applied["id"]}
    site.zone(domain + " policy", site.read("dns", domain + ".2-policy.zone"))
    found = json.loads(site.stsctl("lookup", "--json", domain))["result"]
    assert (found["state"], found["mode"], found["id"]) == ("policy", "testing", applied["id"])
    checked = json.loads(site.stsctl("check", "--json", "--state", "none", domain))
    assert [f for f in checked["findings"] if f["level"] in ("warn", "fail")] == [] and checked["verdict"] == "pass"
    assert {"record.ok", "host.ok", "tls.ok", "fetch.ok", "mx.ok", "smtp.ok", "tlsrpt.ok"} <= {
        f["id"] for f in checked["findings"]}

    # the server serves the policy and nothing else
    status, headers, body = site.get(host)
    assert (status, body) == (200, policy)
    assert headers["content-type"].split(";")[0] == "text/plain"
    for path in ("/", "/.well-known/", "/.well-known/acme-challenge/token", "/.well-known/mta-sts.txt/x", "/../publish.state"):
        assert site.get(host, path)[0] in (400, 403, 404), path

    again = site.publish_json("plan")[domain]
    assert (again["change"], again["id"], again["released"]) == ("same", applied["id"], True)
    assert {file["state"] for file in again["files"]} == {"unchanged"}


def test_guide_issue_3_mx_mismatch(new_site):
    """The policy names other hosts than DNS: with enforce, nothing is written."""
    site = new_site(spec("nginx", stanza("mismatch.test", "mode = enforce", "mx = mail.elsewhere.test")))
    site.zone("mx", "mismatch.test. MX 10 mail.good.test.\n")
    for verb in ("plan", "apply"):
        said = site.publish_json(verb, status=1)["mismatch.test"]
        assert (said["gate"], said["written"]) == ("refused", False)
        assert "mx.not-covered" in [f["id"] for f in said["findings"] if f["level"] == "fail"]
    assert not os.path.exists(site.path("www")) and not os.path.exists(site.path("publish.state"))
    text = site.publish("plan", status=1)
    assert "fail  mx.not-covered" in re.sub(r"\033\[[0-9]*m", "", text) and "  refused  " in text
    # in mode testing no mail is lost, so it may be written
    site.write(spec("nginx", stanza("mismatch.test", "mode = testing", "mx = mail.elsewhere.test")))
    said = site.publish_json("plan")["mismatch.test"]
    assert "mx.not-covered" in [f["id"] for f in said["findings"] if f["level"] == "warn"]
    # names taken from DNS cannot mismatch
    site.write(spec("nginx", stanza("mismatch.test", "mode = enforce")))
    assert site.publish_json("apply")["mismatch.test"]["gate"] == "open"


@pytest.mark.parametrize("host, finding", [("plain", "smtp.no-starttls"), ("expired", "smtp.expired")])
def test_enforce_wants_mail_exchangers_that_pass(new_site, host, finding):
    domain = "enforce-%s.test" % host
    site = new_site(spec("nginx", stanza(domain, "mode = enforce")))
    site.zone("mx", "%s. MX 10 mail.good.test.\n%s. MX 20 mail.%s.test." % (domain, domain, host))
    said = site.publish_json("apply", status=1)[domain]
    assert said["gate"] == "refused" and finding in [f["id"] for f in said["findings"] if f["level"] == "fail"]
    assert not os.path.exists(site.path("www"))
    said = site.publish_json("apply", "--force")[domain]
    assert (said["gate"], said["written"]) == ("forced", True)
    assert "mx: mail.%s.test\r\n" % host in site.read("www", domain, ".well-known", "mta-sts.txt")


def test_mail_exchangers_that_cannot_be_had(new_site):
    site = new_site(spec("nginx", stanza("null.test"), stanza("gone.test"), stanza("bare.test")))
    site.zone("mx", "null.test. MX 0 .\nbare.test. A 127.0.0.31\n")
    said = site.publish_json("plan", status=1)
    assert "null MX" in said["null.test"]["error"]
    assert "no such domain" in said["gone.test"]["error"]
    assert "\r\nmx: bare.test\r\n" in said["bare.test"]["policy"]	# RFC 5321 section 5.1
    site.write(spec("nginx", stanza("x.servfail.test")))
    said = site.publish_json("plan", status=3)
    assert "cannot be looked up" in said["x.servfail.test"]["error"]


def test_guide_force_policy_refresh(new_site):
    """The id changes exactly when the policy does; it is a time, without the guide's dash, which is invalid in an id."""
    domain = "refresh.test"
    site = new_site(spec("nginx", stanza(domain, "mx = mail.good.test")))
    site.zone("mx", "%s. MX 10 mail.good.test." % domain)
    site.publish("apply")
    deploy(site, "nginx", domain)
    first = site.publish_json("verify")[domain]["id"]
    record = site.read("dns", domain + ".2-policy.zone")
    assert site.publish_json("apply")[domain]["id"] == first
    site.write(spec("nginx", stanza(domain, "mx = mail.good.test *.good.test")))
    applied = site.publish_json("apply")[domain]
    assert (applied["change"], applied["released"]) == ("changed", False)
    assert applied["id"] > first and applied["id"].isalnum()
    assert site.read("dns", domain + ".2-policy.zone") == record	# unchanged until verify has seen the new policy
    assert site.publish_json("verify")[domain]["id"] == applied["id"]
    zone = site.read("dns", domain + ".2-policy.zone")
    assert zone == '_mta-sts.%s. 3600 IN TXT "v=STSv1; id=%s;"\n' % (domain, applied["id"])
    # the file is edited by hand
    with open(site.path("www", domain, ".well-known", "mta-sts.txt"), "a", encoding="ascii") as file:
        file.write("mx: mail.elsewhere.test\r\n")
    said = site.publish_json("verify", status=1)[domain]
    assert said["why"] == "the text that is served is not the one that was written: line 6 differs"
    assert [f["state"] for f in site.publish_json("plan")[domain]["files"]][0] == "differs"


def test_guide_multiple_domains(new_site):
    """Two domains, one mail server: each has its own host, certificate, policy and records."""
    domains = ["one.test", "two.test"]
    site = new_site(spec("apache", *(stanza(domain) for domain in domains)))
    for domain in domains:
        site.zone(domain, "%s. MX 10 mail.good.test." % domain)
    assert sorted(site.publish_json("apply")) == domains
    for domain in domains:
        site.zone(domain, "%s. MX 10 mail.good.test.\n%s" % (domain, site.read("dns", domain + ".1-host.zone")))
        site.certificate("mta-sts." + domain)
    site.serve("apache")
    assert {entry["verified"] for entry in site.publish_json("verify").values()} == {True}
    for domain in domains:
        site.zone(domain + " policy", site.read("dns", domain + ".2-policy.zone"))
        assert json.loads(site.stsctl("lookup", "--json", domain))["result"]["state"] == "policy"
    # one domain changes, the other does not
    site.write(spec("apache", stanza("one.test", "mode = enforce"), stanza("two.test")))
    said = site.publish_json("plan")
    assert (said["one.test"]["change"], said["two.test"]["change"]) == ("changed", "same")
    assert list(site.publish_json("apply", "one.test")) == ["one.test"]
    assert "mode: testing" in site.read("www", "two.test", ".well-known", "mta-sts.txt")


def move_back(site, domain, seconds):
    """Changes the state as if the policy had been released earlier."""
    with open(site.path("publish.state"), encoding="utf-8") as file:
        state = json.load(file)
    state["domains"][domain]["released"] -= seconds
    with open(site.path("publish.state"), "w", encoding="utf-8") as file:
        json.dump(state, file)


def test_retire(new_site):
    domain = "leaving.test"
    site = new_site(spec("nginx", stanza(domain, "max_age = 30d")))
    site.zone("mx", "%s. MX 10 mail.good.test." % domain)
    assert "has no policy of it" in site.publish_json("retire", domain, status=1)[domain]["error"]
    site.publish("apply")
    deploy(site, "nginx", domain)
    first = site.publish_json("verify")[domain]["id"]
    site.write(spec("nginx", stanza(domain, "max_age = 2d")))
    site.publish("apply")
    site.publish("verify")

    begun = site.publish_json("retire", domain)[domain]
    assert begun["state"] == "unseen" and begun["id"] > first
    assert site.read("www", domain, ".well-known", "mta-sts.txt") == "version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"
    assert site.publish_json("retire", domain, status=1)[domain]["state"] == "unseen"
    planned = site.publish_json("plan")[domain]		# the file still says testing
    assert (planned["mode"], planned["change"]) == ("none", "same")
    assert site.publish_json("verify")[domain]["id"] == begun["id"]
    waiting = site.publish_json("retire", domain, status=1)[domain]
    assert (waiting["state"], waiting["longest_max_age"]) == ("waiting", 30 * 86400)
    assert not os.path.exists(site.path("dns", domain + ".3-removal.nsupdate"))
    assert "Senders may use older policies until 20" in site.publish("retire", domain, status=1)

    move_back(site, domain, 30 * 86400 - 60)
    site.publish("retire", domain, status=1)
    move_back(site, domain, 60)
    text = site.publish("retire", domain)
    assert "update delete _mta-sts.%s. TXT\n" % domain in text
    assert "update delete _mta-sts.%s. TXT\n" % domain in site.read("dns", domain + ".3-removal.nsupdate")
    # published again
    assert site.publish_json("apply", "--force")[domain]["mode"] == "testing"
    assert site.publish_json("plan")[domain]["mode"] == "testing"


@pytest.mark.parametrize("first", ["apply", "verify", "retire"])
def test_retire_what_others_have_published(new_site, first):
    """A policy older than stsctl's state: senders may have cached it, so retiring takes as long as its max_age."""
    domain = "before-%s.test" % first
    site = new_site(spec("nginx", stanza(domain, "max_age = 60d")))
    site.zone("mx", "%s. MX 10 mail.good.test." % domain)
    site.publish("apply")
    deploy(site, "nginx", domain)
    old = site.read("www", domain, ".well-known", "mta-sts.txt")
    os.unlink(site.path("publish.state"))
    site.write(spec("nginx", stanza(domain, "max_age = 2d")))
    if first == "verify":	# the first apply saw no file; then somebody puts the old one back
        os.unlink(site.path("www", domain, ".well-known", "mta-sts.txt"))
    if first != "retire":
        site.publish("apply")
    if first == "verify":
        new = site.read("www", domain, ".well-known", "mta-sts.txt")
        for text, status in ((old, 1), (new, 0)):
            with open(site.path("www", domain, ".well-known", "mta-sts.txt"), "w", encoding="ascii", newline="") as file:
                file.write(text)
            site.publish("verify", status=status)
    assert site.publish_json("retire", domain)[domain]["state"] == "unseen"
    site.publish("verify")
    waiting = site.publish_json("retire", domain, status=1)[domain]
    assert (waiting["state"], waiting["longest_max_age"]) == ("waiting", 60 * 86400)


def test_links_are_not_followed_below_others_directories(new_site):
    """Whoever can write the web root cannot redirect root's writes, nor take the lock."""
    domain = "link.test"
    site = new_site(spec("nginx", stanza(domain, "mx = mail.good.test")))
    site.zone("mx", "%s. MX 10 mail.good.test." % domain)
    root, elsewhere = site.path("www", domain), site.path("elsewhere")
    os.makedirs(root)
    os.mkdir(elsewhere, 0o700)
    os.chown(root, 65534, -1)
    os.symlink(elsewhere, os.path.join(root, ".well-known"))
    site.publish("apply", status=3)
    assert ".well-known is a symbolic link, and others may write there" in site.errors
    assert os.listdir(elsewhere) == [] and stat.S_IMODE(os.stat(elsewhere).st_mode) == 0o700
    assert stat.S_IMODE(os.stat(site.path("publish.state.lock")).st_mode) == 0o600
    os.chown(root, 0, -1)		# root's own link is followed
    site.publish("apply")
    assert os.listdir(elsewhere) == ["mta-sts.txt"] and stat.S_IMODE(os.stat(elsewhere).st_mode) == 0o700


def test_output_directory(new_site):
    """For another machine: all files for both servers in one directory, and a state file beside them."""
    site = new_site(COMMON + stanza("copied.test", "mx = mail.good.test"))
    site.zone("mx", "copied.test. MX 10 mail.good.test.")
    out = site.path("out")
    site.publish("apply", "--output", out)
    assert sorted(os.listdir(site.path("out", "copied.test"))) == [
        "1-host.nsupdate", "1-host.zone", "apache-http.conf", "apache-https.conf", "mta-sts.txt", "nginx-http.conf",
        "nginx-https.conf"]
    assert sorted(os.listdir(out)) == ["copied.test", "publish.state", "publish.state.lock"]
    assert not os.path.exists(site.path("www")) and not os.path.exists(site.path("publish.state"))


def test_what_is_printed_can_be_pasted(new_site):
    """Printed commands repeat the options that were given, whatever characters are in file names."""
    site = new_site(spec("nginx", stanza("pasted.test", "mx = mail.good.test")))
    site.zone("mx", "pasted.test. MX 10 mail.good.test.")
    out = site.path("it's an \"output\"")
    said = site.publish("plan", "--output", out)
    line = re.search(r"^  next +(stsctl .*publish apply.*)$", said, re.M).group(1)
    words = shlex.split(line)
    assert words[words.index("--output") + 1] == out
    assert words[words.index("--from") + 1] == site.spec and words[words.index("-c") + 1] == "/dev/null"
    done = subprocess.run(["sh", "-c", line], check=False, capture_output=True,
                          env=dict(os.environ, PATH=os.path.dirname(os.environ["STSCTL"]) + ":" + os.environ["PATH"]))
    assert done.returncode == 0, done.stderr
    assert os.path.exists(os.path.join(out, "pasted.test", "mta-sts.txt"))


def test_one_at_a_time(new_site):
    site = new_site(spec("nginx", stanza("busy.test", "mx = mail.good.test")))
    site.zone("mx", "busy.test. MX 10 mail.good.test.")
    with open(site.path("publish.state.lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for verb in ("apply", "verify"):
            site.publish(verb, status=3)
            assert site.errors == "stsctl: another stsctl publish is running\n"
        site.publish("plan")
    site.publish("apply")


def test_mistakes(new_site):
    site = new_site("domain = a.test\nmode = strict\nweb_root = /srv/\"; include /etc/passwd\ndomain = a.test\n")
    site.publish("plan", status=2)
    lines = site.errors.splitlines()
    assert [line.rsplit("/", 1)[-1].split(": ")[0] for line in lines[:1]] == ["publish.conf:2"]
    assert [":2: mode: " in lines[0], ":3: web_root: " in lines[1], ":4: domain: " in lines[2]] == [True] * 3
    site.write(spec("nginx", stanza("a.test", "mx = mail.good.test")))
    site.zone("mx", "a.test. MX 10 mail.good.test.")
    site.publish("plan", "b.test", status=2)
    site.publish("destroy", status=2)
    site.publish("retire", status=2)
    for state in ("{", '{"format":1,"domains":{"a.test":{"policy":"x"}}}'):
        with open(site.path("publish.state"), "w", encoding="ascii") as file:
            file.write(state)
        site.publish("apply", status=3)
        assert site.read("publish.state") == state and not os.path.exists(site.path("www"))


@pytest.mark.parametrize("server", ["apache", "nginx"])
def test_names_with_spaces(new_site, server):
    """Names that the file accepts mean the same to the servers."""
    domain = "odd-%s.test" % server
    site = new_site(spec(server, stanza(domain, "web_root = {directory}/www for %d,~@+=:%%.conf".replace("%%", ""))))
    site.zone("mx", "%s. MX 10 mail.good.test." % domain)
    site.publish("apply")
    deploy(site, server, domain)
    assert site.publish_json("verify")[domain]["verified"]


def test_zone_files_load(new_site, tmp_path):
    """nsd's own checker accepts the printed lines, including long report addresses."""
    uris = " ".join("mailto:%s%d@reports.test" % ("x" * 60, number) for number in range(8))
    site = new_site(spec("nginx", stanza("long.test", "mx = mail.good.test", "rua = " + uris)))
    site.zone("mx", "long.test. MX 10 mail.good.test.")
    site.publish("apply")
    zone = tmp_path / "zone"
    zone.write_text("long.test. 3600 IN SOA ns.test. h.test. 1 1 1 1 1\nlong.test. 3600 IN NS ns.test.\n" +
                    site.read("dns", "long.test.1-host.zone"))
    done = subprocess.run(["nsd-checkzone", "long.test", str(zone)], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    strings = re.findall('"([^"]*)"', site.read("dns", "long.test.1-host.zone"))
    assert max(map(len, strings)) == 255
    assert "".join(strings) == "v=TLSRPTv1; rua=" + uris.replace(" ", ",")
