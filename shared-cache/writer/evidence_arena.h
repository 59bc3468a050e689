/* SPDX-License-Identifier: ISC */
/*
 * evidence_arena.h - memory for evidence that has to wait, for writer*.c only: the texts of entries, in large slabs.
 *
 * The record of a message lies among memory that stays (policies, known names), so either would keep pages that the other
 * has left. Evidence comes and goes in order: a slab is freed as a whole together with the last entry in it, and goes back to the
 * system at once.
 */
#ifndef STS_WRITER_EVIDENCE_ARENA_H
#define STS_WRITER_EVIDENCE_ARENA_H

#include "shared-cache/ledger/counts.h"

struct sts_evidence_slab;

/* Initialise to zero. */
struct sts_evidence_arena {
	struct sts_evidence_slab *top;		/* where the next entry goes */
};

/* Copies the values of an entry, and frees the block that they were in; readers of the entry notice nothing. Names are literals, and are
 * not copied. Does nothing when out of memory. Under the caller's lock. */
void sts_evidence_arena_move(struct sts_evidence_arena *arena, struct sts_stream_entry *entry);
/* Frees the memory of an entry, in the arena or not. Any thread, without a lock. */
void sts_evidence_free(struct sts_stream_entry *entry);
/* To be called when no more entries come. Entries that are left are freed one by one. */
void sts_evidence_arena_fini(struct sts_evidence_arena *arena);

#endif
