/* SPDX-License-Identifier: ISC */
/*
 * slot.h - one domain in memory, in as few bytes as can be. Most domains publish nothing: what is known of them is a name and two times,
 * and is made an entry again when somebody asks. Policies, and whatever does not fit, are kept as the entry that they are.
 *
 * Nothing here locks: what readers may change at the same time (uses, claims) is atomic, the rest belongs to whoever has the shard
 * for himself.
 */
#ifndef STS_MEMORY_SLOT_H
#define STS_MEMORY_SLOT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/policy/entry.h"

/* Where it stands; what each queue is for is told in eviction.h. */
enum sts_slot_queue { STS_QUEUE_SMALL, STS_QUEUE_MAIN, STS_QUEUE_POLICY, STS_SLOT_QUEUES };

enum {
	STS_SLOT_USES_MAX = 3,
	STS_SLOT_FULL = 1,	/* flags: a struct sts_full_slot */
	STS_SLOT_GONE = 2,	/* out of the table; goes when its queue comes to it */
	STS_SLOT_FAILED = 4,	/* the state of a small one is FAILED, else ABSENT */
};

/* The name, without a NUL, follows after `len` in a small one. The order of the fields leaves no holes. */
struct sts_slot {
	struct sts_slot *next;		/* in its queue */
	uint32_t checked, expires;	/* of a small one */
	atomic_uchar uses;		/* since it was looked at last, up to STS_SLOT_USES_MAX */
	uint8_t flags;
	uint8_t reason_and_queue;	/* of a small one; and where it stands: two bits */
	uint8_t len;			/* of the name, of a small one */
};

struct sts_full_slot {
	struct sts_slot slot;
	struct sts_entry *entry;	/* a reference */
	atomic_uint due;		/* when the next hit claims a refresh; in this century as all of it */
	atomic_uint used;
};

/* A time as slots hold it: seconds since the epoch, up to the year 2106. */
unsigned sts_slot_time(int64_t t);

/* Small where that is enough for entry and due. A reference is taken where it is not. NULL without memory. */
struct sts_slot *sts_slot_new(struct sts_entry *entry, int64_t due, int64_t now);
void sts_slot_free(struct sts_slot *slot);
/* The same slot, with what entry says now. False: that takes another slot. *old is the entry that it held, with its reference; or NULL. */
bool sts_slot_update(struct sts_slot *slot, struct sts_entry *entry, int64_t due, struct sts_entry **old);
/* Gives back what it holds and marks it as gone. *old as above. */
void sts_slot_release(struct sts_slot *slot, struct sts_entry **old);

/* Not NUL-terminated. */
const char *sts_slot_name(const struct sts_slot *slot, size_t *len);
bool sts_slot_is_policy(const struct sts_slot *slot);
enum sts_slot_queue sts_slot_queue(const struct sts_slot *slot);
void sts_slot_set_queue(struct sts_slot *slot, enum sts_slot_queue queue);
/* Until when it tells something, alive or dead (`expires`, `retry`). */
int64_t sts_slot_end(const struct sts_slot *slot);
/* Bytes of memory; a policy's text, which it may share with others, apart. */
size_t sts_slot_bytes(const struct sts_slot *slot);
/* The same with the text, for a bound that no number of different texts gets past. */
size_t sts_slot_charge(const struct sts_slot *slot);

/* What a reader takes along; made an entry after he has let go of the shard. */
struct sts_slot_copy {
	struct sts_entry *entry;	/* a reference; NULL: a small one */
	uint32_t checked, expires;
	enum sts_state state;
	enum sts_reason reason;
};
void sts_slot_copy(const struct sts_slot *slot, struct sts_slot_copy *out);
/* Takes the reference over. NULL without memory. */
struct sts_entry *sts_slot_copy_entry(const struct sts_slot_copy *copy, const char *domain);

#endif
