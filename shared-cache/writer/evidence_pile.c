/* SPDX-License-Identifier: ISC */
/* evidence_pile.c - pieces that are filled from the front, and counted references to them. */
#include "config.h"

#include "shared-cache/writer/evidence_pile.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 256 * 1024 };		/* more than malloc_tuning.c's bound: each is mapped on its own */

struct sts_evidence_piece {
	atomic_size_t users;		/* entries, and the pile as long as it is the top */
	size_t used;
	char texts[];
};

enum { ROOM = PIECE - (int)sizeof(struct sts_evidence_piece) };

static void
leave(struct sts_evidence_piece *piece)
{
	/* Acquire: whoever frees it comes after those who have read it. */
	if (piece != NULL && atomic_fetch_sub_explicit(&piece->users, 1, memory_order_acq_rel) == 1)
		free(piece);
}

/* The top, with room for so much; NULL without memory. */
static struct sts_evidence_piece *
make_room(struct sts_evidence_pile *pile, size_t size)
{
	struct sts_evidence_piece *piece = pile->top;

	if (size > ROOM)
		return NULL;
	if (piece != NULL && piece->used + size <= ROOM)
		return piece;
	if ((piece = malloc(PIECE)) == NULL)
		return NULL;
	atomic_init(&piece->users, 1);
	piece->used = 0;
	leave(pile->top);
	pile->top = piece;
	return piece;
}

void
sts_evidence_pile_take(struct sts_evidence_pile *pile, struct sts_stream_entry *entry)
{
	struct sts_evidence_piece *piece;
	size_t sizes[STS_STREAM_FIELDS], size = 0;

	for (size_t i = 0; i < entry->field_count; i++)
		size += sizes[i] = strlen(entry->fields[i].value) + 1;
	if ((piece = make_room(pile, size)) == NULL)
		return;
	for (size_t i = 0; i < entry->field_count; i++) {
		entry->fields[i].value = memcpy(piece->texts + piece->used, entry->fields[i].value, sizes[i]);
		piece->used += sizes[i];
	}
	atomic_fetch_add_explicit(&piece->users, 1, memory_order_relaxed);
	free(entry->block);
	entry->block = NULL;
	entry->piece = piece;
}

void
sts_evidence_free(struct sts_stream_entry *entry)
{
	free(entry->block);
	leave(entry->piece);
	entry->block = NULL;
	entry->piece = NULL;
	entry->field_count = 0;
}

void
sts_evidence_pile_fini(struct sts_evidence_pile *pile)
{
	leave(pile->top);
	pile->top = NULL;
}
