# SPDX-License-Identifier: ISC
"""Reports through a real Postfix: from SMTP through the alias and the pipe into Redis, also while Redis is away."""
from conftest import DOMAIN
from lab.reports import mail, policy, report
from lab.waiting import wait_until

RESULTS = "mx.rcpt.test; dkim=pass header.d=%s header.s=s1"


def numbered(number, **how):
    return mail(report(policy(domain=DOMAIN, success=number, failure=0), number="n%d" % number), domain=DOMAIN, results=RESULTS, **how)


def test_counted(server):
    server.send(numbered(1), numbered(2), numbered(2))
    server.settle()
    counters = server.counters()
    assert (counters["reports"], counters["success"]) == (2, 3)
    assert server.postfix.log().count("status=sent (delivered via mta-sts-reports service") == 3


def test_junk_is_not_sent_back(server):
    server.send(b"Subject: buy\n\nnow", mail(b"<feedback/>", domain=DOMAIN), mail(b"\x1f\x8b\x08broken", domain=DOMAIN),
                mail(report(policy(domain="elsewhere.test"))))
    server.settle()
    log = server.postfix.log()
    assert log.count("status=sent (delivered via mta-sts-reports service") == 4
    assert "bounced" not in log and "deferred" not in log
    intake = server.redis.hash("mta-sts:reports")
    assert (intake["other"], intake["broken"], intake["foreign"]) == (2, 1, 1)


def test_redis_away_in_the_middle(server):
    """No report is lost, and none counts twice."""
    server.send(*[numbered(n) for n in range(1, 11)])
    server.settle()
    server.redis.process.kill()
    server.send(*[numbered(n) for n in range(6, 21)])
    wait_until(lambda: "status=deferred" in server.postfix.log(), "Postfix puts mail off")
    # a mail that moves between queues may be listed twice, or not at all
    wait_until(lambda: len(server.postfix.queue()) == 15, "all wait")
    server.redis.start()
    server.settle()
    counters = server.counters()
    assert (counters["reports"], counters["success"]) == (20, sum(range(1, 21)))
    assert server.redis.hash("mta-sts:reports")["duplicate"] >= 5
    assert "bounced" not in server.postfix.log()


def test_redis_hangs_in_the_middle(server):
    """Redis carries out its commands after nobody waits for the replies any more."""
    server.send(numbered(1))
    server.settle()
    server.redis.process.suspend()
    server.send(*[numbered(n) for n in range(2, 6)])
    wait_until(lambda: "status=deferred" in server.postfix.log(), "Postfix puts mail off", 60)
    server.redis.process.resume()
    server.settle()
    counters = server.counters()
    assert (counters["reports"], counters["success"]) == (5, 15)
