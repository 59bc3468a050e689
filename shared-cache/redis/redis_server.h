/* SPDX-License-Identifier: ISC */
/*
 * redis_server.h - a connection to the Redis that the settings name: at its own address, or found through Sentinel. The commands of
 * a connection (redis.h) know nothing of that. Any thread.
 */
#ifndef STS_REDIS_REDIS_SERVER_H
#define STS_REDIS_REDIS_SERVER_H

#include "shared-cache/redis/redis.h"

/* As sts_redis_new; params->find is ignored. */
enum sts_status sts_redis_open(const struct sts_redis_params *params, struct sts_redis **out);

#endif
