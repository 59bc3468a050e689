/* SPDX-License-Identifier: ISC */
/*
 * eviction.h - who goes when memory is full. S3-FIFO (Yang et al., SOSP 2023) for what is known of domains without a policy, and a queue
 * of their own for policies, which go last.
 *
 *   new ---> small (a tenth) --used twice--> main --not used since the last time round--> out
 *              | else                          ^ used: once more round
 *              v                               |
 *             out, but remembered (ghost) -----+ seen again soon
 *
 *   A flood of domains that are seen once passes through the small queue and leaves the popular ones in the main one where they are. A
 *   ghost is a byte, so that there can be many: where nine of ten are strangers, whoever is no stranger comes back only after a great many.
 *   Policies are what RFC 8461 wants kept: nothing pushes one out as long as they fill less than 7/8 of the room; beyond that the one
 *   that was not used since the last time round goes. So a flood of invented domains costs no policy, and one of invented policies leaves
 *   room for the rest.
 *
 * A use is a bit more in the slot, nothing is moved: readers need nothing of this. Belongs to whoever has the shard for himself.
 */
#ifndef STS_MEMORY_EVICTION_H
#define STS_MEMORY_EVICTION_H

#include "shared-cache/memory/slot.h"

struct sts_slot_list {
	struct sts_slot *first, **end;
	size_t count;			/* without those that are gone */
};

struct sts_eviction {
	size_t max;			/* slots */
	struct sts_slot_list queues[STS_SLOT_QUEUES];
	size_t gone;			/* slots that are gone, in whatever queue */
	uint8_t *ghosts;		/* some bits of the hashes of those that left the small queue, where their hash puts them; 0: none */
	size_t ghost_count;
};

/* max: slots to keep, at least 1. */
enum sts_status sts_eviction_init(struct sts_eviction *eviction, size_t max);
/* Frees all slots that are still in. */
void sts_eviction_fini(struct sts_eviction *eviction);

/* A new slot of a domain with this hash. */
void sts_eviction_add(struct sts_eviction *eviction, struct sts_slot *slot, uint32_t hash);
/* The slot is marked as gone, and is freed some day. */
void sts_eviction_drop(struct sts_eviction *eviction, struct sts_slot *slot);

/* Chooses a slot and takes it out of its queue; the caller takes it out of his table, tells sts_eviction_ghost, frees it. NULL: there
 * is none. */
struct sts_slot *sts_eviction_choose(struct sts_eviction *eviction, int64_t now);
/* A slot that sts_eviction_choose has chosen had this hash. */
void sts_eviction_ghost(struct sts_eviction *eviction, const struct sts_slot *slot, uint32_t hash);

#endif
