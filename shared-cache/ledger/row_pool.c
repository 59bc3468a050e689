/* SPDX-License-Identifier: ISC */
/* row_pool.c - slabs filled from the front, and lists of free blocks. Large blocks come from malloc. */
#include "config.h"

#include "shared-cache/ledger/row_pool.h"

#include <stdlib.h>

enum {
	GRAIN = 64,			/* sizes are rounded up to it */
	FIRST_SLAB = 16 * 1024,	/* enough for the messages of a second, as a rule */
	SLAB = 256 * 1024,		/* large enough to be mapped on its own (malloc_tuning.c) */
#ifdef STS_SANITIZED
	LARGEST = 0,			/* so that the sanitizer sees each block */
#else
	LARGEST = GRAIN * STS_ROW_POOL_CLASSES,
#endif
};

struct sts_row_pool_block {
	struct sts_row_pool_block *next;
};

struct sts_row_pool_slab {
	struct sts_row_pool_slab *next;
	_Alignas(max_align_t) char memory[];
};

static size_t
class_of(size_t size)
{
	return size == 0 ? 0 : (size - 1) / GRAIN;
}

static void *
cut(struct sts_row_pool *pool, size_t size)
{
	size_t whole = pool->slabs == NULL ? FIRST_SLAB : SLAB;
	struct sts_row_pool_slab *slab;
	void *block;

	if (pool->left < size) {
		if ((slab = malloc(whole)) == NULL)
			return NULL;
		slab->next = pool->slabs;
		pool->slabs = slab;
		pool->next = slab->memory;
		pool->left = whole - sizeof(*slab);
	}
	block = pool->next;
	pool->next += size;
	pool->left -= size;
	return block;
}

void *
sts_row_pool_alloc(struct sts_row_pool *pool, size_t size)
{
	size_t size_class = class_of(size);
	struct sts_row_pool_block *block;

	if (size > LARGEST)
		return malloc(size);
	block = pool->free_blocks[size_class];
	if (block == NULL)
		return cut(pool, (size_class + 1) * GRAIN);
	pool->free_blocks[size_class] = block->next;
	return block;
}

void
sts_row_pool_free(struct sts_row_pool *pool, void *block, size_t size)
{
	struct sts_row_pool_block *spare = block;

	if (size > LARGEST) {
		free(block);
		return;
	}
	if (spare == NULL)
		return;
	spare->next = pool->free_blocks[class_of(size)];
	pool->free_blocks[class_of(size)] = spare;
}

void
sts_row_pool_fini(struct sts_row_pool *pool)
{
	struct sts_row_pool_slab *next;

	for (struct sts_row_pool_slab *slab = pool->slabs; slab != NULL; slab = next) {
		next = slab->next;
		free(slab);
	}
	*pool = (struct sts_row_pool){ .slabs = NULL };
}
