# SPDX-License-Identifier: ISC
"""The laboratory of policy hosts and mail exchangers, seen through resolvers that misbehave for some names."""
import json
import os

from forwarder import Forwarder
from tls_lab import TlsLab

SECOND = "127.0.0.9"	# another DNS server, on the same port as the first


class Validator(TlsLab):
    """Returns all findings, and shows how the program behaves."""

    def __init__(self, domains):
        super().__init__(domains)
        self.resolver = Forwarder("127.0.0.1", self._ports.take(), self.dns.port)
        self.second = Forwarder(SECOND, self.dns.port, self.dns.port)
        self.resolver6 = Forwarder("::1", self._ports.take(), self.dns.port)
        self._pieces = (self.resolver, self.second, self.resolver6, *self._pieces)
        self.errors = ""

    def run(self, *words):
        """(exit status, standard output); standard error is kept in errors."""
        status, output, self.errors = self.stsctl("--state", "none", "-o", "dns_servers=%s" % self.resolver,
                                                  "-o", "dns_timeout=2s", *map(str, words))
        return status, output

    def words(self, *words):
        """The command line, for tests that start the program themselves."""
        return [os.environ["STSCTL"], "check", "-c", self._config, "-o", "dns_servers=%s" % self.resolver, *map(str, words)]

    def json(self, *words):
        """(exit status, JSON objects, one per domain)."""
        status, output = self.run("--json", *words)
        objects = [json.loads(line) for line in output.splitlines()]
        for report in objects:
            for finding in report.get("findings", ()):
                assert finding["fix"] or finding["level"] != "fail", finding
        return status, objects

    def check(self, name, *words):
        """(exit status, the JSON object for one domain)"""
        status, objects = self.json(*words, name)
        assert len(objects) == 1 and objects[0]["domain"] == name, objects
        return status, objects[0]


def notable(report):
    """A report's findings other than passes, in the form of the tables: "LEVEL ID", sorted."""
    return sorted("%(level)s %(id)s" % finding for finding in report["findings"] if finding["level"] != "pass")
