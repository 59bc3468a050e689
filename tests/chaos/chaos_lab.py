# SPDX-License-Identifier: ISC
"""The laboratory, with liars between the milter and its neighbours, and all of its doors open."""
from dns_liar import DnsLiar
from https_liar import ZONE, HttpsLiar
from lab.domains import Domain
from lab.lab import Lab
from lab.metrics_page import MetricsPage
from redis_liar import RedisLiar

HEALTHY = 20


class ChaosLab(Lab):
    """As Lab, with domains of its own that publish, .healthy. The liars are .redis_liar, .dns_liar and .https_liar; .page is the page of
    metrics, .socketmap and .collector are the paths of the other sockets."""

    def _build_world(self, domains, neighbour):
        self.unlogged = 0	# messages judged while nothing could be logged
        self.away = []		# from when to when the milter may have been
        self.short = []		# likewise, of memory: mail may be refused, or get no field
        self.uncounted = 0	# messages of which the milter says that it could not count them
        self.healthy = ["healthy%d.test" % number for number in range(HEALTHY)]
        self.unreplicated = 0	# messages that a Redis that died had counted, and its replica had not
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
        """Messages that the running milter has judged."""
        return sum(value for name, value in self.page.values().items() if name.startswith("messages_total{"))
