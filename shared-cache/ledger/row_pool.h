/* SPDX-License-Identifier: ISC */
/*
 * row_pool.h - memory of its own for a table of rows, for counts_table.c alone. Zeroed: empty.
 *
 * All of a table's rows go at once, when they are written. Among other memory, a page of theirs would be held by whatever else is on
 * it and stays; so they lie in large pieces, which the system has back as soon as the table is gone. A cell that is given back before
 * is used again for another of about its size: so a table takes no more than the largest that it was.
 */
#ifndef STS_LEDGER_ROW_POOL_H
#define STS_LEDGER_ROW_POOL_H

#include <stddef.h>

enum { STS_CELL_KINDS = 8 };

struct sts_cells {
	struct sts_cell_piece *pieces;
	char *next;				/* what is left of the newest */
	size_t left;
	struct sts_cell *spare[STS_CELL_KINDS];	/* given back, by size */
};

/* Bytes of any content, aligned for anything; NULL without memory. */
void *sts_cells_take(struct sts_cells *cells, size_t size);
/* size: as it was taken. NULL is allowed. */
void sts_cells_give(struct sts_cells *cells, void *cell, size_t size);
/* After all cells have been given back. */
void sts_cells_fini(struct sts_cells *cells);

#endif
