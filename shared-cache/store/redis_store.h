/* SPDX-License-Identifier: ISC */
/*
 * redis_store.h - a handle to Redis as its files share it: redis_store.c (opening, breaker, scripts),
 * policy_store.c, counts_store.c, evidence_store.c, trim_store.c, fleet_store.c, history_store.c. For these only.
 *
 * Each call of the store is an exchange: sts_exchange_begin, commands, replies, and then one result for the breaker:
 * sts_exchange_good, or one of the others, which drop the connection and return the call's status.
 */
#ifndef STS_STORE_REDIS_STORE_H
#define STS_STORE_REDIS_STORE_H

#include "shared-cache/base/log.h"
#include "shared-cache/redis/breaker.h"
#include "shared-cache/redis/redis_server.h"
#include "shared-cache/store/keys.h"
#include "shared-cache/store/scripts.h"
#include "shared-cache/store/store_private.h"

enum { STS_STORE_TOPICS = 6 };	/* kinds of forbidden commands, each logged at most once an hour */

struct sts_store_redis {
	struct sts_store base;
	struct sts_redis *redis;
	struct sts_breaker breaker;
	char *name;			/* of the endpoint, for the log */
	char prefix[STS_PREFIX_MAX + 1];
	char incarnation[33];		/* of this handle */
	char *node;
	char *owner;			/* of locks: the node and the incarnation */
	int64_t stats_ttl_s;
	int64_t stats_domains;		/* 0: no limit */
	int64_t stream_maxlen;
	char digests[STS_SCRIPTS][STS_SCRIPT_DIGEST_CAP];
	uint64_t stream_sequence;	/* number of the latest chunk of evidence */
	size_t stream_unsure;		/* entries of that chunk, as long as it is not known whether it has been appended */
	int64_t trimmed;		/* when `domains` was trimmed, by the messages' time */
	uint64_t foreign;		/* rows that could not be applied because another program's key is in the way */
	struct sts_log_limit foreign_log;
	bool refused;			/* the last exchange ended with what this user may not do */
	struct {
		const char *what;	/* NULL: no complaint so far */
		struct sts_log_limit limit;
	} forbidden[STS_STORE_TOPICS];
};

struct sts_store_redis *sts_store_redis_of(struct sts_store *store);

/* STS_OK: go on; otherwise return the status. */
enum sts_status sts_exchange_begin(struct sts_store_redis *s);
/* The exchange has succeeded; wrote: and Redis has accepted a write. */
void sts_exchange_good(struct sts_store_redis *s, bool wrote);
/* sts_redis_read has returned this status. */
enum sts_status sts_exchange_broken(struct sts_store_redis *s, enum sts_status status);
/* Redis has answered command `what` with an error, or with something unexpected. If only this user or this server refuses the command,
 * that is logged with its name, and nothing else is affected; anything else counts as a failure of the connection. */
enum sts_status sts_exchange_refused(struct sts_store_redis *s, const char *what, const struct sts_reply *reply);

/* One call of a script. */
struct sts_script_call {
	enum sts_script script;
	bool with_text;		/* EVAL, which loads the script into Redis; else EVALSHA */
	size_t key_count, arg_count;
};
/* Queues the beginning of the command; the caller adds keys and arguments as words. */
void sts_script_begin(struct sts_store_redis *s, const struct sts_script_call *call);

bool sts_script_is_unknown(const struct sts_reply *reply);	/* then use EVAL */
/* Reads the result of a script that returns a number. *unknown_script: it has to be sent with its text; NULL if it was. */
enum sts_status sts_script_result(struct sts_store_redis *s, const char *what, bool *unknown_script, int64_t *result);

/* Logs, now and then, that a key of ours cannot be written because it holds something that is not ours. */
void sts_store_redis_log_foreign(struct sts_store_redis *s, const char *key);

/* policies */
void sts_store_redis_calls(struct sts_store *store, struct sts_store_call *const *calls, size_t count, int64_t now);
enum sts_status sts_store_redis_get(struct sts_store *store, const char *domain, int64_t now, struct sts_entry **out);
enum sts_status sts_store_redis_put(struct sts_store *store, const struct sts_entry *entry, int64_t now);
enum sts_status sts_store_redis_lock(struct sts_store *store, const char *domain, int64_t ttl_ms);
enum sts_status sts_store_redis_unlock(struct sts_store *store, const char *domain);

/* histories */
enum sts_status sts_store_redis_history(struct sts_store *store, const char *domain, int64_t now,
    struct sts_history_days *out);
enum sts_status sts_store_redis_clear_history(struct sts_store *store, const char *domain);

/* the fleet */
enum sts_status sts_store_redis_publish(struct sts_store *store, const char *domain);
enum sts_status sts_store_redis_purge(struct sts_store *store, const char *domain);
enum sts_status sts_store_redis_heartbeat(struct sts_store *store, const struct sts_store_heartbeat *heartbeat);
enum sts_status sts_store_redis_scan(struct sts_store *store, uint64_t *cursor, sts_store_each_fn *each, void *arg);

/* Forgets domains that have not been seen for long, or exceed the limit; now: by the messages' time. To be called after counters were
 * applied. */
void sts_store_redis_trim(struct sts_store_redis *s, int64_t now);

/* counters and evidence */
enum sts_status sts_store_redis_apply(struct sts_store *store, const struct sts_counts_batch *batch);
enum sts_status sts_store_redis_append(struct sts_store *store, const struct sts_stream_entry *entries, size_t count,
    size_t *written);

#endif
