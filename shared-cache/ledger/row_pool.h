/* SPDX-License-Identifier: ISC */
/*
 * row_pool.h - memory of its own for a table of rows, for counts_table.c alone. Zeroed: empty.
 *
 * All of a table's rows go at once, when they are written. Among other memory, a page of theirs would be held by whatever else is on
 * it and stays; so they lie in large slabs, which the system has back as soon as the table is gone. A block that is given back before
 * is used again for another of about its size: so a table takes no more than the largest that it was.
 */
#ifndef STS_LEDGER_ROW_POOL_H
#define STS_LEDGER_ROW_POOL_H

#include <stddef.h>

enum { STS_ROW_POOL_CLASSES = 8 };

struct sts_row_pool {
	struct sts_row_pool_slab *slabs;
	char *next;				/* what is left of the newest */
	size_t left;
	struct sts_row_pool_block *free_blocks[STS_ROW_POOL_CLASSES];	/* given back, by size */
};

/* Bytes of any content, aligned for anything; NULL without memory. */
void *sts_row_pool_alloc(struct sts_row_pool *pool, size_t size);
/* size: as it was taken. NULL is allowed. */
void sts_row_pool_free(struct sts_row_pool *pool, void *block, size_t size);
/* After all blocks have been given back. */
void sts_row_pool_fini(struct sts_row_pool *pool);

#endif
