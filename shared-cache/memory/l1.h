/* SPDX-License-Identifier: ISC */
/*
 * l1.h - what this process knows of domains: bounded by count and bytes; who goes when it is full is told in eviction.h.
 *
 *   l1.c         the front: shards, and what goes round all of them
 *   shard.c      a part of the domains: table, lock, bounds
 *   slot.c       one domain, in few bytes
 *   eviction.c   who goes
 *   text_pool.c  policy texts that many domains publish
 *
 * Must not know where entries come from. Entries are immutable and counted; expired ones are misses, but stay for a while,
 * because they know since when a domain fails and until when it must not be asked (sts_l1_peek).
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
	STS_L1_CHUNK = 256,	/* policies handed out by one sweep call, at most */
	STS_L1_LEASE_S = 60,	/* how long a claimed refresh keeps others from starting one */
	STS_L1_DEAD_S = 3600,	/* how long an expired entry stays before a sweep drops it */
};

/* The bounds are divided among shards, so that they hold for all together, and a shard may be full a little earlier than the rest.
 * organisations, NULL when there is no list, outlives the cache: the policies that it hands out have their orgs (policy.h). */
enum sts_status sts_l1_new(size_t max_entries, size_t max_bytes, const struct sts_organisations *organisations, struct sts_l1 **out);
void sts_l1_free(struct sts_l1 **l1);

/* The live entry, as a reference that the caller gives back, or NULL. Counts as a use. *claimed: the entry is due for a
 * refresh, and this caller is the one to start it. A claim is a lease, not a flag: whatever becomes of that refresh, nobody
 * needs to clean up; the next put ends it, or time does. */
struct sts_entry *sts_l1_get(struct sts_l1 *l1, const char *domain, int64_t now, bool *claimed);

/* What is there, expired or not, as a reference, or NULL. Not a use, not a hit, not a miss. */
struct sts_entry *sts_l1_peek(struct sts_l1 *l1, const char *domain);

/* Takes what it needs of entry, in place of what was there. due: when a hit should claim a refresh. STS_ENOMEM: the domain is not
 * cached then. */
enum sts_status sts_l1_put(struct sts_l1 *l1, struct sts_entry *entry, int64_t due, int64_t now);

/* Drops what is known of domain, or of all. */
void sts_l1_forget(struct sts_l1 *l1, const char *domain);
void sts_l1_forget_all(struct sts_l1 *l1);

/* For who keeps something that follows from what is known of a domain: while the stamp of the domain's place is what it was before the
 * entry was taken, no put and no forgetting has changed it (others that share the place change the stamp as well). */
uint32_t sts_l1_place(const char *domain);
uint32_t sts_l1_stamp(const struct sts_l1 *l1, uint32_t place);

/* One bounded step of a walk round all entries: drops what has been dead for long, and hands out, as references, the
 * live policies that were used at or after used_since. True: the walk has come round. */
struct sts_l1_chunk {
	size_t count;
	struct sts_entry *entries[STS_L1_CHUNK];
};
bool sts_l1_sweep(struct sts_l1 *l1, int64_t now, int64_t used_since, struct sts_l1_chunk *out);

/* bytes: of memory, without the tables, which are a few a domain. */
struct sts_l1_state {
	size_t entries, bytes;
	uint64_t hits, misses, evicted;
};
void sts_l1_state(struct sts_l1 *l1, struct sts_l1_state *out);

#endif
