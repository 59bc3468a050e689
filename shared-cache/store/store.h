/* SPDX-License-Identifier: ISC */
/*
 * store.h - the store behind the in-process cache: Redis, which a fleet shares, or nothing.
 *
 * A store handle is one connection with its own circuit breaker, used by one thread; each thread that needs the store opens
 * its own. A call blocks for at most the store's timeout (apply and append: per chunk), and not at all while the
 * breaker is open. Everything read is validated: what does not parse is STS_ENOTFOUND. Calls are not logged; the handle
 * logs one line when the store becomes unreachable, and one when it is back.
 * Two implementations: redis_store.c; memory_store.c, which keeps the totals of the counters in the process.
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
	int64_t timeout_ms;	/* of a command or a chunk of a pipeline, including the connect */
	int64_t stats_days;	/* expiry of per-day and per-domain keys */
	int64_t stats_domains;	/* domains with counters of their own; beyond, those not seen for longest are forgotten; 0: no limit */
	int64_t stream_maxlen;
	const char *node;	/* sts_conf_node: owner of locks, `node` in the stream */
};

enum sts_status sts_store_open(const struct sts_store_params *params, struct sts_store **out);
void sts_store_close(struct sts_store **store);

/* ---- policies. now: seconds since the epoch ---- */

/* STS_OK, with a reference in *out; STS_ENOTFOUND; STS_EUNAVAILABLE. */
enum sts_status sts_store_get(struct sts_store *store, const char *domain, int64_t now, struct sts_entry **out);
/* Stores entry until its `expires`. A negative entry never replaces a live policy (checked in Redis). */
enum sts_status sts_store_put(struct sts_store *store, const struct sts_entry *entry, int64_t now);
/* Single flight across the fleet: STS_OK when this node has the lock now, for at most ttl_ms; STS_EFULL when another node has it;
 * STS_EUNAVAILABLE when the store is unreachable (go ahead without it). unlock only removes this node's own lock. */
enum sts_status sts_store_lock(struct sts_store *store, const char *domain, int64_t ttl_ms);
enum sts_status sts_store_unlock(struct sts_store *store, const char *domain);

/* Several of these calls at once, in one exchange if the store can; they are executed in order. */
enum sts_store_call_kind { STS_STORE_GET, STS_STORE_PUT, STS_STORE_LOCK, STS_STORE_UNLOCK };
struct sts_store_call {
	const char *domain;
	struct sts_entry *entry;	/* PUT: the entry to store. GET: the result, a reference; NULL unless STS_OK */
	int64_t ttl_ms;			/* LOCK */
	enum sts_store_call_kind kind;
	enum sts_status status;		/* the result */
};
enum { STS_STORE_CALLS = 64 };
/* count: at most STS_STORE_CALLS. */
void sts_store_calls(struct sts_store *store, struct sts_store_call *const *calls, size_t count, int64_t now);

/* ---- histories: written with the counters ---- */

/* How domain's own mail arrived, up to now. STS_ENOTFOUND: nothing is known; then *out is all zero. */
enum sts_status sts_store_history(struct sts_store *store, const char *domain, int64_t now, struct sts_history_days *out);
/* Deletes it, here and, by publishing, from the memory of every node; what nodes have counted but not written yet begins the next
 * history. STS_ENOTFOUND: there was none here. */
enum sts_status sts_store_clear_history(struct sts_store *store, const char *domain);

/* ---- the nodes of a fleet ---- */

/* Tells all nodes that their entry of domain is out of date; see subscription.h. */
enum sts_status sts_store_publish(struct sts_store *store, const char *domain);
/* Deletes the entry of domain, here and, by publishing, everywhere. STS_ENOTFOUND: there was none here. */
enum sts_status sts_store_purge(struct sts_store *store, const char *domain);

/* A heartbeat of this process; kept for STS_STORE_HEARTBEAT_S. The store adds node and version. */
enum { STS_STORE_HEARTBEAT_S = 7 * 86400 };
struct sts_store_heartbeat {
	int64_t started, seen;
	uint64_t pending_messages, pending_rows, folded_messages, dropped_stream, retried;
	bool enforcing, dry_run;	/* the settings could refuse mail; dry_run is set */
	int64_t tripped;		/* when the trip wire tripped, seconds; 0: it has not */
	uint64_t refused_minute;	/* messages refused or held in the last minute */
	uint64_t heard;			/* number of the last command from stsctl */
};
enum sts_status sts_store_heartbeat(struct sts_store *store, const struct sts_store_heartbeat *heartbeat);

/* One bounded step of an iteration over all domains that have an entry; cursor is 0 before the first step, and
 * again after the last. each may get a domain twice, as with SCAN; it must not call the store. */
typedef void sts_store_each_fn(void *arg, const char *domain);
enum sts_status sts_store_scan(struct sts_store *store, uint64_t *cursor, sts_store_each_fn *each, void *arg);

/* ---- counters and evidence: see counts.h ---- */

/* Applies a numbered batch. Safe to repeat after STS_EUNAVAILABLE, whatever the first call achieved. */
enum sts_status sts_store_apply(struct sts_store *store, const struct sts_counts_batch *batch);
/* Appends entries to the evidence stream; *written is how many of them, from the first on, were appended. After STS_EUNAVAILABLE,
 * call it again with the entries from *written on, first and in the same order: those whose reply was lost are recognised, so
 * none is appended twice. STS_EINVAL: the key holds something else, so the rest cannot be written at all. */
enum sts_status sts_store_append(struct sts_store *store, const struct sts_stream_entry *entries, size_t count,
    size_t *written);

/* stream_number: the number under which sts_store_append will send its next entries, up to 200. stream_resume: the first `count' entries
 * to come have been sent under that number before, by an earlier process. Only for a store in Redis, and not while a call has to be
 * repeated. */
void sts_store_stream_number(const struct sts_store *store, char incarnation[33], uint64_t *sequence);
void sts_store_stream_resume(struct sts_store *store, const char *incarnation, uint64_t sequence, size_t count);

/* Whether the breaker is closed (calls go through). */
bool sts_store_is_up(const struct sts_store *store);
/* Whether the last call failed because this user, or server, may not do that: what it may do goes on. */
bool sts_store_is_refused(const struct sts_store *store);
/* Why the last call returned STS_EUNAVAILABLE; escaped, a few words. "" without Redis. */
const char *sts_store_why(const struct sts_store *store);
/* Lets the next call through even if the breaker is open: for the last attempt before the end. */
void sts_store_try_now(struct sts_store *store);

#endif
