/* SPDX-License-Identifier: ISC */
/*
 * l1.h - the first-level cache: what this process knows of domains, in memory, bounded by count and bytes (eviction.h).
 *
 *  l1.c         the interface: distributes domains over shards; whatever concerns all shards
 *  shard.c      a part of the domains: table, lock, bounds
 *  slot.c       one domain, in few bytes
 *  eviction.c   what goes when a shard is full
 *  text_pool.c  policy texts that many domains publish, kept once
 *
 * Must not know where entries come from. Entries are immutable and reference-counted. Expired ones are misses, but stay for a
 * while: they tell since when a domain fails, and until when it must not be asked (sts_l1_peek).
 * Any thread. Readers do not wait for readers, and move nothing; no lock is held while calling out. Time is passed in.
 */
#ifndef STS_MEMORY_L1_H
#define STS_MEMORY_L1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/names/organisation.h"
#include "shared-cache/policy/entry.h"

struct sts_l1;

enum {
	STS_L1_CHUNK = 256,	/* most policies that one sweep call hands out */
	STS_L1_LEASE_S = 60,	/* how long a claimed refresh keeps others from starting one */
	STS_L1_DEAD_S = 3600,	/* how long an expired entry stays before a sweep drops it */
};

/* The bounds are divided among the shards: together they keep within them, but one shard may be full a little earlier.
 * organisations may be NULL, and outlives the cache: policies handed out have their organisational domains set (`orgs' in
 * policy.h). */
enum sts_status sts_l1_new(size_t max_entries, size_t max_bytes, const struct sts_organisations *organisations, struct sts_l1 **out);
void sts_l1_free(struct sts_l1 **l1);

/* Returns the live entry, as a reference for the caller, or NULL. Counts as a use. *claimed: a refresh is due, and this caller
 * must start it. A claim is a lease, not a flag: nobody needs to clean up if the refresh fails; the next put ends it, or it
 * expires. */
struct sts_entry *sts_l1_get(struct sts_l1 *l1, const char *domain, int64_t now, bool *claimed);

/* Returns the entry, expired or not, as a reference, or NULL. Counts neither as a use nor as a hit or miss. */
struct sts_entry *sts_l1_peek(struct sts_l1 *l1, const char *domain);

/* Stores the entry (a copy or a reference) in place of the old one. due: from when on a hit claims a refresh. STS_ENOMEM: then
 * the domain is not cached. */
enum sts_status sts_l1_put(struct sts_l1 *l1, struct sts_entry *entry, int64_t due, int64_t now);

/* Drops the entry of domain, or all entries. */
void sts_l1_forget(struct sts_l1 *l1, const char *domain);
void sts_l1_forget_all(struct sts_l1 *l1);

/* For callers that keep data derived from a domain's entry: take the stamp of the domain's place before the entry. As long as
 * the stamp stays the same, no put or forget has changed the entry. (Other domains in the same place change the stamp as well.) */
uint32_t sts_l1_place(const char *domain);
uint32_t sts_l1_stamp(const struct sts_l1 *l1, uint32_t place);

/* One bounded step of a sweep over all entries. Drops entries that expired long ago, and hands out references to live policies
 * used at or after used_since. True: the sweep has completed a round. */
struct sts_l1_chunk {
	size_t count;
	struct sts_entry *entries[STS_L1_CHUNK];
};
bool sts_l1_sweep(struct sts_l1 *l1, int64_t now, int64_t used_since, struct sts_l1_chunk *out);

/* bytes: memory of the entries, without the tables, which are a few bytes a domain. */
struct sts_l1_state {
	size_t entries, bytes;
	uint64_t hits, misses, evicted;
};
void sts_l1_state(struct sts_l1 *l1, struct sts_l1_state *out);

#endif
