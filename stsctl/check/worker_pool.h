/* SPDX-License-Identifier: ISC */
/*
 * worker_pool.h - checks many domains at the same time: a few threads, each of which checks one domain after the other.
 *
 * The caller waits for one domain at a time, in any order. A domain that hangs holds up only the caller that waits for it, and no longer
 * than its time. params->env and params->domains must outlive the pool. All functions belong to one thread.
 */
#ifndef STSCTL_CHECK_WORKER_POOL_H
#define STSCTL_CHECK_WORKER_POOL_H

#include "stsctl/check/check.h"

enum { WORKER_POOL_MAX = 16 };

struct worker_pool;
struct worker_pool_params {
	const struct check_env *env;	/* dns and the time limits are ignored: each domain has its own */
	const char (*domains)[STS_DOMAIN_CAP];
	size_t count;
	size_t jobs;			/* domains at the same time, 1 to WORKER_POOL_MAX */
	int64_t time_ms;		/* for one domain, from the start of its check */
	/* Called before each part of domains[which], in any of the threads. May be NULL. */
	void (*show)(void *arg, size_t which, const char *part);
	void *show_arg;
};

/* The result for one domain. */
struct checked_domain {
	struct check_facts facts;
	struct findings found;
};

/* NULL when memory ran out. */
struct worker_pool *worker_pool_start(const struct worker_pool_params *params);
/* Waits for domains[which], once per domain. The caller frees the result with checked_domain_free. NULL when memory ran out. */
struct checked_domain *worker_pool_wait(struct worker_pool *pool, size_t which);
void checked_domain_free(struct checked_domain **domain);
/* Waits for the checks that have begun, and drops the rest. */
void worker_pool_free(struct worker_pool **pool);

#endif
