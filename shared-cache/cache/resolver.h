/* SPDX-License-Identifier: ISC */
/*
 * resolver.h - finds out about domains. All who ask for the same domain share one flight (a lookup in progress).
 *
 * A flight: memory -> store -> admission to DNS -> TXT -> addresses -> admission to the web servers -> the fleet's lock -> the
 * store again, under the lock -> HTTPS -> entry -> memory, store, unlock, waiters. It ends as soon as the answer is known: for most
 * domains, which publish nothing, after the TXT record. resolver_private.h draws the states.
 * A live policy that is due for a refresh is answered at once; its flight goes on without waiters.
 * If another node holds the lock, the flight gives up its slot and reads the store every STS_RESOLVER_POLL_MS, until the result is
 * there, the lock is free, or it has waited for STS_RESOLVER_PATIENCE_MS (without waiters: for the life of a lock). A store that is
 * away is done without.
 *
 * Under load, admission.h decides which flight gets the next slot. If there is no room for another flight, the oldest without
 * waiters is dropped; otherwise the oldest of the client network with the most waiting flights, and its waiters are answered
 * `overload`.
 *
 * Failures of this machine (no memory, no descriptors) are answered `overload`, and remembered for STS_RESOLVER_LOCAL_S, here only.
 *
 * Sees the network, the store and time as functions. Belongs to one thread, on which the callbacks of all three come.
 */
#ifndef STS_CACHE_RESOLVER_H
#define STS_CACHE_RESOLVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/histogram.h"
#include "shared-cache/base/status.h"
#include "shared-cache/memory/l1.h"
#include "shared-cache/names/ipaddr.h"
#include "shared-cache/names/organisation.h"
#include "shared-cache/policy/entry.h"
#include "shared-cache/policy/net.h"
#include "shared-cache/policy/reason.h"
#include "shared-cache/policy/refresh.h"
#include "shared-cache/policy/source.h"

enum {
	STS_RESOLVER_POLL_MS = 200,	/* between reads of the store while another node fetches */
	STS_RESOLVER_PATIENCE_MS = 1000, /* waiting for a node that may have died with the lock, while mail waits */
	STS_RESOLVER_SWEEP_MS = 60000,	/* between sweeps for policies to refresh ahead of expiry */
	STS_RESOLVER_QUEUE = 8,		/* flights in progress or queued, for each concurrent DNS lookup or fetch */
	STS_RESOLVER_LOCAL_S = 10,	/* between attempts after a failure of this machine */
};

/* ---- the store, as functions ---- */

/* STS_OK (get: with entry, valid during the callback only), STS_ENOTFOUND, STS_EFULL (lock: another node holds it).
 * STS_EUNAVAILABLE and all others: the store is away. */
typedef void sts_stored_fn(void *arg, enum sts_status status, struct sts_entry *entry);

/* get and lock: after STS_OK the callback comes later, exactly once, never from inside the call; otherwise never. put, unlock
 * and publish have no result; unlock leaves other nodes' locks alone. Calls are executed in order. The domain is copied, the
 * entry referenced. */
struct sts_resolver_store {
	void *self;
	enum sts_status (*get)(void *self, const char *domain, sts_stored_fn *fn, void *arg);
	enum sts_status (*lock)(void *self, const char *domain, int64_t ttl_ms, sts_stored_fn *fn, void *arg);
	void (*put)(void *self, struct sts_entry *entry);
	void (*unlock)(void *self, const char *domain);
	void (*publish)(void *self, const char *domain);	/* tells all nodes that what they know of domain is out of date */
};

/* ---- time ---- */

struct sts_resolver_time {
	void *self;
	int64_t (*mono_ms)(void *self);	/* as sts_clock_mono_ms */
	int64_t (*now)(void *self);	/* as sts_clock_now */
};

/* ---- the resolver ---- */

struct sts_resolver;

struct sts_resolver_params {
	struct sts_refresh_rules rules;
	/* Maximum in progress, and started a second. Values below 1 count as 1. */
	int64_t dns_concurrency, dns_rate;
	int64_t fetch_concurrency, fetch_rate;
	int64_t fetch_per_host;		/* fetches in progress from one address */
	int64_t dns_timeout_ms, fetch_timeout_ms;
	/* Entries other than policies that are put into the store: a second, and in a burst. */
	int64_t negative_puts, negative_burst;
};

/* All outlive the resolver. store NULL: there is none; organisations may be NULL (organisation.h). */
struct sts_resolver_env {
	struct sts_l1 *l1;
	const struct sts_organisations *organisations;
	const struct sts_net *net;
	const struct sts_resolver_store *store;
	const struct sts_resolver_time *time;
};

enum sts_status sts_resolver_new(const struct sts_resolver_params *params, const struct sts_resolver_env *env,
    struct sts_resolver **out);
/* After sts_resolver_stop, and after every outstanding callback has come. */
void sts_resolver_free(struct sts_resolver **resolver);

/* In the caller's storage until answered. answer is called exactly once, perhaps from inside sts_resolver_ask. entry is
 * borrowed; it is NULL when nothing is known, with reason pending (stopped) or overload. It may be dead already: a policy with a
 * max_age of 0 is valid for those who waited for it. */
struct sts_waiter {
	struct sts_waiter *next;	/* the resolver's */
	uint32_t client;		/* the client's network: sts_client_network, 0 when unknown */
	/* Whether somebody still wants the answer; NULL: yes. Called when the flight's priority matters. */
	bool (*is_wanted)(const struct sts_waiter *waiter);
	void (*answer)(struct sts_waiter *waiter, struct sts_entry *entry, enum sts_reason reason, enum sts_source source);
};

/* A number for the network of an address (/24, /48), constant for the life of the process. 0 if client is NULL or has no
 * address. Any thread. */
uint32_t sts_client_network(const struct sts_ipaddr *client);

/* waiter NULL: refreshes in the background, after the lookups that have waiters. */
void sts_resolver_ask(struct sts_resolver *resolver, const char *domain, struct sts_waiter *waiter);

/* Checks the TXT id of a live policy again, in the background, unless that was done in the last max_age_s seconds, or must not
 * be done yet. A newer check by another node, found in the store, is enough. */
void sts_resolver_recheck(struct sts_resolver *resolver, const char *domain, int64_t max_age_s);

/* What is known of domain is out of date, or is to be forgotten: the next lookup starts anew, and a flight in progress no longer
 * relies on the previous entry. */
void sts_resolver_forget(struct sts_resolver *resolver, const char *domain);

/* Does what is due. Call after callbacks and lookups, and after as many milliseconds as it returns. */
int64_t sts_resolver_run(struct sts_resolver *resolver);

/* Answers all waiters with nothing, and unlocks. Flights with a callback outstanding end when it comes. Later lookups are
 * answered with nothing. */
void sts_resolver_stop(struct sts_resolver *resolver);

struct sts_resolver_state {
	size_t flights;
	size_t dns_waiting, fetch_waiting; /* flights that wait for admission */
	uint64_t overloads;		/* lookups refused */
	uint64_t local_errors;	/* flights that ended by a failure of this machine */
	uint64_t fetches;		/* policies requested from web servers */
	uint64_t lookups;		/* TXT lookups */
	uint64_t store_hits;		/* flights that the store answered */
	/* Results by reason. STS_REASON_NONE: for DNS any reply, for fetches a valid policy. */
	uint64_t lookup_results[STS_REASON_COUNT];
	uint64_t fetch_results[STS_REASON_COUNT];
	/* Time from the lookup to the answer. */
	struct sts_histogram store_ms, network_ms;
};
void sts_resolver_state(const struct sts_resolver *resolver, struct sts_resolver_state *out);

#endif
