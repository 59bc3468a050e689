/* SPDX-License-Identifier: ISC */
/* l1.c - presents the shards as one cache. */
#include "config.h"

#include "shared-cache/memory/l1.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/hash.h"
#include "shared-cache/memory/shard.h"

enum {
	SHARDS = 16,
	SHARD_MIN = 1024,	/* a cache too small for SHARDS of this size has only one */
	STAMPS = 1 << 14,
};

struct sts_l1 {
	struct sts_text_pool *pool;
	size_t shard_count;
	struct sts_shard *shards;
	pthread_mutex_t mutex;		/* guards the rest */
	size_t walk_shard;		/* where the sweep continues */
	struct sts_shard_walk walk;
	atomic_uint stamps[STAMPS];	/* each shared by the domains with that place */
};

static enum sts_status
new_shards(struct sts_l1 *l1, size_t max_entries, size_t max_bytes)
{
	size_t count = max_entries < (size_t)SHARDS * SHARD_MIN ? 1 : SHARDS;

	l1->shards = aligned_alloc(STS_SHARD_CACHE_LINE, count * sizeof(*l1->shards));
	if (l1->shards == NULL)
		return STS_ENOMEM;
	while (l1->shard_count < count) {
		if (sts_shard_init(&l1->shards[l1->shard_count], max_entries / count, max_bytes / count, l1->pool) != STS_OK)
			return STS_ENOMEM;
		l1->shard_count++;
	}
	return STS_OK;
}

enum sts_status
sts_l1_new(size_t max_entries, size_t max_bytes, const struct sts_organisations *organisations, struct sts_l1 **out)
{
	struct sts_l1 *l1 = calloc(1, sizeof(*l1));
	enum sts_status status;

	*out = NULL;
	if (l1 == NULL)
		return STS_ENOMEM;
	if (pthread_mutex_init(&l1->mutex, NULL) != 0) {
		free(l1);
		return STS_ENOMEM;
	}
	status = sts_text_pool_new(organisations, &l1->pool);
	if (status == STS_OK)
		status = new_shards(l1, max_entries, max_bytes);
	if (status != STS_OK)
		sts_l1_free(&l1);
	*out = l1;
	return status;
}

void
sts_l1_free(struct sts_l1 **l1)
{
	if (*l1 == NULL)
		return;
	for (size_t i = 0; i < (*l1)->shard_count; i++)
		sts_shard_fini(&(*l1)->shards[i]);
	free((*l1)->shards);
	sts_text_pool_free(&(*l1)->pool);
	pthread_mutex_destroy(&(*l1)->mutex);
	free(*l1);
	*l1 = NULL;
}

static struct sts_shard_key
key_of(const char *domain)
{
	size_t len = strlen(domain);

	return (struct sts_shard_key){ .domain = domain, .len = len, .hash = sts_hash_bytes(domain, len) };
}

/* Not by the upper bits, which the table inside a shard uses. */
static struct sts_shard *
shard_of(struct sts_l1 *l1, const struct sts_shard_key *key)
{
	return &l1->shards[key->hash % l1->shard_count];
}

struct sts_entry *
sts_l1_get(struct sts_l1 *l1, const char *domain, int64_t now, bool *claimed)
{
	struct sts_shard_key key = key_of(domain);

	return sts_shard_get(shard_of(l1, &key), &key, now, claimed);
}

struct sts_entry *
sts_l1_peek(struct sts_l1 *l1, const char *domain)
{
	struct sts_shard_key key = key_of(domain);

	return sts_shard_peek(shard_of(l1, &key), &key);
}

/* ---- stamps ---- */

/* Called after the change: whoever sees the new stamp also sees the new data. */
static void
stamp(struct sts_l1 *l1, size_t place)
{
	atomic_fetch_add_explicit(&l1->stamps[place], 1, memory_order_release);
}

enum sts_status
sts_l1_put(struct sts_l1 *l1, struct sts_entry *entry, int64_t due, int64_t now)
{
	struct sts_shard_key key = key_of(entry->domain);
	enum sts_status status = sts_shard_put(shard_of(l1, &key), &key, entry, due, now);

	stamp(l1, key.hash % STAMPS);
	return status;
}

void
sts_l1_forget(struct sts_l1 *l1, const char *domain)
{
	struct sts_shard_key key = key_of(domain);

	sts_shard_forget(shard_of(l1, &key), &key);
	stamp(l1, key.hash % STAMPS);
}

void
sts_l1_forget_all(struct sts_l1 *l1)
{
	for (size_t i = 0; i < l1->shard_count; i++)
		sts_shard_forget_all(&l1->shards[i]);
	for (size_t i = 0; i < STAMPS; i++)
		stamp(l1, i);
}

uint32_t
sts_l1_place(const char *domain)
{
	return key_of(domain).hash % STAMPS;
}

uint32_t
sts_l1_stamp(const struct sts_l1 *l1, uint32_t place)
{
	return atomic_load_explicit(&l1->stamps[place % STAMPS], memory_order_acquire);
}

bool
sts_l1_sweep(struct sts_l1 *l1, int64_t now, int64_t used_since, struct sts_l1_chunk *out)
{
	bool is_round = false;

	out->count = 0;
	pthread_mutex_lock(&l1->mutex);
	l1->walk.now = now;
	l1->walk.used_since = used_since;
	if (sts_shard_sweep(&l1->shards[l1->walk_shard], &l1->walk, out)) {
		l1->walk = (struct sts_shard_walk){ .place = 0 };
		l1->walk_shard++;
		is_round = l1->walk_shard == l1->shard_count;
	}
	if (is_round)
		l1->walk_shard = 0;
	pthread_mutex_unlock(&l1->mutex);
	return is_round;
}

void
sts_l1_state(struct sts_l1 *l1, struct sts_l1_state *out)
{
	*out = (struct sts_l1_state){ .bytes = sts_text_pool_bytes(l1->pool) };
	for (size_t i = 0; i < l1->shard_count; i++)
		sts_shard_add_state(&l1->shards[i], out);
}
