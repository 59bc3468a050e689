/* SPDX-License-Identifier: ISC */
/*
 * cache.h - the front door of the library: what is known of a domain, from memory, from Redis, from the network.
 *
 *   mail thread --- lookup ---> L1 (memory) --hit--> answer, no waiting
 *                                  | miss
 *                                  v mailbox
 *   resolver thread: one flight a domain: Redis -> TXT -> fleet lock -> HTTPS -> parse -> entry -> L1, Redis, waiters
 *   store thread: does the blocking Redis calls of the flights, so that a hung Redis holds up nobody else
 *
 * A lookup may be waited for, or released without; the flight goes on, after those that somebody waits for, and serves the next
 * message.
 */
#ifndef STS_CACHE_CACHE_H
#define STS_CACHE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/cache/histories.h"
#include "shared-cache/memory/l1.h"
#include "shared-cache/cache/resolver.h"
#include "shared-cache/names/ipaddr.h"
#include "shared-cache/network/net_loop.h"
#include "shared-cache/policy/entry.h"
#include "shared-cache/policy/reason.h"
#include "shared-cache/policy/source.h"
#include "shared-cache/store/store.h"

struct sts_cache;
struct sts_lookup;

struct sts_cache_params {
	struct sts_net_loop_params net;
	struct sts_store_params store;
	struct sts_histories *histories; /* read from the store, forgotten when other nodes say so; outlives the cache; or NULL */
	size_t entries;			/* L1 bound by count; by bytes too: 2 KiB an entry on average */
	int64_t dns_concurrency, dns_rate;	/* domains that DNS is asked about at a time, in a second */
	int64_t fetch_concurrency, fetch_rate;	/* policies that are fetched at a time, in a second */
	int64_t fetch_per_host;		/* at a time, from one address */
	int64_t negative_ttl_min_s, negative_ttl_max_s, failure_ttl_s;
	int64_t refresh_s, recheck_s;
	/* What stsctl told all nodes, on a thread of the cache's; word is hostile. Only with a store. */
	void (*told)(void *arg, const char *word, size_t len);
	void *told_arg;
	/* What is known of domain is out of date (NULL: of all), another node or stsctl says; on a thread of the cache's. May be NULL. */
	void (*invalid)(void *arg, const char *domain);
	void *invalid_arg;
};

enum sts_status sts_cache_new(const struct sts_cache_params *params, struct sts_cache **out);
/* Starts the threads: after privileges were dropped, before the first lookup. */
enum sts_status sts_cache_start(struct sts_cache *cache);
/* Ends the threads (at most a store timeout away), and answers whoever still waits, or asks from now on, with nothing. The cache stays
 * for those who may still be using it. Once. */
void sts_cache_end(struct sts_cache *cache);
/* The same, unless it has been done; then frees. Lookups must have been released by then. Sets *cache to NULL. */
void sts_cache_stop(struct sts_cache **cache);

/* What a lookup has come to. */
struct sts_answer {
	const struct sts_entry *entry;	/* NULL when unknown; lives until the lookup is released */
	enum sts_reason reason;		/* with NULL: pending or overload */
	enum sts_source source;
};

/* Begins; never blocks on I/O. client: whose message it is, so that one client network that asks for thousands of domains holds up
 * itself alone; NULL when unknown. *out is never NULL on STS_OK. STS_ENOMEM otherwise. Any thread. */
enum sts_status sts_cache_lookup(struct sts_cache *cache, const char *domain, const struct sts_ipaddr *client,
    struct sts_lookup **out);
/* The answer now, or as soon as it is there before deadline_ms (sts_clock_mono_ms; in the past: does not wait). Any one
 * thread at a time. */
void sts_lookup_wait(struct sts_lookup *lookup, int64_t deadline_ms, struct sts_answer *out);
/* For who cannot wait: fn(arg) is called once when the answer is there, on a thread of the cache's, however soon the lookup is
 * released; fn must not call back into here. False, and it is not called: the answer is there already. */
bool sts_lookup_notify(struct sts_lookup *lookup, void (*fn)(void *arg), void *arg);
/* Gives the lookup and its entry back, sets *lookup to NULL; *lookup may be NULL. Any thread. */
void sts_lookup_release(struct sts_lookup **lookup);

/* The stamp of a domain's place (sts_l1_place): taken before a lookup, it says later whether what memory has of the domain may have changed
 * since. Any thread. */
uint32_t sts_cache_stamp(const struct sts_cache *cache, uint32_t place);

/* Looks at the id of domain's policy in DNS again, in the background, if that was not done in the last max_age_s seconds, here
 * or by another node. Nobody is told; the next lookup has the result. Any thread. */
void sts_cache_recheck(struct sts_cache *cache, const char *domain, int64_t max_age_s);

/* Figures for logs and metrics. Any thread. */
struct sts_cache_state {
	struct sts_l1_state memory;
	struct sts_resolver_state resolver;
	uint64_t turned_away;	/* before the resolver saw them */
	bool store_up;		/* the store answered when it was asked last; true also when there is none */
	int64_t turn_ms;	/* when the resolver's thread was last seen (sts_clock_mono_ms); it comes by once a minute at least */
};
void sts_cache_state(struct sts_cache *cache, struct sts_cache_state *out);

#endif
