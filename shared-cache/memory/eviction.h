/* SPDX-License-Identifier: ISC */
/*
 * eviction.h - chooses what to evict when memory is full. S3-FIFO (Yang et al., SOSP 2023) for domains without a policy; policies
 * have a queue of their own, and go last.
 *
 *   new ---> small (a tenth) --used twice--> main --not used since the last time round--> out
 *              | else                          ^ used: once more round
 *              v                               |
 *             out, but remembered (ghost) -----+ seen again soon
 *
 * A flood of domains that are seen once passes through the small queue, and leaves the popular ones in the main queue alone. A
 * ghost is one byte, so there can be many: if nine of ten domains are new, one that is not returns only after very many others.
 * RFC 8461 wants policies to be kept: nothing evicts one as long as they fill less than 7/8 of the room. Beyond that, the one goes
 * that was not used since the last round. So a flood of invented domains costs no policy, and one of invented policies leaves room
 * for the rest.
 *
 * A use only increments a counter in the slot and moves nothing, so readers need none of this. Needs the shard's lock for writing.
 */
#ifndef STS_MEMORY_EVICTION_H
#define STS_MEMORY_EVICTION_H

#include "shared-cache/memory/slot.h"

struct sts_slot_list {
	struct sts_slot *first, **end;
	size_t count;			/* slots that are gone not counted */
};

struct sts_eviction {
	size_t max;			/* slots */
	struct sts_slot_list queues[STS_SLOT_QUEUES];
	size_t gone;			/* slots that are gone, in all queues */
	uint8_t *ghosts;		/* hash bits of slots that left the small queue, at a place chosen by the hash; 0: none */
	size_t ghost_count;
};

/* max: slots to keep, at least 1. */
enum sts_status sts_eviction_init(struct sts_eviction *eviction, size_t max);
/* Frees all slots that are left. */
void sts_eviction_fini(struct sts_eviction *eviction);

/* Adds a new slot; hash: its domain's. */
void sts_eviction_add(struct sts_eviction *eviction, struct sts_slot *slot, uint32_t hash);
/* The slot was marked as gone; it is freed later. */
void sts_eviction_drop(struct sts_eviction *eviction, struct sts_slot *slot);

/* Chooses a slot and removes it from its queue. The caller removes it from his table, calls sts_eviction_ghost, and frees it.
 * NULL: there is none. */
struct sts_slot *sts_eviction_choose(struct sts_eviction *eviction, int64_t now);
/* Remembers a slot that sts_eviction_choose returned; hash: its domain's. */
void sts_eviction_ghost(struct sts_eviction *eviction, const struct sts_slot *slot, uint32_t hash);

#endif
