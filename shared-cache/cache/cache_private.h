/* SPDX-License-Identifier: ISC */
/* cache_private.h - the cache's structure, for cache.c and cache_invalidation.c only. */
#ifndef STS_CACHE_CACHE_PRIVATE_H
#define STS_CACHE_CACHE_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "shared-cache/base/log.h"
#include "shared-cache/cache/cache.h"
#include "shared-cache/cache/store_thread.h"
#include "shared-cache/runtime/queue.h"
#include "shared-cache/store/subscription.h"

struct sts_cache {
	struct sts_l1 *l1;
	struct sts_queue *mailbox;	/* tasks for the resolver's thread */
	struct sts_net_loop *loop;	/* the resolver's thread's; any thread may wake it */
	struct sts_store_thread *store;	/* NULL: there is none */
	struct sts_subscription *subscription;	/* likewise */
	struct sts_organisations *organisations; /* NULL when there is no list */
	void (*on_command)(void *arg, const char *word, size_t len);
	void *command_arg;
	void (*invalid)(void *arg, const char *domain);
	void *invalid_arg;
	struct sts_histories *histories;	/* not owned; or NULL */
	struct sts_resolver_time time;
	struct sts_resolver *resolver;	/* the resolver's thread's */
	pthread_t pthread;
	bool running, ended;		/* belong to the thread that calls start and stop */
	atomic_bool stopping;
	pthread_mutex_t mutex;		/* guards the rest */
	struct sts_resolver_state seen;	/* the resolver's, at the end of its last turn */
	int64_t turn_ms;		/* when that was */
	uint64_t rejected;		/* refused because the mailbox was full */
	struct sts_log_limit overload_log;
};

/* Notices, on the subscription's thread (struct sts_subscription_events); arg is the cache. */
void sts_cache_invalid(void *arg, const char *domain);
void sts_cache_all_invalid(void *arg);
void sts_cache_command(void *arg, const char *word, size_t len);

#endif
