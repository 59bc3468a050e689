/* SPDX-License-Identifier: ISC */
/* check/worker_pool.c - who does which domain, the order of a domain's parts, its time. Knows nothing of what they find. */
#include "config.h"

#include "stsctl/check/worker_pool.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/runtime/thread.h"
#include "stsctl/check/dns_lookup.h"

/* One domain; result and done are guarded by the crew's lock. */
struct task {
	struct crew_domain *result;
	bool done;
};

struct crew {
	struct crew_params params;
	struct task *tasks;
	pthread_mutex_t lock;
	pthread_cond_t done;		/* some task is */
	size_t next;			/* the first that nobody has taken; params.count: no more are to be */
	pthread_t threads[CREW_JOBS_MAX];
	size_t thread_count;
};

/* ---- a domain's time ---- */

/* A step that was cut because the domain's time was up says nothing about the server, unless it had enough for anybody. */
enum { ENOUGH_MS = 8000 };

int64_t
check_deadline_ms(const struct check_means *means, int64_t own_ms)
{
	int64_t own = sts_clock_mono_ms() + own_ms;

	return means->deadline_ms != 0 && means->deadline_ms < own ? means->deadline_ms : own;
}

bool
check_was_cut(const struct check_means *means, int64_t begin_ms, char *why, size_t cap)
{
	if (means->deadline_ms == 0 || sts_clock_mono_ms() < means->deadline_ms || means->deadline_ms - begin_ms >= ENOUGH_MS)
		return false;
	snprintf(why, cap, "not looked at to its end: the %lld seconds for the whole domain were up",
	    (long long)(means->time_ms / 1000));
	return true;
}

/* ---- one domain ---- */

typedef void part_fn(const struct check_means *means, struct check_facts *facts, struct findings *out);

/* In this order: each uses what those before have learnt. */
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

static struct crew_domain *
examine(const struct crew_params *params, size_t which)
{
	struct crew_domain *domain = calloc(1, sizeof(*domain));
	struct check_means means = *params->means;

	if (domain == NULL)
		return NULL;
	check_facts_init(&domain->facts, params->domains[which]);
	findings_init(&domain->found);
	means.deadline_ms = sts_clock_mono_ms() + params->time_ms;
	means.time_ms = params->time_ms;
	means.crowded = params->jobs > 1 && params->count > 1;
	means.dns = check_ask_open(&means, means.resolvers[0], true);
	domain->found.no_memory = means.dns == NULL;
	for (size_t i = 0; means.dns != NULL && i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (params->show != NULL)
			params->show(params->show_arg, which, parts[i].name);
		parts[i].run(&means, &domain->facts, &domain->found);
	}
	dns_query_free(&means.dns);
	return domain;
}

void
crew_domain_free(struct crew_domain **domain)
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
take_one(struct crew *crew, size_t *which)
{
	bool taken;

	pthread_mutex_lock(&crew->lock);
	taken = crew->next < crew->params.count;
	if (taken)
		*which = crew->next++;
	pthread_mutex_unlock(&crew->lock);
	return taken;
}

static void
do_one(struct crew *crew, size_t which)
{
	struct crew_domain *result = examine(&crew->params, which);

	pthread_mutex_lock(&crew->lock);
	crew->tasks[which] = (struct task){ result, true };
	pthread_cond_broadcast(&crew->done);
	pthread_mutex_unlock(&crew->lock);
}

static void *
work(void *arg)
{
	struct crew *crew = arg;
	size_t which;

	while (take_one(crew, &which))
		do_one(crew, which);
	return NULL;
}

struct crew *
crew_start(const struct crew_params *params)
{
	struct crew *crew = calloc(1, sizeof(*crew));

	if (crew == NULL || (crew->tasks = calloc(params->count + 1, sizeof(*crew->tasks))) == NULL) {
		free(crew);
		return NULL;
	}
	crew->params = *params;
	pthread_mutex_init(&crew->lock, NULL);
	pthread_cond_init(&crew->done, NULL);
	while (crew->thread_count < params->jobs && crew->thread_count < params->count && crew->thread_count < CREW_JOBS_MAX &&
	    sts_thread_start("stsctl-check", work, crew, &crew->threads[crew->thread_count]) == STS_OK)
		crew->thread_count++;
	return crew;
}

struct crew_domain *
crew_wait(struct crew *crew, size_t which)
{
	struct crew_domain *result;
	size_t taken;

	/* no thread could be had: then it is done here, in order */
	if (crew->thread_count == 0 && take_one(crew, &taken))
		do_one(crew, taken);
	pthread_mutex_lock(&crew->lock);
	while (!crew->tasks[which].done)
		pthread_cond_wait(&crew->done, &crew->lock);
	result = crew->tasks[which].result;
	crew->tasks[which].result = NULL;
	pthread_mutex_unlock(&crew->lock);
	return result;
}

void
crew_free(struct crew **crew)
{
	struct crew *c = *crew;

	if (c == NULL)
		return;
	pthread_mutex_lock(&c->lock);
	c->next = c->params.count;
	pthread_mutex_unlock(&c->lock);
	for (size_t i = 0; i < c->thread_count; i++)
		pthread_join(c->threads[i], NULL);
	for (size_t i = 0; i < c->params.count; i++)
		crew_domain_free(&c->tasks[i].result);
	pthread_cond_destroy(&c->done);
	pthread_mutex_destroy(&c->lock);
	free(c->tasks);
	free(c);
	*crew = NULL;
}
