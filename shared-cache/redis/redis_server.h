/* SPDX-License-Identifier: ISC */
/*
 * redis_server.h - a connection to the Redis that the settings name, however its server is found: as it stands there, or by asking
 * sentinels. One connection's commands (redis.h) know nothing of that. Any thread.
 */
#ifndef STS_REDIS_REDIS_SERVER_H
#define STS_REDIS_REDIS_SERVER_H

#include "shared-cache/redis/redis.h"

/* As sts_redis_new; params->find is not looked at. */
enum sts_status sts_redis_open(const struct sts_redis_params *params, struct sts_redis **out);

#endif
