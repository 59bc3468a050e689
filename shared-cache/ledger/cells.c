/* SPDX-License-Identifier: ISC */
/* cells.c - pieces that are filled from the front; lists of cells that were given back. Larger ones are malloc's. */
#include "config.h"

#include "shared-cache/ledger/cells.h"

#include <stdlib.h>

enum {
	GRAIN = 64,			/* sizes are rounded up to it */
	FIRST_PIECE = 16 * 1024,	/* what a second's messages need, as a rule */
	PIECE = 256 * 1024,		/* enough to be mapped on its own (malloc_tuning.c) */
#ifdef STS_SANITIZED
	LARGEST = 0,			/* so that it sees each */
#else
	LARGEST = GRAIN * STS_CELL_KINDS,
#endif
};

struct sts_cell {
	struct sts_cell *next;
};

struct sts_cell_piece {
	struct sts_cell_piece *next;
	_Alignas(max_align_t) char memory[];
};

static size_t
kind_of(size_t size)
{
	return size == 0 ? 0 : (size - 1) / GRAIN;
}

static void *
cut(struct sts_cells *cells, size_t size)
{
	size_t whole = cells->pieces == NULL ? FIRST_PIECE : PIECE;
	struct sts_cell_piece *piece;
	void *cell;

	if (cells->left < size) {
		if ((piece = malloc(whole)) == NULL)
			return NULL;
		piece->next = cells->pieces;
		cells->pieces = piece;
		cells->next = piece->memory;
		cells->left = whole - sizeof(*piece);
	}
	cell = cells->next;
	cells->next += size;
	cells->left -= size;
	return cell;
}

void *
sts_cells_take(struct sts_cells *cells, size_t size)
{
	size_t kind = kind_of(size);
	struct sts_cell *cell;

	if (size > LARGEST)
		return malloc(size);
	cell = cells->spare[kind];
	if (cell == NULL)
		return cut(cells, (kind + 1) * GRAIN);
	cells->spare[kind] = cell->next;
	return cell;
}

void
sts_cells_give(struct sts_cells *cells, void *cell, size_t size)
{
	struct sts_cell *spare = cell;

	if (size > LARGEST) {
		free(cell);
		return;
	}
	if (spare == NULL)
		return;
	spare->next = cells->spare[kind_of(size)];
	cells->spare[kind_of(size)] = spare;
}

void
sts_cells_fini(struct sts_cells *cells)
{
	struct sts_cell_piece *next;

	for (struct sts_cell_piece *piece = cells->pieces; piece != NULL; piece = next) {
		next = piece->next;
		free(piece);
	}
	*cells = (struct sts_cells){ .pieces = NULL };
}
