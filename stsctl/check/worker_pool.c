/* SPDX-License-Identifier: ISC */
/* worker_pool.c - assigns domains to threads; runs the parts of a domain in order, within its time. */
#include "config.h"

#include "stsctl/check/worker_pool.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/runtime/thread.h"
#include "stsctl/check/dns_lookup.h"

/* One domain. The pool's lock guards result and done. */
struct task {
	struct checked_domain *result;
	bool done;
};

struct worker_pool {
	struct worker_pool_params params;
	struct task *tasks;
	pthread_mutex_t lock;
	pthread_cond_t done;		/* signalled when a task is done */
	size_t next;			/* the first task that no thread has taken; params.count: none are left */
	pthread_t threads[WORKER_POOL_MAX];
	size_t thread_count;
};

/* ---- a domain's time ---- */

/* A step that ended because the domain's time was up says nothing about the server, unless the server had this long to answer. */
enum { ENOUGH_MS = 8000 };

int64_t
check_deadline_ms(const struct check_env *env, int64_t own_ms)
{
	int64_t own = sts_clock_mono_ms() + own_ms;

	return env->deadline_ms != 0 && env->deadline_ms < own ? env->deadline_ms : own;
}

bool
check_ran_out_of_time(const struct check_env *env, int64_t begin_ms, char *why, size_t cap)
{
	if (env->deadline_ms == 0 || sts_clock_mono_ms() < env->deadline_ms || env->deadline_ms - begin_ms >= ENOUGH_MS)
		return false;
	snprintf(why, cap, "not finished: the %lld seconds for the whole domain were up",
	    (long long)(env->time_ms / 1000));
	return true;
}

/* ---- one domain ---- */

typedef void part_fn(const struct check_env *env, struct check_facts *facts, struct findings *out);

/* In this order: each part uses the facts that earlier parts have left. */
static const struct part {
	const char *name;
	part_fn *run;
} parts[] = {
	{ "the record", check_record },
	{ "the policy host", check_web },
	{ "MX records", check_mx },
	{ "mail exchangers", check_smtp },
	{ "TLS reports", check_tlsrpt },
};

static struct checked_domain *
check_domain(const struct worker_pool_params *params, size_t which)
{
	struct checked_domain *domain = calloc(1, sizeof(*domain));
	struct check_env env = *params->env;

	if (domain == NULL)
		return NULL;
	check_facts_init(&domain->facts, params->domains[which]);
	findings_init(&domain->found);
	env.deadline_ms = sts_clock_mono_ms() + params->time_ms;
	env.time_ms = params->time_ms;
	env.in_parallel = params->jobs > 1 && params->count > 1;
	env.dns = check_dns_open(&env, env.resolvers[0], true);
	domain->found.no_memory = env.dns == NULL;
	for (size_t i = 0; env.dns != NULL && i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (params->show != NULL)
			params->show(params->show_arg, which, parts[i].name);
		parts[i].run(&env, &domain->facts, &domain->found);
	}
	dns_query_free(&env.dns);
	return domain;
}

void
checked_domain_free(struct checked_domain **domain)
{
	if (*domain == NULL)
		return;
	check_facts_fini(&(*domain)->facts);
	findings_fini(&(*domain)->found);
	free(*domain);
	*domain = NULL;
}

/* ---- the threads ---- */

/* False when there is nothing left to do. */
static bool
next_task(struct worker_pool *pool, size_t *which)
{
	bool taken;

	pthread_mutex_lock(&pool->lock);
	taken = pool->next < pool->params.count;
	if (taken)
		*which = pool->next++;
	pthread_mutex_unlock(&pool->lock);
	return taken;
}

static void
run_task(struct worker_pool *pool, size_t which)
{
	struct checked_domain *result = check_domain(&pool->params, which);

	pthread_mutex_lock(&pool->lock);
	pool->tasks[which] = (struct task){ result, true };
	pthread_cond_broadcast(&pool->done);
	pthread_mutex_unlock(&pool->lock);
}

static void *
work(void *arg)
{
	struct worker_pool *pool = arg;
	size_t which;

	while (next_task(pool, &which))
		run_task(pool, which);
	return NULL;
}

struct worker_pool *
worker_pool_start(const struct worker_pool_params *params)
{
	struct worker_pool *pool = calloc(1, sizeof(*pool));

	if (pool == NULL || (pool->tasks = calloc(params->count + 1, sizeof(*pool->tasks))) == NULL) {
		free(pool);
		return NULL;
	}
	pool->params = *params;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->done, NULL);
	while (pool->thread_count < params->jobs && pool->thread_count < params->count && pool->thread_count < WORKER_POOL_MAX &&
	    sts_thread_start("stsctl-check", work, pool, &pool->threads[pool->thread_count]) == STS_OK)
		pool->thread_count++;
	return pool;
}

struct checked_domain *
worker_pool_wait(struct worker_pool *pool, size_t which)
{
	struct checked_domain *result;
	size_t taken;

	/* if no thread could be started, the caller's thread does the work, in order */
	if (pool->thread_count == 0 && next_task(pool, &taken))
		run_task(pool, taken);
	pthread_mutex_lock(&pool->lock);
	while (!pool->tasks[which].done)
		pthread_cond_wait(&pool->done, &pool->lock);
	result = pool->tasks[which].result;
	pool->tasks[which].result = NULL;
	pthread_mutex_unlock(&pool->lock);
	return result;
}

void
worker_pool_free(struct worker_pool **pool)
{
	struct worker_pool *c = *pool;

	if (c == NULL)
		return;
	pthread_mutex_lock(&c->lock);
	c->next = c->params.count;
	pthread_mutex_unlock(&c->lock);
	for (size_t i = 0; i < c->thread_count; i++)
		pthread_join(c->threads[i], NULL);
	for (size_t i = 0; i < c->params.count; i++)
		checked_domain_free(&c->tasks[i].result);
	pthread_cond_destroy(&c->done);
	pthread_mutex_destroy(&c->lock);
	free(c->tasks);
	free(c);
	*pool = NULL;
}
