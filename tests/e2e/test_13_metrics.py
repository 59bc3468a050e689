# SPDX-License-Identifier: ISC
"""A real Prometheus scrapes while mail flows: its figures match what was sent, and the dashboard shows them."""
import itertools
import json
import math
import os
import re
import subprocess
import threading

import pytest

from lab.domains import Domain, policy, unpublished
from lab.metrics_page import MetricsPage
from lab.ports import Ports
from lab.prometheus_server import PrometheusServer
from lab.waiting import wait_until

DASHBOARD = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "contrib", "grafana",
                         "mta-sts-milter.json")
DOMAINS = [Domain("good.test"), Domain("testing.test", body=policy("testing", name="testing.test")),
           unpublished("absent.test"), unpublished("invented.test"), Domain("rcpt.test")]
TRUSTED = "127.0.0.77"
# Grafana's variables.
VARIABLES = {"$__rate_interval": "20s", "$__range": "5m", "$job": "mta-sts-milter", "$instance": ".*"}


class Watched:
    """A lab, its milter's metrics page, and the Prometheus that scrapes it."""

    def __init__(self, make, ports):
        self.page = MetricsPage(ports.take())
        self.lab = make(DOMAINS, settings={
            "metrics_listen": self.page.address, "policy_wait": "10s", "local_domains": "rcpt.test"})
        self.prometheus = PrometheusServer(self.lab.directory, ports.take(), self.page.address)


@pytest.fixture(scope="module", name="ports")
def _ports():
    ports = Ports()
    yield ports
    ports.release()


@pytest.fixture(scope="module", name="watched")
def _watched(ports, module_lab):
    made = Watched(module_lab, ports)
    try:
        made.prometheus.start()
        wait_until(lambda: made.prometheus.query('up{job="mta-sts-milter"} == 1'), "prometheus reads the milter", 30)
        yield made
    finally:
        made.prometheus.stop()


def send_all_kinds(lab):
    """Sends one message of each kind. Returns how much each metric must grow."""
    lab.send("user@good.test", "TLSv1.3")
    lab.send("user@good.test", "", ["X-MTA-STS: forged"])
    lab.send("user@testing.test", "TLSv1.2")
    lab.send("user@absent.test", "TLSv1.3")
    with lab.client(TRUSTED) as client:
        client.ehlo()
        client.mail("user@good.test")
        client.rcpt()
        client.data()
    return {
        'sessions_total{tls="TLSv1.3"}': 2, 'sessions_total{tls="TLSv1.2"}': 1, 'sessions_total{tls="none"}': 1,
        'messages_total{result="pass"}': 2, 'messages_total{result="fail"}': 1, 'messages_total{result="none"}': 1,
        'message_tls_total{policy="enforce",tls="TLSv1.3"}': 1, 'message_tls_total{policy="enforce",tls="none"}': 1,
        'message_tls_total{policy="testing",tls="TLSv1.2"}': 1, 'message_tls_total{policy="absent",tls="TLSv1.3"}': 1,
        'message_reasons_total{reason="plaintext"}': 1, 'message_aligned_total{aligned="unknown"}': 4,
        'message_rcpt_total{policy="enforce"}': 4, 'message_actions_total{action="accept"}': 4,
        'message_delay_seconds_count': 4, 'exempt_messages_total{kind="trusted"}': 1, 'forged_messages_total': 1}


def news(before, after):
    """The changes of the metrics about messages."""
    return {name: after[name] - before.get(name, 0) for name in after
            if name.startswith(("sessions_", "message", "exempt_", "forged_")) and "_bucket" not in name
            and "_sum" not in name and after[name] != before.get(name, 0)}


def test_every_message_is_counted(watched):
    before = watched.page.values()
    expected = send_all_kinds(watched.lab)
    after = watched.page.values()
    assert news(before, after) == expected
    for figure in ("dns_lookups_total", "policy_fetches_total"):
        assert after[figure + '{outcome="ok"}'] > 0
    assert after["cache_entries"] > 0 and after['policy_lookup_seconds_count{source="network"}'] > 0
    total = sum(value for name, value in after.items() if name.startswith("messages_total"))
    wait_until(lambda: watched.prometheus.query("sum(mta_sts_milter_messages_total)") == [total],
               "prometheus has seen all messages", 30)
    wait_until(lambda: watched.lab.redis.hash("mta-sts:stats").get("messages") == total, "Redis has counted the same")


def test_known_by_redis_and_memory(watched):
    """A restarted process finds the policy in Redis, and after that in memory."""
    watched.lab.send("user@good.test")
    wait_until(lambda: watched.lab.redis.command("EXISTS", "mta-sts:policy:{good.test}"), "the policy is in Redis")
    watched.lab.milter.restart()
    watched.lab.send("user@good.test")
    watched.lab.send("user@good.test")
    values = watched.page.values()
    assert values['policy_lookups_total{source="store",policy="enforce"}'] >= 1
    assert values['policy_lookups_total{source="memory",policy="enforce"}'] >= 1
    assert values['policy_lookup_seconds_count{source="store"}'] >= 1
    assert values["cache_hits_total"] >= 1 and values["cache_misses_total"] >= 1


def test_promtool(watched):
    done = subprocess.run(["promtool", "check", "metrics"], input=watched.page.text(), capture_output=True, text=True,
                          check=False, timeout=60)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_no_word_of_a_stranger(watched):
    """No domain, address or queue id appears in the metrics, not even part of a name."""
    watched.lab.send("user@good.test")
    with watched.lab.client() as client:
        client.ehlo()
        client.mail("x@n1.invented.test")
        client.rcpt()
        client.data()
    text = watched.page.text()
    assert not re.search(r"\.test|good|invented|\d+\.\d+\.\d+\.\d+", text)


def queries(dashboard):
    """Yields (title, expression) of all panels and variables."""
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            metric, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]).groups()
            yield "variable " + variable["name"], "count by (%s) (%s)" % (label, metric)


def fill_in(expression):
    for name, value in VARIABLES.items():
        expression = expression.replace(name, value)
    assert "$" not in expression
    return expression


class Traffic:
    """Sends messages one after another, each from a domain not seen before."""

    def __init__(self, lab):
        self._lab = lab
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.failure = None

    def __enter__(self):
        self._thread.start()

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        assert not self.failure, self.failure

    def _run(self):
        for number in itertools.count():
            if self._stop.is_set():
                return
            try:
                self._lab.send("user@n%d.invented.test" % number, "TLSv1.3" if number % 2 else "")
                self._lab.send("user@good.test")
            except Exception as failure:	# pylint: disable=broad-except
                self.failure = failure
                return


def test_dashboard(watched):
    """Each query of the dashboard returns a number, except those about TLS reports: these metrics are not the milter's,
    but come from a file that `stsctl report show --metrics' writes (tests/stsctl checks their names)."""
    with open(DASHBOARD, encoding="utf-8") as file:
        wanted = [(title, expression) for title, expression in queries(json.load(file)) if "mta_sts_reports_" not in expression]
    assert len(wanted) > 40
    silent = []

    def all_answer():
        silent[:] = [(title, expression) for title, expression in wanted
                     if not any(math.isfinite(value) for value in watched.prometheus.query(fill_in(expression)))]
        return not silent
    with Traffic(watched.lab):
        try:
            wait_until(all_answer, "every query of the dashboard is answered", 90, 1.0)
        except Exception:	# pylint: disable=broad-except
            pytest.fail("no answer to %s" % silent)


def test_alerts(watched):
    """Prometheus evaluates the alerts, and none fires for a healthy milter."""
    with open(DASHBOARD.replace(os.path.join("grafana", "mta-sts-milter.json"),
                                os.path.join("prometheus", "mta-sts-milter.rules.yml")), encoding="utf-8") as file:
        names = set(re.findall(r"alert: (\w+)", file.read()))
    wait_until(lambda: {health for health, _ in watched.prometheus.rules().values()} == {"ok"}, "alerts are evaluated", 30)
    rules = watched.prometheus.rules()
    assert set(rules) == names
    assert {name for name, (_, state) in rules.items() if state == "firing"} == set()


@pytest.mark.core
def test_redis_away(ports, new_lab):
    """The outage and the pending counters are visible, and the milter stays healthy, so that no mail is sent elsewhere."""
    page = MetricsPage(ports.take())
    lab = new_lab(DOMAINS, settings={"metrics_listen": page.address, "policy_wait": "10s"})
    lab.send("user@good.test")
    wait_until(lambda: page.values()["counters_pending_messages"] == 0, "counters are written")
    assert page.values()["batches_written_total"] >= 1
    assert page.values()['store_up{connection="counters"}'] == 1
    lab.redis.stop()
    lab.send("user@good.test")
    lab.send("user@testing.test")
    wait_until(lambda: page.values()['store_up{connection="counters"}'] == 0, "it is seen that Redis is away")
    assert page.values()["counters_pending_messages"] == 2
    assert page.health() == (200, "ok\n")
    assert page.values()['unhealthy{reason="counters"}'] == 0
    lab.redis.start()
    wait_until(lambda: page.values()["counters_pending_messages"] == 0, "counters are written", 60)
    wait_until(lambda: page.values()['store_up{connection="counters"}'] == 1, "it is seen that Redis is back")
    assert page.values()["batches_retried_total"] >= 1
