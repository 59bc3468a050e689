/* SPDX-License-Identifier: ISC */
/*
 * slot.h - one domain in memory, in as few bytes as possible. Most domains publish nothing: a small slot holds only their name and
 * two times, and becomes an entry again on request. Policies, and whatever else does not fit, are kept as entries.
 *
 * Nothing here locks. What readers may change concurrently (uses, claims) is atomic; the rest needs the shard's lock for writing.
 */
#ifndef STS_MEMORY_SLOT_H
#define STS_MEMORY_SLOT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/policy/entry.h"

/* The queue that the slot is in; see eviction.h. */
enum sts_slot_queue { STS_QUEUE_SMALL, STS_QUEUE_MAIN, STS_QUEUE_POLICY, STS_SLOT_QUEUES };

enum {
	STS_SLOT_USES_MAX = 3,
	STS_SLOT_FULL = 1,	/* flags: a struct sts_full_slot */
	STS_SLOT_GONE = 2,	/* out of the table; its queue frees it later */
	STS_SLOT_FAILED = 4,	/* a small slot's state is FAILED, else ABSENT */
};

/* In a small slot, the name follows after `len`, without NUL. The order of the fields leaves no holes. */
struct sts_slot {
	struct sts_slot *next;		/* in its queue */
	uint32_t checked, expires;	/* of a small one */
	atomic_uchar uses;		/* since the last round, up to STS_SLOT_USES_MAX */
	uint8_t flags;
	uint8_t reason_and_queue;	/* of a small slot; the queue, of all: two bits */
	uint8_t len;			/* of a small slot's name */
};

struct sts_full_slot {
	struct sts_slot slot;
	struct sts_entry *entry;	/* a reference */
	atomic_uint due;		/* from when on a hit claims a refresh; in sts_slot_time, like all times here */
	atomic_uint used;
};

/* A time as slots store it: seconds since the epoch, up to the year 2106. */
unsigned sts_slot_time(int64_t t);

/* A small slot if that can hold entry and due; otherwise one with a reference to entry. NULL without memory. */
struct sts_slot *sts_slot_new(struct sts_entry *entry, int64_t due, int64_t now);
void sts_slot_free(struct sts_slot *slot);
/* Makes the slot hold entry. False: it needs another kind of slot. *old is the entry that it held before, with its reference, or
 * NULL. */
bool sts_slot_update(struct sts_slot *slot, struct sts_entry *entry, int64_t due, struct sts_entry **old);
/* Releases the entry and marks the slot as gone. *old as above. */
void sts_slot_release(struct sts_slot *slot, struct sts_entry **old);

/* Not NUL-terminated. */
const char *sts_slot_name(const struct sts_slot *slot, size_t *len);
bool sts_slot_is_policy(const struct sts_slot *slot);
enum sts_slot_queue sts_slot_queue(const struct sts_slot *slot);
void sts_slot_set_queue(struct sts_slot *slot, enum sts_slot_queue queue);
/* Until when it is of use, alive or dead (`expires`, `retry`). */
int64_t sts_slot_end(const struct sts_slot *slot);
/* Bytes of memory, without a policy's text, which may be shared. */
size_t sts_slot_bytes(const struct sts_slot *slot);
/* The same with the text, for a bound that even very many different texts cannot exceed. */
size_t sts_slot_charge(const struct sts_slot *slot);

/* A reader's copy of a slot, to be turned into an entry after the shard was unlocked. */
struct sts_slot_copy {
	struct sts_entry *entry;	/* a reference; NULL: from a small slot */
	uint32_t checked, expires;
	enum sts_entry_state state;
	enum sts_reason reason;
};
void sts_slot_copy(const struct sts_slot *slot, struct sts_slot_copy *out);
/* Takes over the reference. NULL without memory. */
struct sts_entry *sts_slot_copy_entry(const struct sts_slot_copy *copy, const char *domain);

#endif
