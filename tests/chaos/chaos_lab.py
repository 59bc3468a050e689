# SPDX-License-Identifier: ISC
"""The laboratory, with liars between the milter and its neighbours, and all of its sockets open."""
from dns_liar import DnsLiar
from https_liar import ZONE, HttpsLiar
from lab.domains import Domain
from lab.lab import Lab
from lab.metrics_page import MetricsPage
from redis_liar import RedisLiar

HEALTHY = 20


class ChaosLab(Lab):
    """A Lab with healthy domains of its own (.healthy). The liars are .redis_liar, .dns_liar and .https_liar; .page is the metrics
    page, .socketmap and .collector are the paths of the other sockets."""

    def _build_world(self, domains, neighbour):
        self.unlogged = 0	# messages judged while nothing could be logged
        self.away = []		# intervals in which the milter may have been away
        self.short = []		# intervals in which memory may have been short: mail may be refused, or get no field
        self.uncounted = 0	# messages that the milter reported as uncounted
        self.healthy = ["healthy%d.test" % number for number in range(HEALTHY)]
        self.unreplicated = 0	# messages that a dead Redis had counted, and not replicated
        super()._build_world([*domains, *map(Domain, self.healthy)], neighbour)
        self.dns.set_lines("liar", ZONE)
        self.redis_liar = RedisLiar(self.redis.socket + "-liar", self.redis.socket)
        self.dns_liar = DnsLiar(self._ports.take(), self.dns.port)
        self.https_liar = HttpsLiar(self.policy_port, self.authority)
        self._world += [self.redis_liar, self.dns_liar, self.https_liar]

    def _build_mail(self, program, settings, default_action, rspamd):
        self.page = MetricsPage(self._ports.take())
        super()._build_mail(program, {
            **settings, "redis": "unix:" + self.redis_liar.path, "dns_servers": "127.0.0.1:%d" % self.dns_liar.port,
            "metrics_listen": self.page.address}, default_action, rspamd)
        self.socketmap, self.collector = self.milter.socket + "-map", self.milter.socket + "-tlsrpt"
        self.milter.write_config(socketmap_listen="unix:" + self.socketmap, tlsrpt_listen="unix:" + self.collector)

    def judged(self):
        """The number of messages that the running milter has judged."""
        return sum(value for name, value in self.page.values().items() if name.startswith("messages_total{"))
