# SPDX-License-Identifier: ISC
"""A private Prometheus, with the shipped example configuration and alerts."""
import json
import os
import urllib.error
import urllib.parse
import urllib.request

from .process import Process

CONTRIB = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "contrib", "prometheus")
RULES = os.path.join(CONTRIB, "mta-sts-milter.rules.yml")
# Fast enough for a test.
HURRY = "global:\n  scrape_interval: 1s\n  evaluation_interval: 1s\n"


class PrometheusServer:
    """prometheus on loopback, scraping one milter once a second."""

    def __init__(self, directory, port, target):
        self.port = port
        self.directory = os.path.join(directory, "prometheus")
        os.mkdir(self.directory)
        config = os.path.join(self.directory, "prometheus.yml")
        with open(config, "w", encoding="ascii") as file:
            file.write(HURRY + self._example(target))
        self.process = Process("prometheus", [
            "prometheus", "--config.file=" + config, "--storage.tsdb.path=" + os.path.join(self.directory, "data"),
            "--web.listen-address=127.0.0.1:%d" % port, "--log.level=warn"], self.directory)

    @staticmethod
    def _example(target):
        """The shipped addition to prometheus.yml, with our paths in it."""
        with open(os.path.join(CONTRIB, "scrape.yml"), encoding="ascii") as file:
            text = file.read()
        for example, ours in (("127.0.0.1:9925", target), ("/etc/prometheus/mta-sts-milter.rules.yml",
                                                            os.path.abspath(RULES))):
            if text.count(example) != 1:
                raise AssertionError("scrape.yml: no place for " + ours)
            text = text.replace(example, ours)
        return text

    def start(self):
        self.process.start()
        self.process.wait_ready(self._is_ready, "prometheus is ready", 60.0)

    def stop(self):
        self.process.stop()

    def _is_ready(self):
        try:
            return self._get("/-/ready")[0] == 200
        except OSError:
            return False

    def _get(self, path):
        url = "http://127.0.0.1:%d%s" % (self.port, path)
        # no proxy, whatever the environment says
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=20) as answer:
            return answer.status, answer.read()

    def _api(self, path, **parameters):
        try:
            body = self._get("/api/v1/%s?%s" % (path, urllib.parse.urlencode(parameters)))[1]
        except urllib.error.HTTPError as refused:
            raise AssertionError("prometheus: %s: %s" % (parameters, refused.read())) from refused
        return json.loads(body)["data"]

    def query(self, expression):
        """The current values of an expression."""
        return [float(series["value"][1]) for series in self._api("query", query=expression)["result"]]

    def rules(self):
        """Returns {name: (health, state)} of all alerts that were evaluated at least once."""
        return {rule["name"]: (rule["health"], rule["state"])
                for group in self._api("rules")["groups"] for rule in group["rules"]}
