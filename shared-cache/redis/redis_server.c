/* SPDX-License-Identifier: ISC */
/* redis_server.c - chooses how to find the server, by the kind of endpoint. */
#include "config.h"

#include "shared-cache/redis/redis_server.h"

#include "shared-cache/redis/sentinel.h"

enum sts_status
sts_redis_open(const struct sts_redis_params *params, struct sts_redis **out)
{
	struct sts_redis_params found = *params;

	found.find = params->endpoint->kind == STS_ENDPOINT_SENTINEL ? sts_sentinel_find : NULL;
	return sts_redis_new(&found, out);
}
