/* SPDX-License-Identifier: ISC */
/* lookup.c - the life of a lookup: its references, its answer, its waiter. Knows nothing of how the answer is found. */
#include "config.h"

#include "shared-cache/cache/lookup_private.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static enum sts_status
init_locks(struct sts_lookup *l)
{
	pthread_condattr_t attr;
	int rc;

	if (pthread_mutex_init(&l->mutex, NULL) != 0)
		return STS_ENOMEM;
	if (pthread_condattr_init(&attr) != 0) {
		pthread_mutex_destroy(&l->mutex);
		return STS_ENOMEM;
	}
	rc = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (rc == 0)
		rc = pthread_cond_init(&l->changed, &attr);
	pthread_condattr_destroy(&attr);
	if (rc != 0)
		pthread_mutex_destroy(&l->mutex);
	return rc == 0 ? STS_OK : STS_ENOMEM;
}

/* See lookup_private.h. */
struct sts_lookup *
sts_lookup_new(struct sts_cache *cache, const char *domain, struct sts_entry *entry)
{
	struct sts_lookup *l = malloc(sizeof(*l));

	if (l == NULL)
		return NULL;
	l->cache = cache;
	l->task = (struct sts_task){ NULL, NULL };
	l->waiter = (struct sts_waiter){ 0 };
	l->notify = NULL;
	l->notify_arg = NULL;
	l->entry = entry;
	l->found = l->done = entry != NULL;
	if (!l->found && init_locks(l) != STS_OK) {
		free(l);
		return NULL;
	}
	memcpy(l->domain, domain, strlen(domain) + 1);
	l->source = l->found ? STS_SOURCE_MEMORY : STS_SOURCE_NOWHERE;
	l->reason = l->found ? STS_REASON_NONE : STS_REASON_PENDING;
	atomic_init(&l->refs, 1);
	return l;
}

struct sts_lookup *
sts_lookup_ref(struct sts_lookup *l)
{
	atomic_fetch_add_explicit(&l->refs, 1, memory_order_relaxed);
	return l;
}

void
sts_lookup_release(struct sts_lookup **lookup)
{
	struct sts_lookup *l = *lookup;

	*lookup = NULL;
	if (l == NULL || atomic_fetch_sub_explicit(&l->refs, 1, memory_order_acq_rel) != 1)
		return;
	sts_entry_unref(&l->entry);
	if (!l->found) {
		pthread_cond_destroy(&l->changed);
		pthread_mutex_destroy(&l->mutex);
	}
	free(l);
}

void
sts_lookup_done(struct sts_lookup *l, struct sts_entry *entry, enum sts_reason reason, enum sts_source source)
{
	void (*notify)(void *arg);
	void *arg;

	pthread_mutex_lock(&l->mutex);
	l->entry = entry != NULL ? sts_entry_ref(entry) : NULL;
	l->reason = reason;
	l->source = source;
	l->done = true;
	notify = l->notify;
	arg = l->notify_arg;
	pthread_cond_broadcast(&l->changed);
	pthread_mutex_unlock(&l->mutex);
	if (notify != NULL)
		notify(arg);
}

bool
sts_lookup_notify(struct sts_lookup *lookup, void (*fn)(void *arg), void *arg)
{
	bool done;

	if (lookup->found)		/* it has no lock */
		return false;
	pthread_mutex_lock(&lookup->mutex);
	done = lookup->done;
	if (!done) {
		lookup->notify = fn;
		lookup->notify_arg = arg;
	}
	pthread_mutex_unlock(&lookup->mutex);
	return !done;
}

static struct timespec
timespec_of(int64_t ms)
{
	return (struct timespec){ .tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000 };
}

static void
read_answer(const struct sts_lookup *l, struct sts_answer *out)
{
	out->entry = l->entry;
	out->reason = l->reason;
	out->source = l->source;
}

static void
wait_for_answer(struct sts_lookup *l, int64_t deadline_ms, struct sts_answer *out)
{
	struct timespec deadline = timespec_of(deadline_ms < 0 ? 0 : deadline_ms);
	int rc = 0;

	pthread_mutex_lock(&l->mutex);
	while (!l->done && rc == 0)
		rc = pthread_cond_timedwait(&l->changed, &l->mutex, &deadline);
	read_answer(l, out);
	pthread_mutex_unlock(&l->mutex);
}

void
sts_lookup_wait(struct sts_lookup *lookup, int64_t deadline_ms, struct sts_answer *out)
{
	if (lookup->found)
		read_answer(lookup, out);
	else
		wait_for_answer(lookup, deadline_ms, out);
}
