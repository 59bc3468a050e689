/* SPDX-License-Identifier: ISC */
/*
 * cache.h - the front door of the library: what is known of a domain, from memory, from Redis, or from the network.
 *
 *   mail thread --- lookup ---> L1 (memory) --hit--> answer, no waiting
 *                                  | miss
 *                                  v mailbox
 *   resolver thread: one flight a domain: Redis -> TXT -> fleet lock -> HTTPS -> parse -> entry -> L1, Redis, waiters
 *   store thread: makes the flights' blocking Redis calls, so that a hung Redis delays nothing else
 *
 * A flight is the work of finding out about one domain; all lookups of the domain share it. A lookup may be waited for, or released
 * without waiting; then its flight goes on, after those that somebody waits for, and serves the next message.
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
	struct sts_histories *histories; /* reads them from the store, forgets them when other nodes say so; outlives the cache; or NULL */
	size_t entries;			/* maximum number in L1; also limits its bytes, to 2 KiB an entry on average */
	int64_t dns_concurrency, dns_rate;	/* domains looked up in DNS concurrently; started a second */
	int64_t fetch_concurrency, fetch_rate;	/* policies fetched concurrently; started a second */
	int64_t fetch_per_host;		/* fetched concurrently from one address */
	int64_t negative_ttl_min_s, negative_ttl_max_s, failure_ttl_s;
	int64_t refresh_s, recheck_s;
	/* A command that stsctl sent to all nodes, on a thread of the cache; word is hostile. Only with a store. */
	void (*on_command)(void *arg, const char *word, size_t len);
	void *command_arg;
	/* Another node or stsctl says that what is known of domain (NULL: of all) is out of date; on a thread of the cache. May
	 * be NULL. */
	void (*invalid)(void *arg, const char *domain);
	void *invalid_arg;
};

enum sts_status sts_cache_new(const struct sts_cache_params *params, struct sts_cache **out);
/* Starts the threads: after privileges were dropped, before the first lookup. */
enum sts_status sts_cache_start(struct sts_cache *cache);
/* Ends the threads (at most a store timeout later). Lookups that wait, or start later, are answered with nothing. The cache
 * itself stays for those who may still use it. Call once. */
void sts_cache_end(struct sts_cache *cache);
/* The same, if it has not been done; then frees. All lookups must have been released. Sets *cache to NULL. */
void sts_cache_stop(struct sts_cache **cache);

/* The result of a lookup. */
struct sts_answer {
	const struct sts_entry *entry;	/* NULL: unknown; lives until the lookup is released */
	enum sts_reason reason;		/* with NULL: pending or overload */
	enum sts_source source;
};

/* Starts a lookup; never blocks on I/O. client: whose message it is (NULL: unknown), so that a client network that asks for
 * thousands of domains delays only itself. STS_OK: *out is not NULL; else STS_ENOMEM. Any thread. */
enum sts_status sts_cache_lookup(struct sts_cache *cache, const char *domain, const struct sts_ipaddr *client,
    struct sts_lookup **out);
/* The answer now, or as soon as it is there, but no later than deadline_ms (sts_clock_mono_ms; in the past: does not wait). One
 * thread at a time, any. */
void sts_lookup_wait(struct sts_lookup *lookup, int64_t deadline_ms, struct sts_answer *out);
/* For callers that cannot wait: calls fn(arg) once when the answer is there, on a thread of the cache, even if the lookup has
 * been released by then; fn must not call back into the cache. False: the answer is there already, and fn is not called. */
bool sts_lookup_notify(struct sts_lookup *lookup, void (*fn)(void *arg), void *arg);
/* Releases the lookup and its entry, and sets *lookup to NULL; *lookup may be NULL. Any thread. */
void sts_lookup_release(struct sts_lookup **lookup);

/* The stamp of a domain's place (sts_l1_place). Taken before a lookup, it shows later whether memory's entry of the domain may
 * have changed since. Any thread. */
uint32_t sts_cache_stamp(const struct sts_cache *cache, uint32_t place);

/* Checks the id of domain's policy in DNS again, in the background, unless this node or another has done so in the last
 * max_age_s seconds. Nobody is notified; the next lookup has the result. Any thread. */
void sts_cache_recheck(struct sts_cache *cache, const char *domain, int64_t max_age_s);

/* Figures for logs and metrics. Any thread. */
struct sts_cache_state {
	struct sts_l1_state memory;
	struct sts_resolver_state resolver;
	uint64_t rejected;	/* lookups refused before the resolver saw them */
	bool store_up;		/* the last call of the store succeeded; also true without a store */
	int64_t turn_ms;	/* when the resolver's thread was last active (sts_clock_mono_ms); at least once a minute */
};
void sts_cache_state(struct sts_cache *cache, struct sts_cache_state *out);

#endif
