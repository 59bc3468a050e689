# SPDX-License-Identifier: ISC
"""stsctl report show: the counts from reports, explained; joined with the web server's log and with the published policies."""
import csv
import io
import json
import subprocess
import time

import pytest

from conftest import add_domain, fill
from lab.reports import day, mail, policy, report

SETTINGS = ("-o", "local_domains=example.org example.com", "-o", "authserv_id=mx1.example.net", "-o", "dns_servers=127.0.0.1:1",
            "-o", "dns_timeout=100ms")
FETCH_ERROR = ("sts-policy-fetch-error", "", "", 4)


def feed(stsctl, *contents, submitter="google.com", **how):
    for content in contents:
        subprocess.run(stsctl.words("report", "import", *SETTINGS), input=mail(content, submitter=submitter, **how), check=True,
                       stdout=subprocess.DEVNULL, env=stsctl.environment, timeout=60)


def show(stsctl, *words, status=0):
    return stsctl.json("report", "show", "example.org", *words, *SETTINGS, status=status)


def test_nothing(stsctl):
    assert "no verified report" in stsctl.run("report", "show", "example.org", *SETTINGS)
    assert show(stsctl)["verified"]["reports"] == 0
    assert "example.com: 0 reports" in stsctl.run("report", "show", *SETTINGS)


def test_by_organisation(stsctl):
    feed(stsctl, report(policy(success=90, failure=10, details=[("validation-failure", "old.example.org", "", 10)]),
                        policy("tlsa", "mx1.example.org", 50)))
    feed(stsctl, report(policy(success=7), policy("no-policy-found", "example.org", 3)), submitter="microsoft.com")
    found = show(stsctl, status=1)["verified"]
    assert [(org["org"], org["reports"], org["sessions"]["sts"], org["sessions"]["tlsa"]["success"], org["sessions"]["none"]["success"])
            for org in found["orgs"]] == [("google.com", 1, {"success": 90, "failure": 10}, 50, 0),
                                          ("microsoft.com", 1, {"success": 7, "failure": 0}, 0, 3)]
    assert found["sessions"]["sts"] == {"success": 97, "failure": 10}
    text = stsctl.run("report", "show", "example.org", *SETTINGS, status=1)
    assert "google.com" in text and "10.0%" in text and "10 x validation-failure at old.example.org, says google.com" in text
    assert "none of the policy's mx lines" in text
    # ready to paste: with the settings that this command was given
    assert "Next: stsctl -c /dev/null -o redis=unix:%s " % stsctl.redis.socket in text and " check example.org\n" in text
    only = show(stsctl, "--org", "microsoft.com")["verified"]
    assert [org["org"] for org in only["orgs"]] == ["microsoft.com"] and only["failures"] == []
    everything = stsctl.run("report", "show", *SETTINGS, status=1)
    assert "example.org: 2 reports, 107 sessions under MTA-STS, 10 of them failed, the last about %s: act" % day() in everything


@pytest.mark.parametrize("submitter, detail, act, cause", [
    ("google.com", ("certificate-expired", "mx1.example.org", "", 1), "yes", "mx"),
    ("google.com", ("validation-failure", "mx1.example.org", "", 1), "yes", "policy"),
    ("microsoft.com", ("validation-failure", "mx1.example.org", "", 1), "look", "mx"),
    ("microsoft.com", ("validation-failure", "mx1.example.org", "MX_HOSTS_MISMATCH", 1), "yes", "policy"),
    ("microsoft.com", FETCH_ERROR, "look", "policy"),
    ("mail.ru", ("sts-policy-fetch-error", "", "bad https response code: 404", 1), "yes", "policy"),
    ("small.example", ("dane-required", "", "", 1), "no", "sender"),
    ("small.example", ("brand-new-type", "", "", 1), "look", "unknown"),
])
def test_explained(stsctl, submitter, detail, act, cause):
    feed(stsctl, report(policy(success=0, failure=1, details=[detail])), submitter=submitter)
    failure, = show(stsctl, status=1 if act == "yes" else 0)["verified"]["failures"]
    assert (failure["must_act"], failure["cause"]) == (act, cause)
    assert failure["meaning"] and (failure["next"] or act == "no")


def test_unverified_is_apart(stsctl):
    feed(stsctl, report(policy(success=0, failure=1000, details=[("certificate-expired", "mx1.example.org", "", 1000)])),
         results=None)
    found = show(stsctl)
    assert found["verified"]["reports"] == 0 and found["unverified"]["sessions"]["sts"]["failure"] == 1000
    assert "UNVERIFIED" in stsctl.run("report", "show", "example.org", *SETTINGS)


# ---- joined with the log ----

def log_line(ago, status):
    when = time.strftime("%d/%b/%Y:12:00:00 +0000", time.gmtime(time.time() - ago * 86400))
    return '192.0.2.1 - - [%s] "GET /.well-known/mta-sts.txt HTTP/1.1" %d 100 "-" "curl/8"\n' % (when, status)


@pytest.mark.parametrize("lines, word", [
    ([log_line(1, 200)], "some-fetched"), ([log_line(1, 404)], "all-failed"), ([log_line(0, 200)], "too-short"),
    ([log_line(3, 200), log_line(0, 200)], "no-request"), ([], "too-short")])
def test_the_log_tells(stsctl, tmp_path, lines, word):
    log = tmp_path / "mta-sts.example.org_access.log"
    log.write_text("".join(lines))
    feed(stsctl, report(policy(success=0, failure=4, details=[FETCH_ERROR])), submitter="microsoft.com")
    assert show(stsctl, "--log", str(log))["verified"]["failures"][0]["web_log"] == word
    if word == "no-request":
        assert "look at DNS and firewall" in stsctl.run("report", "show", "example.org", "--log", log, *SETTINGS)


# ---- policies ----

def test_policies_by_id(stsctl, tmp_path):
    spec = tmp_path / "publish.conf"
    spec.write_text("state_file = %s/state\ndomain = example.org\nmode = testing\nmx = mx1.example.org\nmax_age = 7d\n"
                    "web_host = 127.0.0.1\nweb_root = %s/web\napache_dir =\nnginx_dir =\ndns_dir =\n" % (tmp_path, tmp_path))
    command = [stsctl.program, "publish", "apply", "--from", str(spec), "-c", "/dev/null", "-o", "dns_servers=127.0.0.1:1"]
    for mode in ("testing", "enforce"):
        spec.write_text(spec.read_text().replace("mode = testing", "mode = " + mode))
        subprocess.run(command + ["--force"], env=stsctl.environment, timeout=60, check=False, stdout=subprocess.DEVNULL)
    state = json.loads((tmp_path / "state").read_text())
    ids = [issued[0] for issued in state["domains"]["example.org"]["issued"]]
    assert len(ids) == 2
    ours = ["max_age: 604800", "version: STSv1", "mx: MX1.example.org"]
    for ago, text in ((4, ours + ["mode: testing"]), (3, ours + ["mode: enforce"]), (2, ours + ["mode: none"])):
        feed(stsctl, report(policy(success=ago, text=text), ago=ago))
    found = show(stsctl, "--from", str(spec))["verified"]["policies"]
    assert [(p["id"], p["mode"], p["success"], p["first_day"], p["never_ours"]) for p in found] == \
        [(ids[0], "testing", 4, day(4), False), (ids[1], "enforce", 3, day(3), False), (None, "none", 2, day(2), True)]
    text = stsctl.run("report", "show", "example.org", "--from", spec, *SETTINGS)
    assert "never ours" in text and "      mode: none" in text


def test_the_policy_in_redis(stsctl):
    fill(stsctl.redis, "mta-sts:policy:{example.org}", {
        "id": "20261101T1", "text": "version: STSv1\r\nmode: enforce\r\nmx: mx1.example.org\r\nmax_age: 604800\r\n"})
    feed(stsctl, report())
    policies = show(stsctl)["verified"]["policies"]
    assert [(p["id"], p["never_ours"]) for p in policies] == [("20261101T1", False)]


# ---- who never reports ----

def test_senders_that_never_report(stsctl):
    feed(stsctl, report())
    now = int(time.time())
    for name, counters in {"google.com": {"tls:TLSv1.3": 9}, "mail.google.com": {"tls:TLSv1.3": 9}, "gmail.com": {"tls:TLSv1.3": 90},
                           "outlook.com": {"tls:TLSv1.3": 6}, "silent.example": {"tls:TLSv1.2": 5},
                           "plain.example": {"tls:none": 9}, "louder.example": {"tls:TLSv1.3": 7}}.items():
        add_domain(stsctl.redis, name, now, {"messages": 9})
        fill(stsctl.redis, "mta-sts:domain:{%s}:%s" % (name, day(0)), {"aligned:" + field: n for field, n in counters.items()})
    assert [(s["domain"], s["messages_over_tls"]) for s in show(stsctl)["never_report"]] == \
        [("louder.example", 7), ("outlook.com", 6), ("silent.example", 5)]


# ---- other forms ----

def test_csv(stsctl):
    feed(stsctl, report(policy(success=7, failure=3, details=[("validation-failure", "old.example.org", "a,b\"c", 3)])))
    rows = list(csv.DictReader(io.StringIO(stsctl.run("report", "show", "example.org", "--csv", *SETTINGS, status=1))))
    assert [(r["org"], r["policy_type"], r["success"], r["failure"]) for r in rows if not r["result_type"]] == \
        [("google.com", "sts", "7", "3")]
    assert [(r["reason"], r["mx"], r["failure"]) for r in rows if r["result_type"]] == [("a_b_c", "old.example.org", "3")]


def test_metrics(stsctl, tmp_path):
    feed(stsctl, report(policy(success=7, failure=3, details=[("validation-failure", "", "", 2), ("unheard-of", "", "", 1)])))
    feed(stsctl, report(policy(domain="example.com", success=5)))
    feed(stsctl, report(), results=None)
    path = tmp_path / "reports.prom"
    stsctl.run("report", "show", "--metrics", path, *SETTINGS)
    samples = dict(line.rsplit(" ", 1) for line in path.read_text().splitlines() if not line.startswith("#"))
    assert samples['mta_sts_reports_sessions_total{policy_type="sts",outcome="success"}'] == "12"
    assert samples['mta_sts_reports_failures_total{policy_type="sts",result_type="validation-failure"}'] == "2"
    assert samples['mta_sts_reports_failures_total{policy_type="sts",result_type="other"}'] == "1"
    assert samples["mta_sts_reports_unverified_total"] == "1" and samples["mta_sts_reports_verified_total"] == "2"
    assert abs(int(samples["mta_sts_reports_newest_timestamp_seconds"]) - time.time()) < 3 * 86400
    assert "example" not in path.read_text()


def test_hostile_counters(stsctl):
    fill(stsctl.redis, "mta-sts:report:{example.org}:" + day(), {
        "org:google.com": 1, "org:google.com:sts:success": 5, "org:x:y:z": 3, "org:a:sts:success:b": 1, "detail:sts:a": 1,
        "detail:odd:a:b:c:d": 1, "policy:" + "f" * 100 + ":enforce:success": 1, "org:\x1b[2J": 7, "text:abc": "\x1b[2Jx",
        "policy:abc:enforce:success": 2, "org:evil:sts:failure": "many", "": 1})
    found = show(stsctl)["verified"]
    assert {org["org"]: org["sessions"]["sts"]["success"] for org in found["orgs"]} == {"google.com": 5}
    stsctl.run("report", "show", "example.org", *SETTINGS)


def test_usage(stsctl):
    stsctl.run("report", status=2)
    stsctl.run("report", "show", "example.org", "--dry-run", *SETTINGS, status=2)
    stsctl.run("report", "import", "--csv", *SETTINGS, status=2)
    stsctl.run("report", "show", "no domain", *SETTINGS, status=2)
    stsctl.run("report", "show", "example.org", "--days", "0", *SETTINGS, status=2)
    stsctl.run("report", "show", "--csv", *SETTINGS, status=2)
