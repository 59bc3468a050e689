/* SPDX-License-Identifier: ISC */
/* query_private.h - a query, shared by query.c (life cycle, hashes), query_domains.c, query_stream.c, query_functions.c,
 * query_nodes.c and query_reports.c. For these only. */
#ifndef STS_QUERY_QUERY_PRIVATE_H
#define STS_QUERY_QUERY_PRIVATE_H

#include "shared-cache/query/query.h"
#include "shared-cache/redis/redis_server.h"
#include "shared-cache/store/keys.h"

struct sts_query {
	struct sts_redis *redis;
	char prefix[STS_PREFIX_MAX + 1];
};

/* Calls fn for each field of the hash at key. Reads it in parts, because the hash may hold anything and a reply is bounded; a
 * field may come twice if the hash changes meanwhile. A status from fn other than STS_OK stops the scan. STS_EFULL: it does not
 * end. */
struct sts_query_field {
	const char *name;	/* hostile, as is value; both NUL-terminated */
	size_t name_len;
	const char *value;
	size_t value_len;
};
typedef enum sts_status sts_query_field_fn(void *arg, const struct sts_query_field *field);
enum sts_status sts_query_scan(struct sts_query *query, const char *key, sts_query_field_fn *fn, void *arg);

/* Reads a reply of the given kind, which the caller frees. Any other ends the exchange; what describes it in sts_query_why.
 * Where an array is wanted, a nil is also returned. */
enum sts_status sts_query_read(struct sts_query *query, const char *what, enum sts_reply_kind kind, struct sts_reply *out);
/* Ends the exchange because of reply, and frees it. */
enum sts_status sts_query_refuse(struct sts_query *query, const char *what, struct sts_reply *reply);

#endif
