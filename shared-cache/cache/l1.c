/* SPDX-License-Identifier: ISC */
/* l1.c - hash table and two lists of slots under one mutex. Knows neither clocks nor what an entry says. */
#include "config.h"

#include "shared-cache/cache/l1.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "shared-cache/base/hash.h"

struct slot {
	struct sts_entry *entry;	/* a reference; its domain is the key */
	int64_t used;
	int64_t due;			/* when the next hit claims a refresh */
	size_t bytes;
	TAILQ_ENTRY(slot) by_use;
	TAILQ_ENTRY(slot) by_sweep;
	UT_hash_handle hh;
};
TAILQ_HEAD(slot_list, slot);

struct sts_l1 {
	size_t max_entries, max_bytes;	/* fixed */
	pthread_mutex_t mutex;		/* guards all below */
	struct slot *table;
	struct slot_list by_use;	/* last used first */
	struct slot_list by_sweep;	/* a ring: the head is looked at next */
	size_t bytes;
	uint64_t hits, misses, evicted;
};

enum sts_status
sts_l1_new(size_t max_entries, size_t max_bytes, struct sts_l1 **out)
{
	struct sts_l1 *l1 = calloc(1, sizeof(*l1));

	*out = NULL;
	if (l1 == NULL)
		return STS_ENOMEM;
	if (pthread_mutex_init(&l1->mutex, NULL) != 0) {
		free(l1);
		return STS_ENOMEM;
	}
	l1->max_entries = max_entries;
	l1->max_bytes = max_bytes;
	TAILQ_INIT(&l1->by_use);
	TAILQ_INIT(&l1->by_sweep);
	*out = l1;
	return STS_OK;
}

static void
drop_locked(struct sts_l1 *l1, struct slot *slot)
{
	HASH_DEL(l1->table, slot);
	TAILQ_REMOVE(&l1->by_use, slot, by_use);
	TAILQ_REMOVE(&l1->by_sweep, slot, by_sweep);
	l1->bytes -= slot->bytes;
	sts_entry_unref(&slot->entry);
	free(slot);
}

void
sts_l1_free(struct sts_l1 **l1)
{
	struct slot *slot;

	if (*l1 == NULL)
		return;
	while ((slot = TAILQ_FIRST(&(*l1)->by_use)) != NULL)
		drop_locked(*l1, slot);
	pthread_mutex_destroy(&(*l1)->mutex);
	free(*l1);
	*l1 = NULL;
}

static struct slot *
find_locked(struct sts_l1 *l1, const char *domain, size_t len, unsigned hash)
{
	struct slot *slot;

	HASH_FIND_BYHASHVALUE(hh, l1->table, domain, (unsigned)len, hash, slot);
	return slot;
}

static void
use_locked(struct sts_l1 *l1, struct slot *slot, int64_t now)
{
	slot->used = now;
	if (slot == TAILQ_FIRST(&l1->by_use))
		return;
	TAILQ_REMOVE(&l1->by_use, slot, by_use);
	TAILQ_INSERT_HEAD(&l1->by_use, slot, by_use);
}

static bool
claim_locked(struct slot *slot, int64_t now)
{
	if (now < slot->due)
		return false;
	slot->due = now + STS_L1_LEASE_S;
	return true;
}

struct sts_entry *
sts_l1_get(struct sts_l1 *l1, const char *domain, int64_t now, bool *claimed)
{
	size_t len = strlen(domain);
	unsigned hash = sts_hash_bytes(domain, len);
	struct sts_entry *entry = NULL;
	struct slot *slot;

	*claimed = false;
	pthread_mutex_lock(&l1->mutex);
	slot = find_locked(l1, domain, len, hash);
	if (slot != NULL && sts_entry_is_live(slot->entry, now)) {
		entry = sts_entry_ref(slot->entry);
		use_locked(l1, slot, now);
		*claimed = claim_locked(slot, now);
		l1->hits++;
	} else {
		l1->misses++;
	}
	pthread_mutex_unlock(&l1->mutex);
	return entry;
}

struct sts_entry *
sts_l1_peek(struct sts_l1 *l1, const char *domain)
{
	size_t len = strlen(domain);
	unsigned hash = sts_hash_bytes(domain, len);
	struct sts_entry *entry = NULL;
	struct slot *slot;

	pthread_mutex_lock(&l1->mutex);
	slot = find_locked(l1, domain, len, hash);
	if (slot != NULL)
		entry = sts_entry_ref(slot->entry);
	pthread_mutex_unlock(&l1->mutex);
	return entry;
}

static void
evict_locked(struct sts_l1 *l1)
{
	struct slot *slot;

	while (HASH_COUNT(l1->table) > l1->max_entries || l1->bytes > l1->max_bytes) {
		slot = TAILQ_LAST(&l1->by_use, slot_list);
		if (slot == NULL)
			return;
		drop_locked(l1, slot);
		l1->evicted++;
	}
}

/* Where the slot stands in the order of use is where the old one stood, or in front when there was none. False when
 * there is no memory. */
static bool
insert_locked(struct sts_l1 *l1, struct slot *slot, struct slot *old)
{
	const char *key = slot->entry->domain;

	if (old != NULL) {
		slot->used = old->used;
		TAILQ_INSERT_BEFORE(old, slot, by_use);
		drop_locked(l1, old);
	} else {
		TAILQ_INSERT_HEAD(&l1->by_use, slot, by_use);
	}
	HASH_ADD_KEYPTR(hh, l1->table, key, strlen(key), slot);
	if (slot->hh.tbl == NULL) {
		TAILQ_REMOVE(&l1->by_use, slot, by_use);
		return false;
	}
	TAILQ_INSERT_TAIL(&l1->by_sweep, slot, by_sweep);
	l1->bytes += slot->bytes;
	return true;
}

enum sts_status
sts_l1_put(struct sts_l1 *l1, struct sts_entry *entry, int64_t due, int64_t now)
{
	struct slot *slot = calloc(1, sizeof(*slot));
	size_t len = strlen(entry->domain);
	unsigned hash = sts_hash_bytes(entry->domain, len);
	bool inserted;

	if (slot == NULL)
		return STS_ENOMEM;
	slot->entry = sts_entry_ref(entry);
	slot->used = now;
	slot->due = due;
	slot->bytes = sizeof(*slot) + sts_entry_size(entry);
	pthread_mutex_lock(&l1->mutex);
	inserted = insert_locked(l1, slot, find_locked(l1, entry->domain, len, hash));
	evict_locked(l1);
	pthread_mutex_unlock(&l1->mutex);
	if (inserted)
		return STS_OK;
	sts_entry_unref(&slot->entry);
	free(slot);
	return STS_ENOMEM;
}

void
sts_l1_forget(struct sts_l1 *l1, const char *domain)
{
	size_t len = strlen(domain);
	unsigned hash = sts_hash_bytes(domain, len);
	struct slot *slot;

	pthread_mutex_lock(&l1->mutex);
	slot = find_locked(l1, domain, len, hash);
	if (slot != NULL)
		drop_locked(l1, slot);
	pthread_mutex_unlock(&l1->mutex);
}

void
sts_l1_forget_all(struct sts_l1 *l1)
{
	struct slot *slot;

	pthread_mutex_lock(&l1->mutex);
	while ((slot = TAILQ_FIRST(&l1->by_use)) != NULL)
		drop_locked(l1, slot);
	pthread_mutex_unlock(&l1->mutex);
}

/* The bar of a dead entry counts as well as its life: both tell something. */
static bool
is_long_dead(const struct sts_entry *entry, int64_t now)
{
	int64_t end = entry->expires > entry->retry ? entry->expires : entry->retry;

	return now - end > STS_L1_DEAD_S;
}

static void
visit_locked(struct sts_l1 *l1, int64_t now, int64_t used_since, struct sts_l1_chunk *out)
{
	struct slot *slot = TAILQ_FIRST(&l1->by_sweep);

	if (is_long_dead(slot->entry, now)) {
		drop_locked(l1, slot);
		return;
	}
	TAILQ_REMOVE(&l1->by_sweep, slot, by_sweep);
	TAILQ_INSERT_TAIL(&l1->by_sweep, slot, by_sweep);
	if (slot->used >= used_since && slot->entry->state == STS_STATE_POLICY && sts_entry_is_live(slot->entry, now))
		out->entries[out->count++] = sts_entry_ref(slot->entry);
}

size_t
sts_l1_sweep(struct sts_l1 *l1, int64_t now, int64_t used_since, struct sts_l1_chunk *out)
{
	size_t visits;

	out->count = 0;
	pthread_mutex_lock(&l1->mutex);
	visits = HASH_COUNT(l1->table) < STS_L1_CHUNK ? HASH_COUNT(l1->table) : STS_L1_CHUNK;
	for (size_t i = 0; i < visits; i++)
		visit_locked(l1, now, used_since, out);
	pthread_mutex_unlock(&l1->mutex);
	return visits;
}

void
sts_l1_state(struct sts_l1 *l1, struct sts_l1_state *out)
{
	pthread_mutex_lock(&l1->mutex);
	out->entries = HASH_COUNT(l1->table);
	out->bytes = l1->bytes;
	out->hits = l1->hits;
	out->misses = l1->misses;
	out->evicted = l1->evicted;
	pthread_mutex_unlock(&l1->mutex);
}
