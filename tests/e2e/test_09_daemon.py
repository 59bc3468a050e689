# SPDX-License-Identifier: ISC
"""Signals: reload, and a shutdown that loses nothing."""
import os
import signal

import pytest

from lab.domains import Domain
from lab.waiting import wait_until

DOMAINS = [Domain("good.test")]


def result(lab):
    return lab.send("user@good.test", "TLSv1.2").sts["result"]


def test_reload(new_lab):
    """A bad file is reported and changes nothing; a good one takes effect."""
    lab = new_lab(DOMAINS, settings={"policy_wait": "10s"})
    assert result(lab) == "pass"
    lab.milter.write_config("no_such_setting = 1\n", min_tls_version="TLSv1.3")
    said = lab.milter.reload()
    assert "no_such_setting" in said
    assert result(lab) == "pass"
    lab.milter.write_config()
    lab.milter.reload()
    wait_until(lambda: result(lab) == "fail", "the new min_tls_version is used")
    lab.milter.write_config(min_tls_version=None)
    lab.milter.reload()
    wait_until(lambda: result(lab) == "pass", "the default is used again")


def test_hangup_does_not_end_it(new_lab):
    lab = new_lab(DOMAINS, settings={"policy_wait": "10s"})
    assert result(lab) == "pass"
    for _ in range(3):
        lab.milter.process.send_signal(signal.SIGHUP)
    assert result(lab) == "pass"
    assert lab.milter.process.running()


def test_open_session_survives_reload(new_lab):
    """A session keeps the settings it began with."""
    lab = new_lab(DOMAINS, settings={"policy_wait": "10s"})
    with lab.client() as client:
        client.ehlo()
        client.starttls("TLSv1.2")
        client.mail("user@good.test")
        lab.milter.write_config(min_tls_version="TLSv1.3")
        lab.milter.reload()
        client.rcpt()
        lab_id = client.data()
    assert lab.mailbox.wait(lab_id).sts["result"] == "pass"


def test_the_end_writes_the_counters(new_lab):
    """SIGTERM flushes long before flush_interval expires: what was counted is in Redis when the process is gone."""
    lab = new_lab(DOMAINS, settings={"policy_wait": "10s", "flush_interval": "60s"})
    for _ in range(3):
        result(lab)
    lab.milter.stop()
    assert lab.redis.hash("mta-sts:stats")["messages"] == 3


def test_started_twice_in_a_row(new_lab):
    """A socket left behind by a crash does not prevent a start."""
    lab = new_lab(DOMAINS, settings={"policy_wait": "10s"})
    lab.milter.kill()
    assert os.path.exists(lab.milter.socket)
    lab.milter.start()
    assert result(lab) == "pass"


@pytest.mark.core
def test_runs_as_nobody(new_lab):
    lab = new_lab(DOMAINS)
    with open("/proc/%d/status" % lab.milter.process.pid, encoding="ascii") as status:
        fields = dict(line.split(":", 1) for line in status if ":" in line)
    assert set(fields["Uid"].split()) == {"65534"}
    assert "0" not in fields["Gid"].split()
    assert "0" not in fields["Groups"].split()
