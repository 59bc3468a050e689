# SPDX-License-Identifier: ISC
"""stsctl stats --outbound: what Postfix reported about outgoing mail."""
import time

import pytest

from conftest import fill


@pytest.fixture(name="sent")
def fixture_sent(redis):
    now = int(time.time())
    for domain, counters in (
            ("fails.test", {"success": 2, "failure": 3, "last_success": now - 60, "last_failure": now, "last_mx": "mx.fails.test",
                            "last_result": "certificate-expired"}),
            ("fine.test", {"success": 5, "failure": 1, "last_success": now, "last_failure": now - 60, "last_mx": "mx.fine.test",
                           "last_result": "validation-failure"})):
        redis.command("ZADD", "mta-sts:sent", now, domain)
        fill(redis, "mta-sts:sent:{%s}" % domain, counters)


def test_nothing_yet(stsctl):
    assert stsctl.run("stats", "--outbound") == "Postfix has reported nothing\n"


def test_domains(sent, stsctl):	# pylint: disable=unused-argument
    assert [row["domain"] for row in stsctl.json("stats", "--outbound")["outbound"]] == ["fails.test", "fine.test"]
    assert [row["domain"] for row in stsctl.json("stats", "--outbound", "--at-risk")["outbound"]] == ["fails.test"]


def test_one_domain(sent, stsctl):	# pylint: disable=unused-argument
    assert stsctl.json("stats", "--outbound", "--domain", "fine.test")["domains"] == 1
    # "the last session did not fail" is an answer, "never heard of" is none
    assert "no domain's last session" in stsctl.run("stats", "--outbound", "--domain", "fine.test", "--at-risk")
    assert "reported nothing" in stsctl.run("stats", "--outbound", "--domain", "nobody.test", status=1)
    assert stsctl.json("stats", "--outbound", "--domain", "nobody.test", status=1) == {"outbound": [], "domains": 0}


def test_what_does_not_go_together(stsctl):
    for word in (("--by", "plaintext"), ("--below", "TLSv1.2")):
        stsctl.run("stats", "--outbound", *word, status=2)
        assert "--outbound cannot be combined with --by or --below" in stsctl.errors
