# SPDX-License-Identifier: ISC
"""redis = cluster:...: six nodes, a failover, slots that move while mail comes in."""
import os
import subprocess
import threading

import pytest

from lab.lab_domains import COMMON
from lab.ports import Ports
from lab.redis_cluster import RedisCluster
from lab.stsctl import stsctl, stsctl_json
from lab.waiting import wait_until

SENDERS = ["user@good.test", "user@testing.test", "user@none.test", "user@absent.test"]


@pytest.fixture(scope="module")
def site(module_lab, tmp_path_factory):
    ports = Ports()
    cluster = RedisCluster(str(tmp_path_factory.mktemp("cluster")), ports)
    try:
        cluster.start()
        lab = module_lab(COMMON, settings={"policy_wait": "15s", "redis": cluster.setting()})
        lab.cluster = cluster
        lab.sent = 0
        yield lab
        lab.milter.stop()
    finally:
        cluster.stop()
        ports.release()


def send(site, count=8):
    for number in range(count):
        assert site.send(SENDERS[number % len(SENDERS)]).sts["tls"] == "TLSv1.3"
        site.sent += 1


def counted(site):
    return int(site.cluster.hash("mta-sts:stats").get("messages", 0))


def check_counts(site):
    """The totals and the day's counters equal what was sent."""
    wait_until(lambda: counted(site) >= site.sent, "the counters are written", 60)
    assert counted(site) == site.sent
    day = next(key for port in site.cluster.masters()
               for key in site.cluster.ask(port, "KEYS", "mta-sts:stats:*").split() if key)
    assert int(site.cluster.hash(day)["messages"]) == site.sent


def test_counts(site):
    send(site)
    check_counts(site)
    wait_until(lambda: int(site.cluster.follow("XLEN", "mta-sts:evidence")) == site.sent, "the evidence is written")
    domain = site.cluster.hash("mta-sts:domain:{good.test}")
    assert int(domain["messages"]) == site.sent // len(SENDERS)
    assert site.cluster.hash("mta-sts:policy:{good.test}")["mode"] == "enforce"


def test_stsctl(site):
    """stsctl talks to the same nodes."""
    status, stats = stsctl_json(site, "stats")
    assert status == 0
    assert stats["counters"]["messages"] == site.sent
    status, listed = stsctl(site, "cache", "list")
    assert status == 0
    assert "good.test" in listed and "testing.test" in listed
    stranger = next(port for port in site.cluster.masters() if port != site.cluster.owner("mta-sts:stats"))
    status, answer = stsctl_json(site, "stats", "-o", "redis=tcp:127.0.0.1:%d" % stranger)
    assert status == 3
    assert "a node of a cluster, for which the setting is cluster:" in answer["error"]
    assert stsctl(site, "cache", "purge", "testing.test")[0] == 0
    assert site.cluster.follow("EXISTS", "mta-sts:policy:{testing.test}") == "0"


def test_redis_setup(site):
    """The commands it suggests work in a cluster, verbatim."""
    status, output = stsctl(site, "redis-setup")
    assert status == 0
    lines = [line.strip() for line in output.splitlines() if line.startswith("  redis-cli ")]
    assert len(lines) == 2
    for line in lines:
        said = subprocess.run(["sh", "-c", line.replace("example.com", "good.test")], capture_output=True, text=True, check=True).stdout
        assert "messages" in said, line + said
    command = next(line for line in output.splitlines() if "stats --top" in line)
    said = subprocess.run(["sh", "-c", command.replace("stsctl", os.environ["STSCTL"], 1)], capture_output=True, text=True, check=True)
    assert said.stdout.startswith("domains by tls:none")


def test_slots_move(site):
    """MOVED and ASK are followed: nothing is lost or counted twice, and Redis is not reported as away."""
    before = site.milter.log().count("is away")
    mover = threading.Thread(target=site.cluster.move_slots, args=(2500,))
    mover.start()
    while mover.is_alive():
        send(site, 4)
    mover.join()
    send(site, 4)
    check_counts(site)
    assert site.milter.log().count("is away") <= before + 2	# TRYAGAIN, while a domain's keys are on two nodes


def test_failover(site):
    """The master that has the totals dies: mail flows on, and pending counters are written once, to the new master."""
    send(site, 4)
    check_counts(site)
    site.cluster.fail_over("mta-sts:stats")
    send(site, 8)
    check_counts(site)
