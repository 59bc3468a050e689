/* SPDX-License-Identifier: ISC */
/*
 * lookup_private.h - one question as cache.c hands it about: counted by those who hold it (who asked, the mailbox, the resolver), done
 * once. What memory could answer is done from the beginning, and has no locks. For cache.c and lookup.c.
 */
#ifndef STS_CACHE_LOOKUP_PRIVATE_H
#define STS_CACHE_LOOKUP_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "shared-cache/cache/cache.h"
#include "shared-cache/runtime/queue.h"

struct sts_lookup {
	struct sts_task task;		/* on its way to the resolver */
	struct sts_waiter waiter;	/* waiting there */
	struct sts_cache *cache;
	char domain[STS_DOMAIN_CAP];
	atomic_uint refs;
	bool found;			/* in memory, before anybody else knew of the look-up: it never changes and has no locks */
	pthread_mutex_t mutex;		/* guards the rest */
	pthread_cond_t changed;
	bool done;
	void (*notify)(void *arg);	/* when it is done; NULL: nobody asked for it */
	void *notify_arg;
	struct sts_entry *entry;	/* a reference */
	enum sts_reason reason;
	enum sts_source source;
};

/* entry: what memory has, or NULL; its reference is taken over, unless there is no memory: NULL. One reference is the caller's. Any
 * thread. */
struct sts_lookup *sts_lookup_new(struct sts_cache *cache, const char *domain, struct sts_entry *entry);
struct sts_lookup *sts_lookup_ref(struct sts_lookup *lookup);
/* Answers it, once; entry, which may be NULL, is referenced. Resolver thread, or whoever turns the question away. */
void sts_lookup_done(struct sts_lookup *lookup, struct sts_entry *entry, enum sts_reason reason, enum sts_source source);

#endif
