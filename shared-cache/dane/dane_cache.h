/* SPDX-License-Identifier: ISC */
/*
 * dane_cache.h - the DANE state of domains, from memory or DNS. Callers that ask for the same domain share one look-up.
 *
 * A resolver that does not validate says nothing about DANE: then nothing is asked, and every state is OFF. Whether it validates is
 * asked at the start (SOA of the root) and again from time to time while it does not, and is seen in every reply.
 * A state that is in use is refreshed before it expires, so that nobody waits for it twice.
 * Belongs to one thread, whose event loop waits for the sockets.
 */
#ifndef STS_DANE_CACHE_H
#define STS_DANE_CACHE_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "shared-cache/base/status.h"
#include "shared-cache/dane/dane_lookup.h"

struct sts_dane_cache;

struct sts_dane_cache_params {
	const char *dns_servers;	/* as for sts_dns_new; copied */
	int64_t dns_timeout_ms;		/* of one question */
	uint16_t smtp_port;
	size_t entries;			/* domains remembered */
	size_t concurrency;		/* domains looked up at a time; others wait their turn */
};

enum sts_status sts_dane_cache_new(const struct sts_dane_cache_params *params, struct sts_dane_cache **out);
/* All waiters must have been answered or cancelled. Sets *cache to NULL; *cache may be NULL. */
void sts_dane_cache_free(struct sts_dane_cache **cache);

/* In the caller's storage until answered or cancelled. */
struct sts_dane_waiter {
	void (*answer)(struct sts_dane_waiter *waiter, enum sts_dane dane);
	TAILQ_ENTRY(sts_dane_waiter) link;	/* the cache's */
};

/* Returns what is known; or STS_DANE_PENDING, and then the answer comes later, from sts_dane_cache_process, unless the waiter is
 * cancelled. A look-up goes on without waiters. */
enum sts_dane sts_dane_cache_ask(struct sts_dane_cache *cache, const char *domain, struct sts_dane_waiter *waiter);
/* Until when sts_dane_cache_ask would return the same for domain without starting anything (sts_clock_mono_ms); in the past if
 * it would not. */
int64_t sts_dane_cache_until_ms(const struct sts_dane_cache *cache, const char *domain);
void sts_dane_cache_cancel(struct sts_dane_cache *cache, const char *domain, struct sts_dane_waiter *waiter);

/* The next question starts a new look-up. One in progress goes on. */
void sts_dane_cache_forget(struct sts_dane_cache *cache, const char *domain);

/* For the event loop, as in dns.h. */
size_t sts_dane_cache_sockets(const struct sts_dane_cache *cache, struct pollfd out[STS_DNS_SOCKETS]);
int64_t sts_dane_cache_wait_ms(const struct sts_dane_cache *cache, int64_t now_ms);
void sts_dane_cache_process(struct sts_dane_cache *cache, int64_t now_ms);

enum sts_validation { STS_VALIDATION_UNKNOWN, STS_VALIDATION_YES, STS_VALIDATION_NO };

struct sts_dane_cache_state {
	size_t entries, lookups;	/* domains remembered; look-ups in progress */
	enum sts_validation validation;
};
void sts_dane_cache_state(const struct sts_dane_cache *cache, struct sts_dane_cache_state *out);

#endif
