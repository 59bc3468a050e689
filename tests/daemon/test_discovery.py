# SPDX-License-Identifier: ISC
"""Unknown domains, while a client makes the milter look up thousands; and a start with a full Redis."""
import re
import signal
import threading
import time

import pytest

from lab.absent_dns import AbsentDns
from lab.ports import Ports
from lab.redis_server import RedisServer
from mta import Mta

SILENT, HEALTHY = 150, 20
STORED = 200
POLICY = "version: STSv1\nmode: enforce\nmx: mx1.test\nmax_age: 604800\n"

FILL = """
local now = tonumber(redis.call('TIME')[1])
for i = 0, ARGV[1] - 1 do
	redis.call('HSET', 'mta-sts:policy:{d' .. i .. '.warm.test}', 'schema', '1', 'state', 'policy', 'id', '1', 'mode', 'enforce',
	    'mx', 'mx1.test', 'max_age', '604800', 'fetched', now - 60, 'checked', now - 60, 'expires', now + 604740,
	    'text', ARGV[2], 'reason', '', 'retry', '0')
end
return 'OK'
"""


@pytest.fixture(name="ports")
def _ports():
    made = Ports()
    yield made
    made.release()


@pytest.fixture(name="dns")
def _dns(ports):
    server = AbsentDns(ports.take())
    server.start()
    yield server
    server.stop()


def policy_of(daemon, sender):
    """The header's tags policy, and reason or "", for a sender."""
    with Mta(daemon.socket, timeout=60.0) as mta:
        mta.message(sender, forged=0)
        mta.tell(b"E")
        _, inserted = mta.changes()
    assert len(inserted) == 1
    policy = re.search(r"policy=([\w-]+)", inserted[0]).group(1)
    reason = re.search(r"reason=([\w-]+)", inserted[0])
    return policy, reason.group(1) if reason else ""


def test_a_zone_with_silent_servers_holds_up_nobody_else(daemon, dns):
    """MAIL, DATA, and gone, for as many names as there are lookup slots, all below a zone that never answers: others are looked up."""
    daemon.write(dns_servers="127.0.0.1:%d" % dns.port, dns_concurrency="64")
    process = daemon.start()
    for i in range(SILENT):
        with Mta(daemon.socket) as mta:
            mta.message("user@n%d.silent.test" % i, forged=0)
    assert [policy_of(daemon, "user@healthy%d.test" % i) for i in range(HEALTHY)] == [("absent", "")] * HEALTHY
    assert daemon.stop(process, signal.SIGTERM) == 0


def test_many_zones_with_silent_servers_hold_up_nobody_else(daemon, ports):
    """The same with as many organisations as there are slots, and a client of the same network: others do not wait for these lookups."""
    dns = AbsentDns(ports.take(), "silent")
    dns.start()
    try:
        daemon.write(dns_servers="127.0.0.1:%d" % dns.port, dns_concurrency="64")
        process = daemon.start()
        for i in range(SILENT):
            with Mta(daemon.socket) as mta:
                mta.message("user@a.n%d.silent" % i, forged=0)
        assert [policy_of(daemon, "user@healthy%d.test" % i) for i in range(HEALTHY)] == [("absent", "")] * HEALTHY
        assert daemon.stop(process, signal.SIGTERM) == 0
    finally:
        dns.stop()


def test_domains_that_publish_nothing_are_no_matter_of_fetch_rate(daemon, dns):
    """300 domains that were never seen, at 1 fetch a second: if the rate applied, they would take five minutes."""
    daemon.write(dns_servers="127.0.0.1:%d" % dns.port, fetch_rate="1", fetch_concurrency="1")
    process = daemon.start()
    found, start = [], time.monotonic()

    def send(first):
        found.extend(policy_of(daemon, "user@absent%d.test" % i) for i in range(first, first + 75))
    threads = [threading.Thread(target=send, args=(first,)) for first in range(0, 300, 75)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [("absent", "")] * 300
    assert time.monotonic() - start < 100
    assert daemon.stop(process, signal.SIGTERM) == 0


def test_a_start_with_a_full_redis_asks_nobody_else(daemon, ports, dns):
    """Every domain is answered from Redis; neither DNS nor a web server is asked."""
    redis = RedisServer(daemon.directory, ports.take())
    redis.start()
    try:
        redis.command("EVAL", FILL, 0, STORED, POLICY)
        daemon.write(redis="unix:" + redis.socket, dns_servers="127.0.0.1:%d" % dns.port)
        process = daemon.start()
        assert [policy_of(daemon, "user@d%d.warm.test" % i) for i in range(STORED)] == [("enforce", "")] * STORED
        assert dns.questions == 0
        assert daemon.stop(process, signal.SIGTERM) == 0
    finally:
        redis.stop()


def test_a_node_of_a_cluster_is_told_at_the_start(daemon, ports):
    """Before mail meets it, which it would turn away most of."""
    redis = RedisServer(daemon.directory, ports.take(), ["--cluster-enabled", "yes", "--cluster-port", str(ports.take())])
    redis.start()
    try:
        daemon.write(redis="tcp:127.0.0.1:%d" % redis.port)
        process = daemon.start()
        daemon.said(process, "is a node of a cluster: the setting for that is cluster:")
        assert daemon.stop(process, signal.SIGTERM) == 0
    finally:
        redis.stop()
