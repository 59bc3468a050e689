/* SPDX-License-Identifier: ISC */
/*
 * text_pool.h - keeps a policy text that many domains publish once, with the organisational domains of its mx patterns.
 *
 * Any thread; one mutex, never held while calling out. It is the innermost lock: callers may hold others.
 */
#ifndef STS_MEMORY_TEXT_POOL_H
#define STS_MEMORY_TEXT_POOL_H

#include <stddef.h>

#include "shared-cache/names/organisation.h"
#include "shared-cache/policy/entry.h"

struct sts_text_pool;

/* organisations may be NULL (organisation.h); outlives the pool. */
enum sts_status sts_text_pool_new(const struct sts_organisations *organisations, struct sts_text_pool **out);
/* All shared texts must have been given back. */
void sts_text_pool_free(struct sts_text_pool **pool);

/* Returns a reference to an entry with the pool's text in place of its own; to entry itself if it has no text, or without
 * memory. The result is given back once by sts_text_pool_give_back, and its reference by sts_entry_unref. */
struct sts_entry *sts_text_pool_share(struct sts_text_pool *pool, struct sts_entry *entry);
/* Does nothing for an entry whose text is not the pool's. */
void sts_text_pool_give_back(struct sts_text_pool *pool, const struct sts_entry *entry);

/* Bytes of memory that the texts hold. */
size_t sts_text_pool_bytes(struct sts_text_pool *pool);

#endif
