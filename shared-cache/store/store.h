/* SPDX-License-Identifier: ISC */
/*
 * store.h - the place behind the in-process cache: Redis for a fleet, or nothing.
 *
 * A store handle is one connection with its own circuit breaker, used by one thread; each thread that needs the store opens
 * its own. Every call blocks for at most the store's timeout (apply and append: for each chunk), and not at all while the
 * breaker is open. Everything read is validated: what does not parse is STS_ENOTFOUND. Nothing here logs per call: the handle
 * logs one line when the store goes away and one when it is back.
 * Two implementations: redis_store.c; memory_store.c, which keeps the totals of counters in the process.
 */
#ifndef STS_STORE_STORE_H
#define STS_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/judge/history.h"
#include "shared-cache/names/endpoint.h"
#include "shared-cache/policy/entry.h"

struct sts_store;
struct sts_counts_batch;	/* counts.h */
struct sts_stream_entry;	/* counts.h */

struct sts_store_params {
	struct sts_endpoint endpoint;
	const char *username;	/* "" for none; the strings are copied */
	const char *password;
	const char *prefix;
	int64_t db;
	int64_t timeout_ms;	/* of a command or a chunk of a pipeline, connecting included */
	int64_t stats_days;	/* expiry of per-day and per-domain keys */
	int64_t stats_domains;	/* domains with counters of their own; beyond, those seen least lately are forgotten; 0: no bound */
	int64_t stream_maxlen;
	const char *node;	/* sts_conf_node: the owner of locks, the stream's `node` */
};

enum sts_status sts_store_open(const struct sts_store_params *params, struct sts_store **out);
void sts_store_close(struct sts_store **store);

/* ---- policies. now: seconds since the epoch ---- */

/* STS_OK and a reference; STS_ENOTFOUND; STS_EUNAVAILABLE. */
enum sts_status sts_store_get(struct sts_store *store, const char *domain, int64_t now, struct sts_entry **out);
/* Keeps entry until it may be forgotten: its `expires`. A negative never replaces a live policy (checked in Redis). */
enum sts_status sts_store_put(struct sts_store *store, const struct sts_entry *entry, int64_t now);
/* The fleet's single flight: STS_OK when this node now holds the lock for at most ttl_ms, STS_EFULL when another does,
 * STS_EUNAVAILABLE when there is nobody to ask (go ahead without). unlock only removes a lock of its own. */
enum sts_status sts_store_lock(struct sts_store *store, const char *domain, int64_t ttl_ms);
enum sts_status sts_store_unlock(struct sts_store *store, const char *domain);

/* Many of these at a time, in one exchange where the store can: what is asked first is done first. */
enum sts_store_call_kind { STS_STORE_GET, STS_STORE_PUT, STS_STORE_LOCK, STS_STORE_UNLOCK };
struct sts_store_call {
	const char *domain;
	struct sts_entry *entry;	/* PUT: what to put. GET: the result, a reference; NULL unless STS_OK */
	int64_t ttl_ms;			/* LOCK */
	enum sts_store_call_kind kind;
	enum sts_status status;		/* the result */
};
enum { STS_STORE_CALLS = 64 };
/* count: up to STS_STORE_CALLS. */
void sts_store_calls(struct sts_store *store, struct sts_store_call *const *calls, size_t count, int64_t now);

/* ---- histories: written with the counters ---- */

/* What is known of how domain's own mail came in, up to now. STS_ENOTFOUND: nothing; *out is then all zero. */
enum sts_status sts_store_history(struct sts_store *store, const char *domain, int64_t now, struct sts_history_days *out);
/* Forgets it, here and, by publishing, in the memory of every node; what nodes have counted and not written yet begins the next
 * one. STS_ENOTFOUND: there was nothing here. */
enum sts_status sts_store_clear_history(struct sts_store *store, const char *domain);

/* ---- a fleet's nodes ---- */

/* Tells all nodes that what they know of domain is out of date; see subscription.h. */
enum sts_status sts_store_publish(struct sts_store *store, const char *domain);
/* Forgets what is known of domain, here and, by publishing, everywhere. STS_ENOTFOUND: there was nothing here. */
enum sts_status sts_store_purge(struct sts_store *store, const char *domain);

/* A sign of life of this process; kept for STS_STORE_SIGN_S. Node and version are the store's to add. */
enum { STS_STORE_SIGN_S = 7 * 86400 };
struct sts_store_sign {
	int64_t started, seen;
	uint64_t pending_messages, pending_rows, folded_messages, dropped_stream, retried;
	bool enforcing, dry_run;	/* the settings could refuse mail; they say dry_run */
	int64_t tripped;		/* when the trip wire did, seconds; 0: it has not */
	uint64_t refused_minute;	/* messages refused or held in the last minute */
	uint64_t heard;			/* the number with the last word that stsctl told it */
};
enum sts_status sts_store_sign(struct sts_store *store, const struct sts_store_sign *sign);

/* One bounded step of a walk through all domains about which something is stored; cursor is 0 before the first step, and
 * again after the last. each may be told a domain twice, as SCAN does; it must not use the store. */
typedef void sts_store_each_fn(void *arg, const char *domain);
enum sts_status sts_store_scan(struct sts_store *store, uint64_t *cursor, sts_store_each_fn *each, void *arg);

/* ---- counters and evidence: see counts.h ---- */

/* Applies a numbered batch, whole or again: safe to repeat after STS_EUNAVAILABLE, whatever became of the first try. */
enum sts_status sts_store_apply(struct sts_store *store, const struct sts_counts_batch *batch);
/* Appends entries to the evidence stream; *written is how many of them, from the first on, went in. After STS_EUNAVAILABLE
 * the call is repeated with those from *written on, first and in their order: those whose reply was lost are recognised, so
 * that none goes in twice. STS_EINVAL: the key holds something else, the rest cannot be written at all. */
enum sts_status sts_store_append(struct sts_store *store, const struct sts_stream_entry *entries, size_t count,
    size_t *written);

/* Under which number sts_store_append will send its next entries, up to 200 of them; and that the first `count' entries it is given have
 * been sent under such a number before, by an earlier process. Only for a store in Redis, and while nothing is being repeated. */
void sts_store_stream_number(const struct sts_store *store, char incarnation[33], uint64_t *sequence);
void sts_store_stream_resume(struct sts_store *store, const char *incarnation, uint64_t sequence, size_t count);

/* Whether the breaker is closed (calls go through). */
bool sts_store_is_up(const struct sts_store *store);
/* Whether the last call failed because this user, or server, may not do that: what it may do goes on. */
bool sts_store_is_refused(const struct sts_store *store);
/* Why the last call returned STS_EUNAVAILABLE; escaped, a few words. "" without Redis. */
const char *sts_store_why(const struct sts_store *store);
/* The next call goes through, even if the breaker is open: for the last try before an end. */
void sts_store_try_now(struct sts_store *store);

#endif
