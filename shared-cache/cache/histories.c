/* SPDX-License-Identifier: ISC */
/* histories.c - a hash table and a list of histories under one mutex. Knows neither the store nor what a history says. */
#include "config.h"

#include "shared-cache/cache/histories.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "shared-cache/base/hash.h"

struct slot {
	struct sts_history_days history;
	int64_t due_ms;		/* when the store is to be asked again */
	uint64_t ticket;	/* of the question under way, or 0 */
	bool here;		/* it was read once */
	TAILQ_ENTRY(slot) by_use;
	UT_hash_handle hh;
	char domain[];
};
TAILQ_HEAD(slot_list, slot);

struct sts_histories {
	size_t max;			/* fixed */
	int64_t (*mono_ms)(void);	/* fixed */
	pthread_mutex_t mutex;		/* guards all below */
	pthread_cond_t changed;
	struct slot *table;
	struct slot_list by_use;	/* last used first */
	sts_histories_load_fn *load;	/* NULL: there is no store */
	void *arg;
	uint64_t tickets;		/* given out so far */
};

/* ---- life ---- */

static enum sts_status
init_locks(struct sts_histories *h)
{
	pthread_condattr_t attr;
	int rc;

	if (pthread_mutex_init(&h->mutex, NULL) != 0)
		return STS_ENOMEM;
	rc = pthread_condattr_init(&attr);
	if (rc == 0) {
		rc = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
		if (rc == 0)
			rc = pthread_cond_init(&h->changed, &attr);
		pthread_condattr_destroy(&attr);
	}
	if (rc != 0)
		pthread_mutex_destroy(&h->mutex);
	return rc == 0 ? STS_OK : STS_ENOMEM;
}

enum sts_status
sts_histories_new(size_t max, int64_t (*mono_ms)(void), struct sts_histories **out)
{
	struct sts_histories *h = calloc(1, sizeof(*h));

	*out = NULL;
	if (h == NULL)
		return STS_ENOMEM;
	if (init_locks(h) != STS_OK) {
		free(h);
		return STS_ENOMEM;
	}
	h->max = max;
	h->mono_ms = mono_ms;
	TAILQ_INIT(&h->by_use);
	*out = h;
	return STS_OK;
}

/* Who waits for it finds it gone. */
static void
drop_locked(struct sts_histories *h, struct slot *slot)
{
	HASH_DEL(h->table, slot);
	TAILQ_REMOVE(&h->by_use, slot, by_use);
	if (slot->ticket != 0)
		pthread_cond_broadcast(&h->changed);
	free(slot);
}

static void
drop_all_locked(struct sts_histories *h)
{
	struct slot *slot;

	while ((slot = TAILQ_FIRST(&h->by_use)) != NULL)
		drop_locked(h, slot);
}

void
sts_histories_free(struct sts_histories **histories)
{
	struct sts_histories *h = *histories;

	if (h == NULL)
		return;
	drop_all_locked(h);
	pthread_cond_destroy(&h->changed);
	pthread_mutex_destroy(&h->mutex);
	free(h);
	*histories = NULL;
}

void
sts_histories_attach(struct sts_histories *histories, sts_histories_load_fn *load, void *arg)
{
	pthread_mutex_lock(&histories->mutex);
	histories->load = load;
	histories->arg = arg;
	pthread_cond_broadcast(&histories->changed);
	pthread_mutex_unlock(&histories->mutex);
}

/* ---- slots ---- */

static struct slot *
find_locked(struct sts_histories *h, const char *domain)
{
	size_t len = strlen(domain);
	struct slot *slot;

	HASH_FIND(hh, h->table, domain, len, slot);
	return slot;
}

static void
use_locked(struct sts_histories *h, struct slot *slot)
{
	TAILQ_REMOVE(&h->by_use, slot, by_use);
	TAILQ_INSERT_HEAD(&h->by_use, slot, by_use);
}

static struct slot *
make_locked(struct sts_histories *h, const char *domain)
{
	size_t len = strlen(domain);
	struct slot *slot = calloc(1, sizeof(*slot) + len + 1);

	if (slot == NULL)
		return NULL;
	memcpy(slot->domain, domain, len + 1);
	HASH_ADD_KEYPTR(hh, h->table, slot->domain, len, slot);
	if (slot->hh.tbl == NULL) {
		free(slot);
		return NULL;
	}
	TAILQ_INSERT_HEAD(&h->by_use, slot, by_use);
	if (HASH_COUNT(h->table) > h->max)
		drop_locked(h, TAILQ_LAST(&h->by_use, slot_list));
	return slot;
}

/* The domain's slot, made where there is none, as the one used last. NULL without memory. */
static struct slot *
take_locked(struct sts_histories *h, const char *domain)
{
	struct slot *slot = find_locked(h, domain);

	if (slot == NULL)
		return h->max > 0 ? make_locked(h, domain) : NULL;
	use_locked(h, slot);
	return slot;
}

/* ---- the store's side ---- */

static void
ask_locked(struct sts_histories *h, struct slot *slot)
{
	int64_t now_ms = h->mono_ms();

	if (h->load == NULL || slot->ticket != 0 || (slot->due_ms != 0 && now_ms < slot->due_ms))
		return;
	if (h->load(h->arg, slot->domain, h->tickets + 1))
		slot->ticket = ++h->tickets;
	else
		slot->due_ms = now_ms + STS_HISTORIES_RETRY_MS;
}

void
sts_histories_read(struct sts_histories *histories, const char *domain, uint64_t ticket,
    const struct sts_history_days *found)
{
	struct slot *slot;

	pthread_mutex_lock(&histories->mutex);
	slot = find_locked(histories, domain);
	if (slot != NULL && slot->ticket == ticket) {
		slot->ticket = 0;
		slot->due_ms = histories->mono_ms() + (found != NULL ? STS_HISTORIES_REREAD_MS : STS_HISTORIES_RETRY_MS);
		slot->here = slot->here || found != NULL;
		if (found != NULL)
			sts_history_merge(&slot->history, found);
		pthread_cond_broadcast(&histories->changed);
	}
	pthread_mutex_unlock(&histories->mutex);
}

/* ---- the mail's side ---- */

void
sts_histories_want(struct sts_histories *histories, const char *domain)
{
	struct slot *slot;

	pthread_mutex_lock(&histories->mutex);
	/* Without a store there is nothing that could come. */
	slot = histories->load != NULL ? take_locked(histories, domain) : NULL;
	if (slot != NULL)
		ask_locked(histories, slot);
	pthread_mutex_unlock(&histories->mutex);
}

static bool
is_coming_locked(struct sts_histories *h, const char *domain)
{
	struct slot *slot = find_locked(h, domain);

	return h->load != NULL && slot != NULL && slot->ticket != 0 && !slot->here;
}

void
sts_histories_wait(struct sts_histories *histories, const char *domain, int64_t deadline_ms)
{
	int64_t ms = deadline_ms < 0 ? 0 : deadline_ms;
	const struct timespec deadline = { .tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000 };
	int rc = 0;

	pthread_mutex_lock(&histories->mutex);
	while (is_coming_locked(histories, domain) && rc == 0)
		rc = pthread_cond_timedwait(&histories->changed, &histories->mutex, &deadline);
	pthread_mutex_unlock(&histories->mutex);
}

bool
sts_histories_get(struct sts_histories *histories, const char *domain, struct sts_history_days *out)
{
	struct slot *slot;

	pthread_mutex_lock(&histories->mutex);
	slot = find_locked(histories, domain);
	if (slot != NULL)
		*out = slot->history;
	else
		memset(out, 0, sizeof(*out));
	pthread_mutex_unlock(&histories->mutex);
	return slot != NULL;
}

void
sts_histories_add(struct sts_histories *histories, const char *domain, int64_t now, enum sts_tls_state tls)
{
	struct slot *slot;

	pthread_mutex_lock(&histories->mutex);
	slot = tls != STS_TLS_UNKNOWN ? take_locked(histories, domain) : NULL;
	if (slot != NULL)
		sts_history_add(&slot->history, now, tls);
	pthread_mutex_unlock(&histories->mutex);
}

void
sts_histories_forget(struct sts_histories *histories, const char *domain)
{
	struct slot *slot;

	pthread_mutex_lock(&histories->mutex);
	slot = find_locked(histories, domain);
	if (slot != NULL)
		drop_locked(histories, slot);
	pthread_mutex_unlock(&histories->mutex);
}

void
sts_histories_forget_all(struct sts_histories *histories)
{
	pthread_mutex_lock(&histories->mutex);
	drop_all_locked(histories);
	pthread_mutex_unlock(&histories->mutex);
}

size_t
sts_histories_count(struct sts_histories *histories)
{
	size_t count;

	pthread_mutex_lock(&histories->mutex);
	count = HASH_COUNT(histories->table);
	pthread_mutex_unlock(&histories->mutex);
	return count;
}
