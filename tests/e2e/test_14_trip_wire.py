# SPDX-License-Identifier: ISC
"""The trip wire: after too many refusals nothing is refused any more, until a reset or a reload."""
import pytest
from enforcing import FREE, enforcing, plaintext, stats, wait_counted

from lab.metrics_page import MetricsPage
from lab.ports import Ports
from lab.stsctl import stsctl, stsctl_json
from lab.waiting import wait_until


@pytest.fixture(name="page")
def _page():
    ports = Ports()
    yield MetricsPage(ports.take())
    ports.release()


@pytest.mark.core
def test_trip_wire(new_lab, page):
    lab = enforcing(new_lab, sender_enforce_action="reject", sender_testing_action="reject", max_refusals_per_minute="1",
                    metrics_listen=page.address)

    def attempt(number=1):
        """From one of two networks, and with a sender in one of two domains that have a policy."""
        with plaintext(lab, "user@%s" % ("good.test", "testing.test")[number - 1], "127.0.%d.1" % number) as client:
            client.command("RCPT TO:<user@%s>" % FREE, "")
            return client.last[:3]
    assert [attempt(number) for number in (1, 1, 2, 1)] == ["550", "550", "250", "250"]
    wait_until(lambda: "trip wire: mail of more than 1 domains, from as many networks, refused or held within a minute" in
               lab.milter.log(), "it is logged")
    status, why = page.health()
    assert status == 503 and why.startswith("trip-wire: ")
    values = page.values()
    assert (values["trip_wire_tripped"], values["trip_wire_trips_total"]) == (1, 1)
    assert values['message_actions_total{action="reject"}'] == 2
    status, told = stsctl_json(lab, "enforce", "status")
    assert status == 1
    assert [(node["node"], node["state"], node["answered"]) for node in told["nodes"]] == [("mx.lab.test", "tripped", True)]
    assert stsctl_json(lab, "enforce", "reset") == (0, {"confirmed": ["mx.lab.test"], "missing": []})
    wait_until(lambda: "trip wire reset (stsctl enforce reset)" in lab.milter.log(), "it is logged")
    assert stsctl_json(lab, "enforce", "status")[0] == 0
    assert attempt() == "550"
    assert page.health() == (200, "ok\n")
    assert "on" in stsctl(lab, "enforce", "status")[1]
    assert attempt() == "550"
    assert attempt(2) == "250"
    lab.milter.reload()
    assert attempt() == "550"
    wait_counted(lab, 5)
    assert stats(lab)["refused"] == 5


def test_nobody_hears(new_lab):
    lab = new_lab([])
    lab.milter.stop()
    assert stsctl_json(lab, "enforce", "reset") == (1, {"confirmed": [], "missing": ["mx.lab.test"]})
    lab.redis.stop()
    assert stsctl(lab, "enforce", "reset")[0] == 3
    assert stsctl(lab, "enforce", "status", "-o", "redis=none")[0] == 3
    assert stsctl(lab, "enforce", "fire")[0] == 2
