/* SPDX-License-Identifier: ISC */
/*
 * redis_store.h - a handle to Redis as its files share it: redis_store.c (life, breaker, scripts),
 * policy_store.c, counts_store.c, evidence_store.c, trim_store.c, fleet_store.c, history_store.c. For these only.
 *
 * Each call of the store is an exchange: sts_exchange_begin, commands, replies, and then one verdict for the breaker:
 * sts_exchange_good, or one of the others, which drop the connection and return what the call returns.
 */
#ifndef STS_STORE_REDIS_STORE_H
#define STS_STORE_REDIS_STORE_H

#include "shared-cache/base/log.h"
#include "shared-cache/redis/breaker.h"
#include "shared-cache/redis/redis_server.h"
#include "shared-cache/store/keys.h"
#include "shared-cache/store/scripts.h"
#include "shared-cache/store/store_private.h"

enum { STS_STORE_TOPICS = 6 };	/* of what is forbidden: one line an hour each */

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
	int64_t stats_domains;		/* 0: no bound */
	int64_t stream_maxlen;
	char digests[STS_SCRIPTS][STS_SCRIPT_DIGEST_CAP];
	uint64_t stream_sequence;	/* of the latest chunk of evidence */
	size_t stream_unsure;		/* entries of that chunk, while nobody knows whether it is in */
	int64_t trimmed;		/* when `domains` was, by the messages' time */
	uint64_t foreign;		/* rows that could not be applied because a key is not ours */
	struct sts_log_limit foreign_log;
	bool refused;			/* the last exchange ended with what this user may not do */
	struct {
		const char *what;	/* NULL: nobody has complained yet */
		struct sts_log_limit limit;
	} forbidden[STS_STORE_TOPICS];
};

struct sts_store_redis *sts_store_redis_of(struct sts_store *store);

/* STS_OK: go on; else return it. */
enum sts_status sts_exchange_begin(struct sts_store_redis *s);
/* The exchange has gone well; wrote: and Redis has taken a write. */
void sts_exchange_good(struct sts_store_redis *s, bool wrote);
/* A sts_redis_read returned status. */
enum sts_status sts_exchange_broken(struct sts_store_redis *s, enum sts_status status);
/* Redis answered what (an error, or something unexpected) to it. What only this user, or this server, may not do is told by name
 * and leaves all else alone; anything else is a fault of the whole connection. */
enum sts_status sts_exchange_refused(struct sts_store_redis *s, const char *what, const struct sts_reply *reply);

/* One call of a script. */
struct sts_script_call {
	enum sts_script script;
	bool with_text;		/* EVAL, from which Redis remembers the script; else EVALSHA */
	size_t key_count, arg_count;
};
/* Queues its head; the keys and arguments follow as words. */
void sts_script_begin(struct sts_store_redis *s, const struct sts_script_call *call);

bool sts_script_is_unknown(const struct sts_reply *reply);	/* asks for EVAL */
/* Reads what a script that returns a number says. *unknown_script: it has to be sent with its text; NULL when it was. */
enum sts_status sts_script_result(struct sts_store_redis *s, const char *what, bool *unknown_script, int64_t *result);

/* What belongs under this key could not be put there, because it holds what is not ours: a line, now and then. */
void sts_store_redis_tell_foreign(struct sts_store_redis *s, const char *key);

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
enum sts_status sts_store_redis_sign(struct sts_store *store, const struct sts_store_sign *sign);
enum sts_status sts_store_redis_scan(struct sts_store *store, uint64_t *cursor, sts_store_each_fn *each, void *arg);

/* Forgets domains that were not seen for long, or are too many; now: by the messages' time. After counters went in. */
void sts_store_redis_trim(struct sts_store_redis *s, int64_t now);

/* counters and evidence */
enum sts_status sts_store_redis_apply(struct sts_store *store, const struct sts_counts_batch *batch);
enum sts_status sts_store_redis_append(struct sts_store *store, const struct sts_stream_entry *entries, size_t count,
    size_t *written);

#endif
