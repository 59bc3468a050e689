# SPDX-License-Identifier: ISC
"""/metrics and /healthz of a milter."""
import http.client
import re

PREFIX = "mta_sts_milter_"


class MetricsPage:
    """What is served on a loopback port."""

    def __init__(self, port, host="127.0.0.1"):
        self.port = port
        self.host = host

    @property
    def address(self):
        return "%s:%d" % (self.host, self.port)

    def ask(self, path, method="GET", body=None):
        """Returns (status, headers, text)."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=20)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode("ascii")
        finally:
            connection.close()

    def text(self):
        status, _, text = self.ask("/metrics")
        assert status == 200
        return text

    def values(self):
        """Returns {name{labels}, without the prefix: number}."""
        return {name: float(value) for name, value in re.findall(r"(?m)^%s(\S+) (\S+)$" % PREFIX, self.text())}

    def health(self):
        """Returns (status, text)."""
        status, _, text = self.ask("/healthz")
        return status, text
