/* SPDX-License-Identifier: ISC */
/*
 * sentinel.h - asks the sentinels of a Redis which server is the master now.
 *
 * Asked anew for each connection: after a failover the old master is gone, or refuses writes, and either drops the connection.
 * That also stands in for the ROLE by which a client may make sure that it has found a master.
 * The sentinels themselves are asked without a password, but over TLS when the master is. Any thread.
 */
#ifndef STS_REDIS_SENTINEL_H
#define STS_REDIS_SENTINEL_H

#include "shared-cache/redis/redis.h"

/* The first sentinel that answers decides; each gets its share of the time until deadline_ms (sts_clock_mono_ms). *out becomes a
 * tcp: or tls: endpoint. STS_EUNAVAILABLE, and a few words in why: nobody answers, or knows of such a master. */
sts_redis_find_fn sts_sentinel_find;

#endif
