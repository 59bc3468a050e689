#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Debian's postfix-mta-sts-resolver with its fastest cache, in memory, filled before it starts: python3 sts_resolver.py CONFIG DOMAINS.
It never has to ask the network, which flatters it."""
import sys
import time

from postfix_mta_sts_resolver import internal_cache
from postfix_mta_sts_resolver.base_cache import CacheEntry


class Filled(internal_cache.InternalLRUCache):
    """The same policies that our side has in Redis."""

    async def setup(self):
        body = {"version": "STSv1", "mode": "enforce", "mx": ["mx1.bench.test", "mx2.bench.test"], "max_age": 604800}
        for number in range(DOMAINS):
            await self.set("d%06d.bench.test" % number, CacheEntry(time.time(), "20250809T1", body))


DOMAINS = int(sys.argv[2])
internal_cache.InternalLRUCache = Filled

from postfix_mta_sts_resolver import daemon		# noqa: E402  pylint: disable=wrong-import-position

sys.argv = ["mta-sts-daemon", "-c", sys.argv[1]]
daemon.main()
