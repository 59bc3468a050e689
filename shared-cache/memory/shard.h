/* SPDX-License-Identifier: ISC */
/*
 * shard.h - a part of the domains, behind a readers-writer lock.
 *
 * Any thread. Functions that change the table lock for writing; a use or a claim needs only the reader's lock.
 */
#ifndef STS_MEMORY_SHARD_H
#define STS_MEMORY_SHARD_H

#include <pthread.h>
#include <stdatomic.h>

#include "shared-cache/memory/eviction.h"
#include "shared-cache/memory/l1.h"
#include "shared-cache/memory/text_pool.h"

enum { STS_SHARD_CACHE_LINE = 64 };

struct sts_shard {
	_Alignas(STS_SHARD_CACHE_LINE) pthread_rwlock_t lock;	/* guards the rest, except for the atomics */
	struct sts_text_pool *pool;	/* shared by all shards */
	size_t max_entries, max_charge;
	/* Open addressing. A slot is at or after the place proportional to its hash, so that growing the table keeps the order. */
	struct sts_slot **table;
	size_t size, count;
	size_t bytes, charge;
	struct sts_eviction eviction;
	uint64_t evicted;
	atomic_ullong hits, misses;
};

/* A domain and its hash. */
struct sts_shard_key {
	const char *domain;
	size_t len;
	uint32_t hash;
};

enum sts_status sts_shard_init(struct sts_shard *shard, size_t max_entries, size_t max_charge, struct sts_text_pool *pool);
void sts_shard_fini(struct sts_shard *shard);

/* Like the functions of l1.h with the same names. */
struct sts_entry *sts_shard_get(struct sts_shard *shard, const struct sts_shard_key *key, int64_t now, bool *claimed);
struct sts_entry *sts_shard_peek(struct sts_shard *shard, const struct sts_shard_key *key);
enum sts_status sts_shard_put(struct sts_shard *shard, const struct sts_shard_key *key, struct sts_entry *entry, int64_t due, int64_t now);
void sts_shard_forget(struct sts_shard *shard, const struct sts_shard_key *key);
void sts_shard_forget_all(struct sts_shard *shard);

/* One step, from walk->place onwards, which is updated; it is scaled if the table has grown in between. True: the end of the
 * table. */
struct sts_shard_walk {
	int64_t now, used_since;
	size_t place, size;		/* of the table at the last step */
};
bool sts_shard_sweep(struct sts_shard *shard, struct sts_shard_walk *walk, struct sts_l1_chunk *out);

/* Adds the shard's figures to *out. */
void sts_shard_add_state(struct sts_shard *shard, struct sts_l1_state *out);

#endif
