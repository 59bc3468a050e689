/* SPDX-License-Identifier: ISC */
/*
 * evidence_arena.h - where evidence lies that waits for long, for writer*.c alone: texts in large slabs of memory, without what else
 * came with a message.
 *
 * A message's record lies between what stays (policies, names seen), and so it would hold pages, or pages would be held that it
 * leaves. Evidence comes and goes in order: a slab is freed as a whole, with the last entry that is in it, and the system has it
 * back at once.
 */
#ifndef STS_WRITER_EVIDENCE_ARENA_H
#define STS_WRITER_EVIDENCE_ARENA_H

#include "shared-cache/ledger/counts.h"

struct sts_evidence_slab;

/* Zeroed: empty. */
struct sts_evidence_arena {
	struct sts_evidence_slab *top;		/* where the next one goes */
};

/* Copies the values, and frees the block that they were in; to those who read it, the entry stays the same. Names are literals, and stay
 * where they are. Without memory nothing is done. The caller's lock. */
void sts_evidence_arena_move(struct sts_evidence_arena *arena, struct sts_stream_entry *entry);
/* Frees an entry's memory, wherever it is. Any thread, without a lock. */
void sts_evidence_free(struct sts_stream_entry *entry);
/* Nothing more comes. Entries that are left are freed each. */
void sts_evidence_arena_fini(struct sts_evidence_arena *arena);

#endif
