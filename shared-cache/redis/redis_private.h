/* SPDX-License-Identifier: ISC */
/*
 * redis_private.h - a connection, shared by redis_connect.c, which opens it, and redis.c, which uses it. For these only.
 */
#ifndef STS_REDIS_REDIS_PRIVATE_H
#define STS_REDIS_REDIS_PRIVATE_H

#include <hiredis/hiredis.h>

#include "shared-cache/redis/cluster.h"
#include "shared-cache/redis/redis.h"
#include "shared-cache/redis/redis_tls.h"

/* The type of an array's length: first int, then size_t. */
#if HIREDIS_MAJOR < 1
typedef int element_count;
#else
typedef size_t element_count;
#endif

enum { STS_REDIS_WHY_CAP = 320, STS_REDIS_TLS_NAMES = 4 };

struct sts_redis {
	struct sts_cluster *cluster;	/* non-NULL: a cluster; then only the parameters, why and this are used */
	struct sts_endpoint endpoint;
	char *tls_names[STS_REDIS_TLS_NAMES];	/* the strings in endpoint */
	sts_redis_find_fn *find;
	char *username, *password;
	int64_t db, timeout_ms;
	size_t reply_max;
	int fd;				/* -1: not connected */
	struct sts_redis_tls *tls;	/* over fd; NULL: no TLS */
	redisReader *reader;
	redisReplyObjectFunctions functions;		/* hiredis' own, except for arrays */
	void *(*create_array)(const redisReadTask *, element_count);	/* hiredis' own */
	size_t fed;			/* bytes since the last complete reply */
	char *out;			/* commands */
	size_t out_len, out_cap, out_sent;
	size_t words_due;		/* words still missing from the last command */
	size_t replies_due;
	bool no_memory;			/* some command of this exchange got no memory */
	int64_t deadline_ms;
	char why[STS_REDIS_WHY_CAP];
};

/* Drops the connection and sets why. Returns STS_EUNAVAILABLE. */
enum sts_status sts_redis_fail(struct sts_redis *r, const char *what);

#endif
