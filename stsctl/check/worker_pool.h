/* SPDX-License-Identifier: ISC */
/*
 * check/worker_pool.h - many domains at the same time: a few threads, each with one domain until that is done.
 *
 * Who asks gets them in any order, and waits for one at a time; one that hangs holds nobody but whoever waits for it, and no longer
 * than its time. The lists and the means outlive the crew. worker_pool_start, worker_pool_wait and worker_pool_free belong to one thread.
 */
#ifndef STSCTL_CHECK_WORKER_POOL_H
#define STSCTL_CHECK_WORKER_POOL_H

#include "stsctl/check/check.h"

enum { WORKER_POOL_MAX = 16 };

struct worker_pool;
struct worker_pool_params {
	const struct check_env *env;	/* without dns and deadline: each domain has its own */
	const char (*domains)[STS_DOMAIN_CAP];
	size_t count;
	size_t jobs;			/* at the same time, 1 to WORKER_POOL_MAX */
	int64_t time_ms;		/* for one domain, from its first question on */
	/* Told what is being looked at, by any of the threads. NULL: nobody is. */
	void (*show)(void *arg, size_t which, const char *part);
	void *show_arg;
};

/* What is known of a domain when all has been looked at. */
struct checked_domain {
	struct check_facts facts;
	struct findings found;
};

/* NULL when memory ran out. */
struct worker_pool *worker_pool_start(const struct worker_pool_params *params);
/* Waits for a domain, which then is the caller's to give back by checked_domain_free. NULL when memory ran out. Each but once. */
struct checked_domain *worker_pool_wait(struct worker_pool *pool, size_t which);
void checked_domain_free(struct checked_domain **domain);
/* Waits for all that has begun; what nobody has begun is left. */
void worker_pool_free(struct worker_pool **pool);

#endif
