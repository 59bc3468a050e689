/* SPDX-License-Identifier: ISC */
/*
 * store_link.h - a plain connection to the store's Redis, for code that stores other things than policies there: what was sent,
 * and reports about it. One thread at a time; each exchange blocks for at most the store's timeout.
 */
#ifndef STS_STORE_STORE_LINK_H
#define STS_STORE_STORE_LINK_H

#include "shared-cache/redis/redis_server.h"
#include "shared-cache/store/keys.h"
#include "shared-cache/store/store.h"

struct sts_store_link {
	struct sts_redis *redis;
	char prefix[STS_PREFIX_MAX + 1];
};

/* The caller closes *out. It connects at the first command. STS_ENOMEM, STS_EINVAL: as sts_redis_open. */
enum sts_status sts_store_link_open(const struct sts_store_params *params, struct sts_store_link **out);
/* *link may be NULL. */
void sts_store_link_close(struct sts_store_link **link);
/* Why the last exchange failed; escaped, a few words. */
const char *sts_store_link_why(const struct sts_store_link *link);

/* Reads the next reply; free it when STS_OK. If an array is wanted and the key is not ours, the reply is an empty array. A reply of another
 * kind ends the exchange: STS_EUNAVAILABLE, with `what` in sts_redis_why. */
enum sts_status sts_store_link_read(struct sts_store_link *link, enum sts_reply_kind kind, const char *what,
    struct sts_reply *out);

#endif
