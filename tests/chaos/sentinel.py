# SPDX-License-Identifier: ISC
"""A laboratory whose Redis has a replica and a sentinel, and the fault of a failover."""
import contextlib

from chaos_lab import ChaosLab
from lab.redis_sentinel import RedisSentinel


class SentinelLab(ChaosLab):
    """A ChaosLab without a liar between the milter and Redis: the milter asks the sentinel for the master."""

    def _build_world(self, domains, neighbour):
        super()._build_world(domains, neighbour)
        place = self._world.index(self.redis)
        self.redis = self._world[place] = RedisSentinel(self.directory, self._ports)
        self._world.remove(self.redis_liar)

    def _build_mail(self, *arguments):
        super()._build_mail(*arguments)
        self.milter.write_config(redis=self.redis.setting())


@contextlib.contextmanager
def redis_fails_over(lab):
    """The master is killed while it is written to, and its replica takes over. Writes that were acknowledged but not replicated are lost,
    as Redis documents; the dead master's file tells how many."""
    lost = lab.redis.crash("mta-sts:stats", "messages")
    print("    %d messages had been counted by the dead master alone" % lost)
    lab.unreplicated += lost
    yield
