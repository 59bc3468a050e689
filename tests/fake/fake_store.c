/* SPDX-License-Identifier: ISC */
/* fake_store.c - keeps entries in an array, under a mutex. */
#include "config.h"

#include "tests/fake/fake_store.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "shared-cache/store/subscription.h"

enum { ENTRIES = 128 };

struct sts_store {
	pthread_mutex_t mutex;		/* guards the rest */
	pthread_cond_t changed;
	struct sts_entry *entries[ENTRIES];
	char locked[ENTRIES][STS_DOMAIN_CAP]; /* "": free */
	bool hang, down, fail;
	unsigned open, locks, calls;
	char published[STS_DOMAIN_CAP];	/* the last */
	struct sts_subscription_events events;	/* of the one subscription */
};

static struct sts_store the_store = { .mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

void
fake_store_reset(void)
{
	for (size_t i = 0; i < ENTRIES; i++)
		sts_entry_unref(&the_store.entries[i]);
	the_store.hang = the_store.down = the_store.fail = false;
	the_store.locks = the_store.calls = 0;
	the_store.published[0] = '\0';
	memset(the_store.locked, 0, sizeof(the_store.locked));
}

static struct sts_entry **
slot_of(struct sts_store *store, const char *domain)
{
	size_t i = 0;

	while (i < ENTRIES && store->entries[i] != NULL && strcmp(store->entries[i]->domain, domain) != 0)
		i++;
	assert(i < ENTRIES);
	return &store->entries[i];
}

static void
set_entry(struct sts_entry *entry)
{
	struct sts_entry **slot = slot_of(&the_store, entry->domain);

	sts_entry_unref(slot);
	*slot = entry;
}

void
fake_store_set(struct sts_entry *entry)
{
	pthread_mutex_lock(&the_store.mutex);
	set_entry(entry);
	pthread_mutex_unlock(&the_store.mutex);
}

bool
fake_store_has(const char *domain)
{
	bool has;

	pthread_mutex_lock(&the_store.mutex);
	has = *slot_of(&the_store, domain) != NULL;
	pthread_mutex_unlock(&the_store.mutex);
	return has;
}

static void
set(bool *what, bool value)
{
	pthread_mutex_lock(&the_store.mutex);
	*what = value;
	pthread_cond_broadcast(&the_store.changed);
	pthread_mutex_unlock(&the_store.mutex);
}

void
fake_store_hang(bool hang)
{
	set(&the_store.hang, hang);
}

void
fake_store_down(bool down)
{
	set(&the_store.down, down);
}

void
fake_store_fail(void)
{
	set(&the_store.fail, true);
}

static unsigned
get(const unsigned *figure)
{
	unsigned n;

	pthread_mutex_lock(&the_store.mutex);
	n = *figure;
	pthread_mutex_unlock(&the_store.mutex);
	return n;
}

unsigned
fake_store_open(void)
{
	return get(&the_store.open);
}

unsigned
fake_store_locks(void)
{
	return get(&the_store.locks);
}

unsigned
fake_store_calls(void)
{
	return get(&the_store.calls);
}

bool
fake_store_published(const char *domain)
{
	bool is;

	pthread_mutex_lock(&the_store.mutex);
	is = strcmp(the_store.published, domain) == 0;
	pthread_mutex_unlock(&the_store.mutex);
	return is;
}

void
fake_store_invalidate(const char *domain)
{
	if (domain != NULL)
		the_store.events.invalid(the_store.events.arg, domain);
	else
		the_store.events.all_invalid(the_store.events.arg);
}

void
fake_store_forget(const char *domain)
{
	struct sts_entry **slot;
	size_t i = 0;

	pthread_mutex_lock(&the_store.mutex);
	slot = slot_of(&the_store, domain);
	sts_entry_unref(slot);
	/* Close the gap. */
	while (i < ENTRIES && &the_store.entries[i] != slot)
		i++;
	for (; i + 1 < ENTRIES; i++)
		the_store.entries[i] = the_store.entries[i + 1];
	the_store.entries[ENTRIES - 1] = NULL;
	pthread_mutex_unlock(&the_store.mutex);
}

/* ---- the replaced functions ---- */

enum sts_status
sts_subscription_new(const struct sts_store_params *params, const struct sts_subscription_events *events,
    struct sts_subscription **out)
{
	(void)params;
	the_store.events = *events;
	*out = NULL;
	return STS_OK;
}

enum sts_status
sts_subscription_start(struct sts_subscription *subscription)
{
	(void)subscription;
	return STS_OK;
}

void
sts_subscription_stop(struct sts_subscription **subscription)
{
	*subscription = NULL;
}

enum sts_status
sts_store_open(const struct sts_store_params *params, struct sts_store **out)
{
	(void)params;
	*out = the_store.fail ? NULL : &the_store;
	if (*out == NULL)
		return STS_ENOMEM;
	the_store.open++;
	return STS_OK;
}

void
sts_store_close(struct sts_store **store)
{
	if (*store == NULL)
		return;
	the_store.open--;
	*store = NULL;
}

/* Locks the mutex; false if the store is down. */
static bool
begin(struct sts_store *store)
{
	pthread_mutex_lock(&store->mutex);
	store->calls++;
	while (store->hang)
		pthread_cond_wait(&store->changed, &store->mutex);
	return !store->down;
}

static enum sts_status
end(struct sts_store *store, enum sts_status status)
{
	pthread_mutex_unlock(&store->mutex);
	return status;
}

enum sts_status
sts_store_get(struct sts_store *store, const char *domain, int64_t now, struct sts_entry **out)
{
	struct sts_entry *entry;

	(void)now;
	*out = NULL;
	if (!begin(store))
		return end(store, STS_EUNAVAILABLE);
	entry = *slot_of(store, domain);
	if (entry == NULL)
		return end(store, STS_ENOTFOUND);
	*out = sts_entry_ref(entry);
	return end(store, STS_OK);
}

enum sts_status
sts_store_put(struct sts_store *store, const struct sts_entry *entry, int64_t now)
{
	(void)now;
	if (!begin(store))
		return end(store, STS_EUNAVAILABLE);
	set_entry(sts_entry_ref((struct sts_entry *)(uintptr_t)entry));
	return end(store, STS_OK);
}

/* The slot that holds domain; "" finds a free one. */
static char *
lock_of(struct sts_store *store, const char *domain)
{
	for (size_t i = 0; i < ENTRIES; i++) {
		if (strcmp(store->locked[i], domain) == 0)
			return store->locked[i];
	}
	return NULL;
}

enum sts_status
sts_store_lock(struct sts_store *store, const char *domain, int64_t ttl_ms)
{
	char *place;

	(void)ttl_ms;
	if (!begin(store))
		return end(store, STS_EUNAVAILABLE);
	if (lock_of(store, domain) != NULL)
		return end(store, STS_EFULL);
	place = lock_of(store, "");
	assert(place != NULL);
	snprintf(place, STS_DOMAIN_CAP, "%s", domain);
	store->locks++;
	return end(store, STS_OK);
}

enum sts_status
sts_store_unlock(struct sts_store *store, const char *domain)
{
	char *place;

	if (!begin(store))
		return end(store, STS_EUNAVAILABLE);
	place = lock_of(store, domain);
	if (place == NULL)
		return end(store, STS_ENOTFOUND);
	place[0] = '\0';
	store->locks--;
	return end(store, STS_OK);
}

void
sts_store_calls(struct sts_store *store, struct sts_store_call *const *calls, size_t count, int64_t now)
{
	for (size_t i = 0; i < count; i++) {
		struct sts_store_call *c = calls[i];

		if (c->kind == STS_STORE_GET)
			c->status = sts_store_get(store, c->domain, now, &c->entry);
		else if (c->kind == STS_STORE_PUT)
			c->status = sts_store_put(store, c->entry, now);
		else if (c->kind == STS_STORE_LOCK)
			c->status = sts_store_lock(store, c->domain, c->ttl_ms);
		else
			c->status = sts_store_unlock(store, c->domain);
	}
}

enum sts_status
sts_store_publish(struct sts_store *store, const char *domain)
{
	if (!begin(store))
		return end(store, STS_EUNAVAILABLE);
	snprintf(store->published, sizeof(store->published), "%s", domain);
	return end(store, STS_OK);
}

enum sts_status
sts_store_history(struct sts_store *store, const char *domain, int64_t now, struct sts_history_days *out)
{
	(void)domain;
	memset(out, 0, sizeof(*out));
	if (!begin(store))
		return end(store, STS_EUNAVAILABLE);
	sts_history_add(out, now, STS_TLS_SECURED);
	return end(store, STS_OK);
}

bool
sts_store_is_refused(const struct sts_store *store)
{
	(void)store;
	return false;
}

bool
sts_store_is_up(const struct sts_store *store)
{
	bool up;

	pthread_mutex_lock(&the_store.mutex);
	up = !store->down;
	pthread_mutex_unlock(&the_store.mutex);
	return up;
}
