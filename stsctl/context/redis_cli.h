/* SPDX-License-Identifier: ISC */
/* redis_cli.h - redis-cli, as it reaches the Redis of the settings: the beginning of a line to paste. Pure. */
#ifndef STSCTL_CONTEXT_REDIS_CLI_H
#define STSCTL_CONTEXT_REDIS_CLI_H

#include "shared-cache/base/text.h"
#include "shared-cache/names/endpoint.h"

/* "redis-cli -s /run/redis.sock". Without a user: what is pasted is for an administrator. db 0 is not said. Of a cluster the first node is
 * named; where a Sentinel knows the place, none. */
void redis_cli_add(struct sts_text *to, const struct sts_endpoint *redis, unsigned db);

#endif
