# SPDX-License-Identifier: ISC
"""What Postfix reports in libtlsrpt's datagrams is counted, whatever else arrives, and once, whatever happens to Redis."""
import json
import os
import socket
import subprocess
import time

import pytest


def event(domain, failed=False, code=204, mx="mx1.good.test", kind=2, version="1"):
    policy = {"policy-type": kind, "policy-domain": domain, "policy-string": ["version: STSv1"], "mx-host": [mx],
              "t": int(failed), "f": int(failed)}
    if failed:
        policy["failure-details"] = [{"c": code, "n": mx, "s": "192.0.2.1"}]
    message = {"d": domain, "pr": "v=TLSRPTv1;rua=mailto:r@" + domain, "policies": [policy]}
    if version:
        message["dpv"] = version
    return json.dumps(message).encode()


@pytest.fixture(name="reports")
def fixture_reports(world):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.connect(world.tlsrpt)
        yield sock


def outbound(world, *words):
    done = subprocess.run([os.environ["STSCTL"], "stats", "-c", world.daemon.config, "--outbound", "--json", *words],
                          capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr + done.stdout
    return {row["domain"]: row for row in json.loads(done.stdout)["outbound"]}


def test_counts(world, reports, until):
    for _ in range(3):
        reports.send(event("count.test"))
    reports.send(event("count.test", failed=True))
    reports.send(event("count.test", failed=True, code=202, kind=1, mx="mx2.count.test", version=""))
    reports.send(event("fine.test", kind=9))
    until(lambda: outbound(world).get("count.test", {}).get("failure") == 2 and "fine.test" in outbound(world), "it is counted")
    row = outbound(world, "--days", "1")["count.test"]
    assert (row["success"], row["failure"], row["sts:success"], row["sts:failure"], row["tlsa:failure"]) == (3, 2, 3, 1, 1)
    assert (row["failure:certificate-expired"], row["failure:certificate-host-mismatch"]) == (1, 1)
    assert (row["last_mx"], row["last_result"]) == ("mx2.count.test", "certificate-host-mismatch")
    assert list(outbound(world, "--at-risk")) == ["count.test"]
    assert list(outbound(world, "--domain", "fine.test")) == ["fine.test"]


def test_strangers(world, reports, until):
    """None of it is counted; a valid datagram after it is."""
    for data in (b"", b"x", b"[]", b"{}", b"\xff" * 100, b"[" * 60000, event("a.test", version="2"), event("../etc"),
                 b'{"d":"bad.test","policies":[{"policy-type":7,"f":0}]}', os.urandom(60000)):
        reports.send(data)
    reports.send(event("after.test"))
    until(lambda: "after.test" in outbound(world), "the good one is counted")
    assert not {"bad.test", "a.test"} & set(outbound(world))


def test_redis_away(world, reports, until):
    """Sums are kept until Redis is back, and each is written once."""
    world.redis.process.kill()
    try:
        for number in range(300):
            reports.send(event("away%d.test" % (number % 3)))
    finally:
        world.redis.start()
    until(lambda: sum(row["success"] for name, row in outbound(world).items() if name.startswith("away")) >= 300,
          "all are counted", 30)
    assert {row["success"] for name, row in outbound(world).items() if name.startswith("away")} == {100}


def test_redis_hangs(world, reports, until):
    """The reply is lost: the row already exists when it is written again."""
    world.redis.process.suspend()
    try:
        for _ in range(50):
            reports.send(event("hang.test"))
        until(lambda: "tlsrpt: Redis is away" in world.daemon.log(), "it is noticed", 20)
    finally:
        world.redis.process.resume()
    until(lambda: outbound(world).get("hang.test", {}).get("success", 0) >= 50, "all are counted", 30)
    assert outbound(world)["hang.test"]["success"] == 50


def test_keys_of_somebody_else(world, reports, until):
    """They are reported, but not each on its own log line, and do not keep other domains from being counted."""
    strangers = ["foreign%d.test" % number for number in range(30)]
    for name in strangers:
        world.redis.command("SET", "mta-sts:sent:{%s}" % name, "x")
    before = world.daemon.log().count("hold something that is not ours")
    for name in strangers:
        reports.send(event(name))
    reports.send(event("ours.test"))
    until(lambda: "ours.test" in outbound(world), "it is counted")
    assert world.daemon.log().count("hold something that is not ours") == before + 1


def test_what_a_report_is_made_of(world, reports, until):
    """From datagrams to the report about them; the day is moved into the past, so that it is over."""
    def key(ago, more=""):
        return "mta-sts:sent:{made.test}:" + time.strftime("%Y-%m-%d", time.gmtime(time.time() - ago * 86400)) + more

    for _ in range(2):
        reports.send(event("made.test"))
    reports.send(event("made.test", failed=True))
    reports.send(event("made.test", kind=9))
    until(lambda: outbound(world).get("made.test", {}).get("success") == 3, "it is counted")
    assert 0 < world.redis.command("TTL", key(0, ":report")) <= 4 * 86400
    for more in ("", ":report"):
        world.redis.command("RENAME", key(0, more), key(1, more))
    done = subprocess.run([os.environ["STSCTL"], "report", "send", "-c", world.daemon.config, "--dry-run", "-o", "report_from=a@b.test",
                           "-o", "report_organization=b", "-o", "report_contact=c", "made.test"],
                          capture_output=True, text=True, check=True, timeout=60)
    policies = {entry["policy"]["policy-type"]: entry for entry in json.loads(done.stdout)["policies"]}
    assert policies["sts"] == {
        "policy": {"policy-type": "sts", "policy-domain": "made.test", "policy-string": ["version: STSv1"], "mx-host": ["mx1.good.test"]},
        "summary": {"total-successful-session-count": 2, "total-failure-session-count": 1},
        "failure-details": [{"result-type": "certificate-expired", "receiving-mx-hostname": "mx1.good.test",
                             "sending-mta-ip": "192.0.2.1", "failed-session-count": 1}]}
    assert policies["no-policy-found"]["summary"] == {"total-successful-session-count": 1, "total-failure-session-count": 0}
