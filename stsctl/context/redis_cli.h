/* SPDX-License-Identifier: ISC */
/* redis_cli.h - writes the start of a redis-cli command line that connects to the Redis of the settings. Pure. Any thread. */
#ifndef STSCTL_CONTEXT_REDIS_CLI_H
#define STSCTL_CONTEXT_REDIS_CLI_H

#include "shared-cache/base/text.h"
#include "shared-cache/names/endpoint.h"

/* Appends "redis-cli -s /run/redis.sock" or the like. No user is named: such lines are for an administrator. db is left out when it is
 * 0. For a cluster, the first node is named; with Sentinel, which knows the address, no host is. */
void redis_cli_add(struct sts_text *to, const struct sts_endpoint *redis, unsigned db);

#endif
