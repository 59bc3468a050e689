/* SPDX-License-Identifier: ISC */
/* shard.c - a hash table of slots behind a lock. Knows neither clocks nor the meaning of entries. */
#include "config.h"

#include "shared-cache/memory/shard.h"

#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/hash.h"

enum {
	SIZE_MIN = 16,
	FULL_FIFTHS = 4,		/* most of the table that is filled */
	SWEEP_PLACES = 512,		/* visited in one go with the lock held */
};

enum sts_status
sts_shard_init(struct sts_shard *shard, size_t max_entries, size_t max_charge, struct sts_text_pool *pool)
{
	memset(shard, 0, sizeof(*shard));
	shard->pool = pool;
	shard->max_entries = max_entries == 0 ? 1 : max_entries;
	shard->max_charge = max_charge;
	atomic_init(&shard->hits, 0);
	atomic_init(&shard->misses, 0);
	if (pthread_rwlock_init(&shard->lock, NULL) != 0)
		return STS_ENOMEM;
	if (sts_eviction_init(&shard->eviction, shard->max_entries) == STS_OK)
		return STS_OK;
	pthread_rwlock_destroy(&shard->lock);
	return STS_ENOMEM;
}

void
sts_shard_fini(struct sts_shard *shard)
{
	sts_shard_forget_all(shard);
	sts_eviction_fini(&shard->eviction);
	free(shard->table);
	pthread_rwlock_destroy(&shard->lock);
}

/* ---- the table ---- */

static size_t
home(uint32_t hash, size_t size)
{
	return (size_t)((uint64_t)hash * size >> 32);
}

static uint32_t
hash_of(const struct sts_slot *slot)
{
	size_t len;
	const char *name = sts_slot_name(slot, &len);

	return sts_hash_bytes(name, len);
}

static bool
is_named(const struct sts_slot *slot, const struct sts_shard_key *key)
{
	size_t len;
	const char *name = sts_slot_name(slot, &len);

	return len == key->len && memcmp(name, key->domain, len) == 0;
}

/* The place of the domain, or the empty place where it would go. The table is never full. */
static struct sts_slot **
find_locked(const struct sts_shard *s, const struct sts_shard_key *key)
{
	size_t i;

	if (s->size == 0)
		return NULL;
	for (i = home(key->hash, s->size); s->table[i] != NULL && !is_named(s->table[i], key);)
		i = i + 1 == s->size ? 0 : i + 1;
	return &s->table[i];
}

/* Closes the gap: a following slot that is not at its home moves up, unless its home is after the gap. */
static void
remove_locked(struct sts_shard *s, struct sts_slot **place)
{
	size_t gap = (size_t)(place - s->table), i = gap;

	for (;;) {
		size_t from_home, from_gap;

		s->table[gap] = NULL;
		do {
			i = i + 1 == s->size ? 0 : i + 1;
			if (s->table[i] == NULL)
				return;
			from_home = (i + s->size - home(hash_of(s->table[i]), s->size)) % s->size;
			from_gap = (i + s->size - gap) % s->size;
		} while (from_home < from_gap);
		s->table[gap] = s->table[i];
		gap = i;
	}
}

static bool
grow_locked(struct sts_shard *s)
{
	size_t size = s->size + s->size / 2, most = s->max_entries + s->max_entries / FULL_FIFTHS + SIZE_MIN;
	struct sts_slot **table, **old = s->table;
	size_t old_size = s->size;

	if (s->size > 0 && s->count < s->size / (FULL_FIFTHS + 1) * FULL_FIFTHS)
		return true;
	size = size < SIZE_MIN ? SIZE_MIN : size > most ? most : size;
	if (size <= s->size)
		return s->count + 1 < s->size;
	if ((table = calloc(size, sizeof(struct sts_slot *))) == NULL)
		return s->count + 1 < s->size;
	s->table = table;
	s->size = size;
	for (size_t k = 0; k < old_size; k++) {
		size_t i;

		if (old[k] == NULL)
			continue;
		for (i = home(hash_of(old[k]), size); table[i] != NULL;)
			i = i + 1 == size ? 0 : i + 1;
		table[i] = old[k];
	}
	free(old);
	return true;
}

/* ---- reading ---- */

/* Two readers may do this at once. One use more or less does not matter; a count above the maximum would. */
static void
use(struct sts_slot *slot)
{
	unsigned char n = atomic_load_explicit(&slot->uses, memory_order_relaxed);

	if (n < STS_SLOT_USES_MAX)
		atomic_store_explicit(&slot->uses, (unsigned char)(n + 1), memory_order_relaxed);
}

/* True for one of the readers that find it due, once a lease. */
static bool
claim(struct sts_slot *slot, int64_t now)
{
	struct sts_full_slot *f = (struct sts_full_slot *)(void *)slot;
	unsigned due;

	if ((slot->flags & STS_SLOT_FULL) == 0)
		return false;
	due = atomic_load_explicit(&f->due, memory_order_relaxed);
	if (now < (int64_t)due)
		return false;
	return atomic_compare_exchange_strong(&f->due, &due, sts_slot_time(now + STS_L1_LEASE_S));
}

static void
note_time(struct sts_slot *slot, int64_t now)
{
	struct sts_full_slot *f = (struct sts_full_slot *)(void *)slot;

	if (slot->flags & STS_SLOT_FULL && atomic_load_explicit(&f->used, memory_order_relaxed) != sts_slot_time(now))
		atomic_store_explicit(&f->used, sts_slot_time(now), memory_order_relaxed);
}

struct sts_entry *
sts_shard_get(struct sts_shard *shard, const struct sts_shard_key *key, int64_t now, bool *claimed)
{
	struct sts_slot_copy copy;
	struct sts_entry *entry = NULL;
	struct sts_slot **place;
	bool found;

	*claimed = false;
	pthread_rwlock_rdlock(&shard->lock);
	place = find_locked(shard, key);
	found = place != NULL && *place != NULL;
	if (found) {
		sts_slot_copy(*place, &copy);
		/* A dead small slot says nothing more once it has expired. */
		found = copy.entry != NULL ? sts_entry_is_live(copy.entry, now) : now < copy.expires;
		if (found) {
			use(*place);
			note_time(*place, now);
			*claimed = claim(*place, now);
		} else {
			sts_entry_unref(&copy.entry);
		}
	}
	pthread_rwlock_unlock(&shard->lock);
	if (found)
		entry = sts_slot_copy_entry(&copy, key->domain);
	if (entry != NULL && !sts_entry_is_live(entry, now))
		sts_entry_unref(&entry);
	atomic_fetch_add_explicit(entry != NULL ? &shard->hits : &shard->misses, 1, memory_order_relaxed);
	return entry;
}

struct sts_entry *
sts_shard_peek(struct sts_shard *shard, const struct sts_shard_key *key)
{
	struct sts_slot_copy copy;
	struct sts_slot **place;
	bool found;

	pthread_rwlock_rdlock(&shard->lock);
	place = find_locked(shard, key);
	found = place != NULL && *place != NULL;
	if (found)
		sts_slot_copy(*place, &copy);
	pthread_rwlock_unlock(&shard->lock);
	return found ? sts_slot_copy_entry(&copy, key->domain) : NULL;
}

/* ---- changing ---- */

static void
count_in(struct sts_shard *s, const struct sts_slot *slot)
{
	s->bytes += sts_slot_bytes(slot);
	s->charge += sts_slot_charge(slot);
}

static void
count_out(struct sts_shard *s, const struct sts_slot *slot)
{
	s->bytes -= sts_slot_bytes(slot);
	s->charge -= sts_slot_charge(slot);
}

static void
give_back(struct sts_shard *s, struct sts_entry **entry)
{
	if (*entry != NULL)
		sts_text_pool_give_back(s->pool, *entry);
	sts_entry_unref(entry);
}

/* Removes it from the table; its memory is freed later, by its queue. */
static void
drop_locked(struct sts_shard *s, struct sts_slot **place)
{
	struct sts_slot *slot = *place;
	struct sts_entry *old;

	count_out(s, slot);
	remove_locked(s, place);
	s->count--;
	sts_slot_release(slot, &old);
	sts_eviction_drop(&s->eviction, slot);
	give_back(s, &old);
}

static void
evict_locked(struct sts_shard *s, int64_t now)
{
	while (s->count > s->max_entries || s->charge > s->max_charge) {
		struct sts_slot *slot = sts_eviction_choose(&s->eviction, now);
		struct sts_shard_key key;
		struct sts_entry *old;

		if (slot == NULL)
			return;
		key.domain = sts_slot_name(slot, &key.len);
		key.hash = sts_hash_bytes(key.domain, key.len);
		sts_eviction_ghost(&s->eviction, slot, key.hash);
		count_out(s, slot);
		remove_locked(s, find_locked(s, &key));
		s->count--;
		s->evicted++;
		sts_slot_release(slot, &old);
		give_back(s, &old);
		sts_slot_free(slot);
	}
}

static enum sts_status
add_locked(struct sts_shard *s, const struct sts_shard_key *key, struct sts_entry *entry, int64_t due, int64_t now)
{
	struct sts_slot *slot = grow_locked(s) ? sts_slot_new(entry, due, now) : NULL;

	if (slot == NULL)
		return STS_ENOMEM;
	*find_locked(s, key) = slot;
	s->count++;
	count_in(s, slot);
	sts_eviction_add(&s->eviction, slot, key->hash);
	return STS_OK;
}

/* Makes the existing slot hold entry, if it can. */
static bool
update_locked(struct sts_shard *s, struct sts_slot *slot, struct sts_entry *entry, int64_t due)
{
	struct sts_entry *old;

	count_out(s, slot);
	if (!sts_slot_update(slot, entry, due, &old)) {
		count_in(s, slot);
		return false;
	}
	count_in(s, slot);
	give_back(s, &old);
	return true;
}

enum sts_status
sts_shard_put(struct sts_shard *shard, const struct sts_shard_key *key, struct sts_entry *entry, int64_t due, int64_t now)
{
	struct sts_entry *shared = sts_text_pool_share(shard->pool, entry);
	enum sts_status status = STS_OK;
	struct sts_slot **place;

	pthread_rwlock_wrlock(&shard->lock);
	place = find_locked(shard, key);
	if (place == NULL || *place == NULL || !update_locked(shard, *place, shared, due)) {
		if (place != NULL && *place != NULL)
			drop_locked(shard, place);
		status = add_locked(shard, key, shared, due, now);
	}
	if (status != STS_OK)
		sts_text_pool_give_back(shard->pool, shared);
	evict_locked(shard, now);
	pthread_rwlock_unlock(&shard->lock);
	sts_entry_unref(&shared);
	return status;
}

void
sts_shard_forget(struct sts_shard *shard, const struct sts_shard_key *key)
{
	struct sts_slot **place;

	pthread_rwlock_wrlock(&shard->lock);
	place = find_locked(shard, key);
	if (place != NULL && *place != NULL)
		drop_locked(shard, place);
	pthread_rwlock_unlock(&shard->lock);
}

void
sts_shard_forget_all(struct sts_shard *shard)
{
	pthread_rwlock_wrlock(&shard->lock);
	for (size_t i = 0; i < shard->size; i++) {
		while (shard->table[i] != NULL)
			drop_locked(shard, &shard->table[i]);
	}
	pthread_rwlock_unlock(&shard->lock);
}

/* ---- whole shards ---- */

static bool
is_in_use(const struct sts_slot *slot, const struct sts_shard_walk *walk)
{
	const struct sts_full_slot *f = (const struct sts_full_slot *)(const void *)slot;

	return sts_slot_is_policy(slot) && sts_entry_is_live(f->entry, walk->now) &&
	    (int64_t)atomic_load_explicit(&f->used, memory_order_relaxed) >= walk->used_since;
}

bool
sts_shard_sweep(struct sts_shard *shard, struct sts_shard_walk *walk, struct sts_l1_chunk *out)
{
	bool is_end;

	pthread_rwlock_wrlock(&shard->lock);
	if (walk->size != shard->size)
		walk->place = walk->size == 0 ? 0 : (size_t)((double)walk->place / (double)walk->size * (double)shard->size);
	walk->size = shard->size;
	for (size_t visits = 0; visits < SWEEP_PLACES && walk->place < shard->size && out->count < STS_L1_CHUNK; visits++) {
		struct sts_slot **place = &shard->table[walk->place];

		/* A dead entry's retry time counts like its expiry: both are still of use. The slot that moves up is visited
		 * next. */
		if (*place != NULL && walk->now - sts_slot_end(*place) > STS_L1_DEAD_S) {
			drop_locked(shard, place);
			continue;
		}
		if (*place != NULL && is_in_use(*place, walk))
			out->entries[out->count++] = sts_entry_ref(((struct sts_full_slot *)(void *)*place)->entry);
		walk->place++;
	}
	is_end = walk->place >= shard->size;
	pthread_rwlock_unlock(&shard->lock);
	return is_end;
}

void
sts_shard_add_state(struct sts_shard *shard, struct sts_l1_state *out)
{
	pthread_rwlock_rdlock(&shard->lock);
	out->entries += shard->count;
	out->bytes += shard->bytes;
	out->evicted += shard->evicted;
	pthread_rwlock_unlock(&shard->lock);
	out->hits += atomic_load_explicit(&shard->hits, memory_order_relaxed);
	out->misses += atomic_load_explicit(&shard->misses, memory_order_relaxed);
}
