# SPDX-License-Identifier: ISC
"""Many reports at once, and mail exchangers that must be looked up in DNS."""
import json
import os
import subprocess
import tempfile
import threading

import pytest

from lab.dns_server import DnsServer
from lab.ports import Ports
from lab.redis_cluster import RedisCluster
from lab.redis_server import RedisServer
from lab.reports import limited, mail, policy, report
from lab.waiting import wait_until

COUNT = 3000


class World:
    """Redis and DNS."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="mta-sts-reports-")
        self.ports = Ports()
        self.redis = RedisServer(self.directory, self.ports.take())
        self.dns = DnsServer(self.directory, self.ports.take())

    def __enter__(self):
        self.redis.start()
        self.dns.start()
        return self

    def __exit__(self, *_):
        self.dns.stop()
        self.redis.stop()
        self.ports.release()
        subprocess.run(["rm", "-rf", self.directory], check=False)

    def run(self, *operands, data=None, local="rcpt.test"):
        return subprocess.run(limited(os.environ["STSCTL"]) + [
            os.environ["STSCTL"], "report", "import", "-c", "/dev/null", "--json", "-o", "redis=unix:" + self.redis.socket,
            "-o", "local_domains=" + local, "-o", "authserv_id=mx.rcpt.test", "-o", "dns_servers=127.0.0.1:%d" % self.dns.port,
            *operands], input=data, capture_output=True, timeout=300, check=False)


@pytest.fixture
def world():
    with World() as made:
        yield made


def test_redis_dies_in_a_batch(world):
    """Each report counts once, whether it was imported a second time or not."""
    folder = os.path.join(world.directory, "reports")
    os.mkdir(folder)
    for number in range(COUNT):
        with open(os.path.join(folder, "%05d.json" % number), "w", encoding="ascii") as file:
            json.dump(report(policy(domain="rcpt.test", success=number), number="n%d" % number, ago=1 + number % 9), file)
    results = []
    running = threading.Thread(target=lambda: results.append(world.run(folder)))
    running.start()
    wait_until(lambda: world.redis.answers() and world.redis.command("EXISTS", "mta-sts:report:{rcpt.test}:unverified"),
               "the first ones are counted")
    world.redis.process.kill()
    running.join()
    assert results[0].returncode == 75, results[0].stdout + results[0].stderr
    world.redis.start()
    first = world.redis.hash("mta-sts:report:{rcpt.test}:unverified").get("reports", 0)
    assert 0 < first < COUNT
    done = world.run(folder)
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)
    assert (counts["duplicate"], counts["unverified"]) == (first, COUNT - first)
    totals = world.redis.hash("mta-sts:report:{rcpt.test}:unverified")
    assert (totals["reports"], totals["success"]) == (COUNT, sum(range(COUNT)))


def dane(exchanger, *others, domain="rcpt.test"):
    return mail(report(policy("tlsa", exchanger, 7), *others, number=exchanger), domain=domain,
                results="mx.rcpt.test; dkim=pass header.d=%s")


def test_mail_exchangers(world):
    """With DANE the policy-domain is the MX host: ours, if DNS says so, and counted for the domain that the report is about."""
    world.dns.set_lines("mx", "rcpt.test. MX 10 mx1.hosted.test.\nother.test. MX 10 mx2.hosted.test.")
    world.dns.reload()
    own = policy(domain="rcpt.test")
    for data, counted in ((dane("mx1.hosted.test", own), {"counted": 1}), (dane("mx2.hosted.test"), {"counted": 1}),
                          (dane("mx9.evil.test", own), {"counted": 1, "foreign": 1}), (dane("MX1.Hosted.Test."), {"counted": 1}),
                          (dane("mx2.hosted.test", domain="other.test"), {"counted": 1}),
                          (dane("mx9.evil.test", domain="evil.test"), {"foreign": 1})):
        done = world.run(data=data, local="rcpt.test other.test")
        counts = json.loads(done.stdout)
        assert {name: counts[name] for name in ("counted", "foreign") if counts[name]} == counted, done.stdout + done.stderr
    assert world.redis.hash("mta-sts:report:{rcpt.test}")["tlsa:success"] == 14
    assert world.redis.hash("mta-sts:report:{other.test}")["tlsa:success"] == 7
    # from a report about another of our domains
    assert world.redis.hash("mta-sts:report:{mx2.hosted.test}")["tlsa:success"] == 7


def test_dns_away(world):
    """Without an answer from DNS about one of our domains, the report is believed, and nothing is lost."""
    world.dns.stop()
    done = world.run("-o", "dns_timeout=100ms", data=dane("mx1.hosted.test", policy(domain="rcpt.test")))
    assert json.loads(done.stdout)["counted"] == 1
    assert world.redis.hash("mta-sts:report:{rcpt.test}")["tlsa:success"] == 7
    world.dns.start()


def test_redis_cluster(world):
    """Each domain's keys are in their own slot, and most nodes do not know the script yet."""
    cluster = RedisCluster(world.directory, world.ports)
    try:
        cluster.start()
        names = ["d%d.test" % number for number in range(20)]
        content = report(*[policy(domain=name, success=3) for name in names])
        words = ("-o", "redis=" + cluster.setting())
        for outcome in ("unverified", "duplicate"):
            done = world.run(*words, data=json.dumps(content).encode(), local=" ".join(names))
            assert done.returncode == 0, done.stderr
            assert json.loads(done.stdout)[outcome] == 20
        for name in names:
            assert cluster.follow("HGET", "mta-sts:report:{%s}:unverified" % name, "success") == "3"
    finally:
        cluster.stop()
