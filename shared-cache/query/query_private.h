/* SPDX-License-Identifier: ISC */
/* query_private.h - a query as its files share it: query.c (life, hashes), query_domains.c, query_stream.c,
 * query_functions.c, query_nodes.c, query_reports.c. For these only. */
#ifndef STS_QUERY_QUERY_PRIVATE_H
#define STS_QUERY_QUERY_PRIVATE_H

#include "shared-cache/query/query.h"
#include "shared-cache/redis/redis_server.h"
#include "shared-cache/store/keys.h"

struct sts_query {
	struct sts_redis *redis;
	char prefix[STS_PREFIX_MAX + 1];
};

/* Calls fn for each field of the hash at key: in parts, because a hash may hold anything by the time it is read, and a reply has a
 * bound; a field may come twice when the hash changes meanwhile. What fn returns but STS_OK ends it. STS_EFULL: there is no end. */
struct sts_query_field {
	const char *name;	/* hostile, as value; each with a NUL behind it */
	size_t name_len;
	const char *value;
	size_t value_len;
};
typedef enum sts_status sts_query_field_fn(void *arg, const struct sts_query_field *field);
enum sts_status sts_query_scan(struct sts_query *query, const char *key, sts_query_field_fn *fn, void *arg);

/* Reads a reply of the kind wanted (to be freed); anything else ends the exchange, and what names it in sts_query_why. A nil is
 * given out, too, where an array is wanted. */
enum sts_status sts_query_read(struct sts_query *query, const char *what, enum sts_reply_kind kind, struct sts_reply *out);
/* Ends the exchange because of reply, which is freed. */
enum sts_status sts_query_refuse(struct sts_query *query, const char *what, struct sts_reply *reply);

#endif
