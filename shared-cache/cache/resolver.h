/* SPDX-License-Identifier: ISC */
/*
 * resolver.h - finds out about domains: one flight a domain, whoever asks.
 *
 * A flight: memory -> store -> a place with DNS -> TXT -> addresses -> a place with the web servers -> the fleet's lock -> the store
 * once more, under the lock -> HTTPS -> entry -> memory, store, unlock, waiters. It ends early where the answer is found: for most
 * domains, which publish nothing, with the TXT record. Its states are drawn in resolver_private.h.
 * A live policy that is due for a refresh is answered at once; its flight goes on without waiters.
 * When another node holds the lock, the flight leaves its place and looks into the store every STS_RESOLVER_POLL_MS, until
 * the result is there, the lock is free, or it has waited for STS_RESOLVER_PATIENCE_MS (while nobody waits for it: as long as a lock
 * lives). A store that is away is done without.
 *
 * Under load: who gets the next place is in admission.h. When there is no room for another flight, the oldest that nobody waits for any more
 * is dropped, or else the oldest of the client network that waits for the most: that one is answered `overload`.
 *
 * What this machine lacks (memory, descriptors) is answered `overload` and remembered for STS_RESOLVER_LOCAL_S, here alone.
 *
 * Sees the network, the store and time as functions. Belongs to one thread, that which the callbacks of all three
 * come on.
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
	STS_RESOLVER_POLL_MS = 200,	/* between looks at what another node is fetching */
	STS_RESOLVER_PATIENCE_MS = 1000, /* with a node that may have died with the lock, while mail waits */
	STS_RESOLVER_SWEEP_MS = 60000,	/* between walks for policies to refresh ahead */
	STS_RESOLVER_QUEUE = 8,		/* flights under way or queued, per place */
	STS_RESOLVER_LOCAL_S = 10,	/* between attempts when this machine lacks something */
};

/* ---- what it asks of the store ---- */

/* STS_OK (get: with entry, valid during the callback only), STS_ENOTFOUND, STS_EFULL (lock: held by another node),
 * STS_EUNAVAILABLE and the rest: there is nobody to ask. */
typedef void sts_stored_fn(void *arg, enum sts_status status, struct sts_entry *entry);

/* get and lock: with STS_OK the callback comes later, exactly once, never from inside the call; else never. put, unlock
 * and publish are told and not heard of again; unlock leaves other nodes' locks alone. What is told first is done first. The domain is copied, the entry referenced. */
struct sts_resolver_store {
	void *self;
	enum sts_status (*get)(void *self, const char *domain, sts_stored_fn *fn, void *arg);
	enum sts_status (*lock)(void *self, const char *domain, int64_t ttl_ms, sts_stored_fn *fn, void *arg);
	void (*put)(void *self, struct sts_entry *entry);
	void (*unlock)(void *self, const char *domain);
	void (*publish)(void *self, const char *domain);	/* all nodes: what you know of it is out of date */
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
	/* Places, and how many may be taken in a second. Counts below 1 are 1. */
	int64_t dns_concurrency, dns_rate;
	int64_t fetch_concurrency, fetch_rate;
	int64_t fetch_per_host;		/* places for policy hosts at one address */
	int64_t dns_timeout_ms, fetch_timeout_ms;
	/* Entries that are no policy put into the store in a second, and at once. */
	int64_t negative_puts, negative_burst;
};

/* All outlive the resolver. store is NULL when there is none, organisations may be NULL (organisation.h). */
struct sts_resolver_env {
	struct sts_l1 *l1;
	const struct sts_organisations *organisations;
	const struct sts_net *net;
	const struct sts_resolver_store *store;
	const struct sts_resolver_time *time;
};

enum sts_status sts_resolver_new(const struct sts_resolver_params *params, const struct sts_resolver_env *env,
    struct sts_resolver **out);
/* After sts_resolver_stop, and after every callback under way has come. */
void sts_resolver_free(struct sts_resolver **resolver);

/* In the asker's storage until answered. answer is called exactly once, maybe from inside sts_resolver_ask; entry is borrowed,
 * and NULL when nothing is known, with reason pending (stopped) or overload. It may be dead already: a policy with a max_age
 * of 0 holds for those who waited for it. */
struct sts_waiter {
	struct sts_waiter *next;	/* the resolver's */
	uint32_t client;		/* who makes us ask: sts_client_network, 0 when unknown */
	/* Whether somebody still wants the answer; NULL: yes. Asked when it matters whose turn it is. */
	bool (*is_wanted)(const struct sts_waiter *waiter);
	void (*answer)(struct sts_waiter *waiter, struct sts_entry *entry, enum sts_reason reason, enum sts_source source);
};

/* A number for the network that an address belongs to (/24, /48), the same for the life of the process. client NULL, or without an
 * address: 0. Any thread. */
uint32_t sts_client_network(const struct sts_ipaddr *client);

/* waiter NULL: refreshes in the background, after those who wait. */
void sts_resolver_ask(struct sts_resolver *resolver, const char *domain, struct sts_waiter *waiter);

/* Looks at the TXT id of a live policy again, in the background, unless that was done in the last max_age_s seconds or must not be
 * done yet. A newer look by another node, found in the store, will do. */
void sts_resolver_recheck(struct sts_resolver *resolver, const char *domain, int64_t max_age_s);

/* What was known of domain is out of date, or somebody wants it forgotten: the next question starts anew, and so does a flight
 * under way as far as it has not gone yet. */
void sts_resolver_forget(struct sts_resolver *resolver, const char *domain);

/* Does what is due by now. To be called after callbacks and questions, and when the milliseconds it returns have passed. */
int64_t sts_resolver_run(struct sts_resolver *resolver);

/* Answers all waiters with nothing and unlocks; flights that expect a callback end with it. Later questions are answered
 * with nothing. */
void sts_resolver_stop(struct sts_resolver *resolver);

struct sts_resolver_state {
	size_t flights;
	size_t dns_waiting, fetch_waiting; /* flights that have no place yet */
	uint64_t overloads;		/* questions turned away */
	uint64_t local_errors;	/* flights that ended for lack of something here */
	uint64_t fetches;		/* policies asked of web servers */
	uint64_t lookups;		/* TXT records asked of DNS */
	uint64_t store_hits;		/* flights that ended in the store */
	/* What came of them, by reason; STS_REASON_NONE: DNS answered, whatever it said; a valid policy. */
	uint64_t lookup_results[STS_REASON_COUNT];
	uint64_t fetch_results[STS_REASON_COUNT];
	/* From the first question to the answer. */
	struct sts_histogram store_ms, network_ms;
};
void sts_resolver_state(const struct sts_resolver *resolver, struct sts_resolver_state *out);

#endif
