/* SPDX-License-Identifier: ISC */
/*
 * row_pool.h - memory pool for the rows of a table, for counts_table.c only. Initialise to zero.
 *
 * All rows of a table are freed together, once they are written. If they shared pages with other memory, whatever else lives there would
 * keep those pages; so they lie in large slabs of their own, which go back to the system together with the table. A freed block is used
 * again for another of about its size, so a table takes no more memory than its largest size needed.
 */
#ifndef STS_LEDGER_ROW_POOL_H
#define STS_LEDGER_ROW_POOL_H

#include <stddef.h>

enum { STS_ROW_POOL_CLASSES = 8 };

struct sts_row_pool {
	struct sts_row_pool_slab *slabs;
	char *next;				/* the unused rest of the newest slab */
	size_t left;
	struct sts_row_pool_block *free_blocks[STS_ROW_POOL_CLASSES];	/* lists by size */
};

/* Returns uninitialised memory, aligned for any type; NULL when out of memory. */
void *sts_row_pool_alloc(struct sts_row_pool *pool, size_t size);
/* size: as it was allocated. block may be NULL. */
void sts_row_pool_free(struct sts_row_pool *pool, void *block, size_t size);
/* Call it after all blocks have been freed. */
void sts_row_pool_fini(struct sts_row_pool *pool);

#endif
