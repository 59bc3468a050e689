# SPDX-License-Identifier: ISC
"""stsctl readiness without the network: reports and evidence. What check finds is tested in tests/validator."""
import subprocess

from lab.reports import mail, policy, report

SETTINGS = ("-o", "local_domains=example.org", "-o", "authserv_id=mx1.example.net", "-o", "dns_servers=127.0.0.1:1",
            "-o", "dns_timeout=100ms")


def feed(stsctl, *policies, submitter="google.com", ago=1):
    subprocess.run(stsctl.words("report", "import", *SETTINGS), input=mail(report(*policies, ago=ago), submitter=submitter), check=True,
                   stdout=subprocess.DEVNULL, env=stsctl.environment, timeout=60)


def ask(stsctl, status, *words):
    return stsctl.json("readiness", "example.org", "--offline", *words, *SETTINGS, status=status)


def test_nothing_is_not_enough(stsctl):
    found = ask(stsctl, 3)
    assert found["verdict"] == "not-enough-evidence"
    assert {"reports.none", "check.offline"} <= {reason["id"] for reason in found["reasons"] if reason["weight"] == "missing"}
    assert "NOT ENOUGH EVIDENCE" in stsctl.run("readiness", "example.org", "--offline", *SETTINGS, status=3)


def test_failures_block(stsctl):
    feed(stsctl, policy(success=50, failure=1, details=[("certificate-expired", "mx1.example.org", "", 1)]))
    found = ask(stsctl, 1)
    assert found["verdict"] == "not-ready" and found["reasons"][0]["id"] == "reports.failures"
    assert found["sessions"]["sts_success"] == 50 and found["senders"] == ["google.com"]


def test_messages_stand_beside(stsctl):
    for submitter, ago in (("google.com", 20), ("microsoft.com", 1)):
        feed(stsctl, policy(success=50), submitter=submitter, ago=ago)
    for tls, rcpts in (("TLSv1.3", "example.org:testing"), ("none", "a.example:absent,example.org:testing:spared"),
                       ("none", "sub.example.org:testing"), ("unknown", "example.org:testing"), ("TLSv1.2", "")):
        stsctl.redis.command("XADD", "mta-sts:evidence", "*", "ts", "1", "tls", tls, *(("rcpts", rcpts) if rcpts else ()))
    found = ask(stsctl, 3)
    assert found["messages"] == {"tls": 1, "plaintext": 1, "unknown": 1}
    assert [reason["id"] for reason in found["reasons"] if reason["weight"] == "missing"] == ["check.offline"]
    assert ask(stsctl, 3, "--days", "1")["sessions"]["sts_success"] == 0


def test_usage(stsctl):
    stsctl.run("readiness", *SETTINGS, status=2)
    stsctl.run("readiness", "example.org", "--days", "x", *SETTINGS, status=2)
