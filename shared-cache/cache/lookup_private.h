/* SPDX-License-Identifier: ISC */
/*
 * lookup_private.h - a lookup: reference-counted (by the caller, the mailbox, the resolver), and answered once. One that memory can
 * answer is done from the start, and has no locks. For cache.c and lookup.c.
 */
#ifndef STS_CACHE_LOOKUP_PRIVATE_H
#define STS_CACHE_LOOKUP_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "shared-cache/cache/cache.h"
#include "shared-cache/runtime/queue.h"

struct sts_lookup {
	struct sts_task task;		/* on its way to the resolver */
	struct sts_waiter waiter;	/* waits for a flight */
	struct sts_cache *cache;
	char domain[STS_DOMAIN_CAP];
	atomic_uint refs;
	bool found;			/* found in memory before anybody else had the lookup: it never changes and has no locks */
	pthread_mutex_t mutex;		/* guards the rest */
	pthread_cond_t changed;
	bool done;
	void (*notify)(void *arg);	/* called when it is done; NULL: not wanted */
	void *notify_arg;
	struct sts_entry *entry;	/* a reference */
	enum sts_reason reason;
	enum sts_source source;
};

/* entry: what memory has; its reference is taken over unless NULL is returned, which means no memory. entry may be NULL. The
 * caller gets one reference. Any thread. */
struct sts_lookup *sts_lookup_new(struct sts_cache *cache, const char *domain, struct sts_entry *entry);
struct sts_lookup *sts_lookup_ref(struct sts_lookup *lookup);
/* Answers the lookup, once; takes a reference to entry, which may be NULL. Resolver thread, or the thread that refuses the
 * lookup. */
void sts_lookup_done(struct sts_lookup *lookup, struct sts_entry *entry, enum sts_reason reason, enum sts_source source);

#endif
