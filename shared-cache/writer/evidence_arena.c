/* SPDX-License-Identifier: ISC */
/* evidence_arena.c - slabs filled from the front, with reference counts. */
#include "config.h"

#include "shared-cache/writer/evidence_arena.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { SLAB = 256 * 1024 };		/* above malloc_tuning.c's threshold, so each slab is mapped on its own */

struct sts_evidence_slab {
	atomic_size_t users;		/* entries; and the arena, while the slab is its top */
	size_t used;
	char texts[];
};

enum { ROOM = SLAB - (int)sizeof(struct sts_evidence_slab) };

static void
leave(struct sts_evidence_slab *slab)
{
	/* Acquire: whoever frees it comes after all who have read it. */
	if (slab != NULL && atomic_fetch_sub_explicit(&slab->users, 1, memory_order_acq_rel) == 1)
		free(slab);
}

/* The top slab, with room for size bytes; NULL when out of memory. */
static struct sts_evidence_slab *
make_room(struct sts_evidence_arena *arena, size_t size)
{
	struct sts_evidence_slab *slab = arena->top;

	if (size > ROOM)
		return NULL;
	if (slab != NULL && slab->used + size <= ROOM)
		return slab;
	if ((slab = malloc(SLAB)) == NULL)
		return NULL;
	atomic_init(&slab->users, 1);
	slab->used = 0;
	leave(arena->top);
	arena->top = slab;
	return slab;
}

void
sts_evidence_arena_move(struct sts_evidence_arena *arena, struct sts_stream_entry *entry)
{
	struct sts_evidence_slab *slab;
	size_t sizes[STS_STREAM_FIELDS], size = 0;

	for (size_t i = 0; i < entry->field_count; i++)
		size += sizes[i] = strlen(entry->fields[i].value) + 1;
	if ((slab = make_room(arena, size)) == NULL)
		return;
	for (size_t i = 0; i < entry->field_count; i++) {
		entry->fields[i].value = memcpy(slab->texts + slab->used, entry->fields[i].value, sizes[i]);
		slab->used += sizes[i];
	}
	atomic_fetch_add_explicit(&slab->users, 1, memory_order_relaxed);
	free(entry->block);
	entry->block = NULL;
	entry->slab = slab;
}

void
sts_evidence_free(struct sts_stream_entry *entry)
{
	free(entry->block);
	leave(entry->slab);
	entry->block = NULL;
	entry->slab = NULL;
	entry->field_count = 0;
}

void
sts_evidence_arena_fini(struct sts_evidence_arena *arena)
{
	leave(arena->top);
	arena->top = NULL;
}
