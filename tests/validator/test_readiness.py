# SPDX-License-Identifier: ISC
"""stsctl readiness with everything at once: a real Redis with reports and evidence, and the domain as check sees it."""
import json
import os
import subprocess

import pytest

from lab.ports import Ports
from lab.redis_server import RedisServer
from lab.reports import mail, policy, report

GOOD, UNCOVERED = "good.test", "not-covered.test"


@pytest.fixture
def redis(tmp_path):
    server = RedisServer(str(tmp_path), Ports().take())
    server.start()
    yield server
    server.stop()


class Site:
    """A site that owns these domains."""

    def __init__(self, validator, redis):
        self._redis = redis
        self._settings = ("-c", validator.config, "-o", "dns_servers=%s" % validator.resolver, "-o", "redis=unix:" + redis.socket,
                          "-o", "local_domains=%s %s" % (GOOD, UNCOVERED), "-o", "authserv_id=mx1.example.net")

    def run(self, *words, given=None):
        done = subprocess.run([os.environ["STSCTL"], *words, *self._settings], input=given, capture_output=True, timeout=120, check=False)
        return done.returncode, done.stdout

    def feed(self, domain, ago, sender="google.com", **figures):
        status, output = self.run("report", "import", given=mail(report(policy(domain=domain, **figures), ago=ago), sender))
        assert status == 0, output

    def has_received(self, domain, messages):
        for _ in range(messages):
            self._redis.command("XADD", "mta-sts:evidence", "*", "ts", "1", "tls", "TLSv1.3", "rcpts", domain + ":testing")

    def readiness(self, domain):
        status, output = self.run("readiness", "--json", domain)
        return status, json.loads(output)


def ids(found, weight):
    return {reason["id"] for reason in found["reasons"] if reason["weight"] == weight}


def test_ready(validator, redis):
    site = Site(validator, redis)
    for ago, sender in ((20, "google.com"), (10, "microsoft.com"), (1, "google.com")):
        site.feed(GOOD, ago, sender, success=50)
    site.has_received(GOOD, 3)
    status, found = site.readiness(GOOD)
    assert found["verdict"] == "ready", [reason for reason in found["reasons"] if reason["weight"] != "good"]
    assert status == 0 and not ids(found, "blocks") and not ids(found, "missing")


def test_a_deployment_with_a_fault_is_not_ready(validator, redis):
    site = Site(validator, redis)
    for ago in (20, 1):
        site.feed(UNCOVERED, ago, success=50)
    site.has_received(UNCOVERED, 3)
    status, found = site.readiness(UNCOVERED)
    assert (status, found["verdict"]) == (1, "not-ready")
    assert any("mx.not-covered" in json.dumps(reason) for reason in found["reasons"])


def test_without_reports_there_is_not_enough(validator, redis):
    status, found = Site(validator, redis).readiness(GOOD)
    assert (status, found["verdict"]) == (3, "not-enough-evidence")
    assert "reports.none" in ids(found, "missing") and "check.offline" not in ids(found, "missing")
