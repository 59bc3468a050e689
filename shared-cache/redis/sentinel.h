/* SPDX-License-Identifier: ISC */
/*
 * sentinel.h - asks Redis Sentinel which server is the master now.
 *
 * Asked for each new connection: after a failover the old master is gone, or refuses writes, and either drops the connection. That
 * also replaces the ROLE command by which a client may verify that it has found a master.
 * The sentinels are asked without a password, but over TLS when the master uses TLS. Any thread.
 */
#ifndef STS_REDIS_SENTINEL_H
#define STS_REDIS_SENTINEL_H

#include "shared-cache/redis/redis.h"

/* The first sentinel that answers decides; each gets its share of the time until deadline_ms (sts_clock_mono_ms). *out becomes a
 * tcp: or tls: endpoint. STS_EUNAVAILABLE, and a few words in why: no sentinel answers, or none knows the master. */
sts_redis_find_fn sts_sentinel_find;

#endif
