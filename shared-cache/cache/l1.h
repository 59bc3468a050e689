/* SPDX-License-Identifier: ISC */
/*
 * l1.h - the in-process cache of entries: bounded by count and bytes, least recently used goes first.
 *
 * Must not know where entries come from. Entries are immutable and counted; expired ones are misses, but stay for a while,
 * because they know since when a domain fails and until when it must not be asked (sts_l1_peek).
 * Any thread; one mutex, never held while calling out. Time is passed in.
 */
#ifndef STS_CACHE_L1_H
#define STS_CACHE_L1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/policy/entry.h"

struct sts_l1;

enum {
	STS_L1_CHUNK = 256,	/* entries looked at by one sweep call */
	STS_L1_LEASE_S = 60,	/* how long a claimed refresh keeps others from starting one */
	STS_L1_DEAD_S = 3600,	/* how long an expired entry stays before a sweep drops it */
};

enum sts_status sts_l1_new(size_t max_entries, size_t max_bytes, struct sts_l1 **out);
void sts_l1_free(struct sts_l1 **l1);

/* The live entry, as a reference that the caller gives back, or NULL. Counts as a use. *claimed: the entry is due for a
 * refresh, and this caller is the one to start it. A claim is a lease, not a flag: whatever becomes of that refresh, nobody
 * needs to clean up; the next put ends it, or time does. */
struct sts_entry *sts_l1_get(struct sts_l1 *l1, const char *domain, int64_t now, bool *claimed);

/* What is there, expired or not, as a reference, or NULL. Not a use, not a hit, not a miss. */
struct sts_entry *sts_l1_peek(struct sts_l1 *l1, const char *domain);

/* Takes a reference of its own, in place of what was there; the time of last use goes on. due: when a hit should claim a
 * refresh. STS_ENOMEM: the domain is not cached then. */
enum sts_status sts_l1_put(struct sts_l1 *l1, struct sts_entry *entry, int64_t due, int64_t now);

/* Drops what is known of domain, or of all. */
void sts_l1_forget(struct sts_l1 *l1, const char *domain);
void sts_l1_forget_all(struct sts_l1 *l1);

/* One bounded step of a walk round all entries: drops what has been dead for long, and hands out, as references, the
 * live policies that were used at or after used_since. Returns how many it looked at; less than STS_L1_CHUNK only when there
 * are no more entries than that. */
struct sts_l1_chunk {
	size_t count;
	struct sts_entry *entries[STS_L1_CHUNK];
};
size_t sts_l1_sweep(struct sts_l1 *l1, int64_t now, int64_t used_since, struct sts_l1_chunk *out);

struct sts_l1_state {
	size_t entries, bytes;
	uint64_t hits, misses, evicted;
};
void sts_l1_state(struct sts_l1 *l1, struct sts_l1_state *out);

#endif
