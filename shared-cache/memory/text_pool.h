/* SPDX-License-Identifier: ISC */
/*
 * text_pool.h - policy texts that many domains publish, kept once, with the organisational domains of their mx found.
 *
 * Any thread; one mutex, never held while calling out. Its lock is the inner one: it may be called with others held.
 */
#ifndef STS_MEMORY_TEXT_POOL_H
#define STS_MEMORY_TEXT_POOL_H

#include <stddef.h>

#include "shared-cache/names/organisation.h"
#include "shared-cache/policy/entry.h"

struct sts_text_pool;

/* organisations may be NULL (organisation.h); outlives the pool. */
enum sts_status sts_text_pool_new(const struct sts_organisations *organisations, struct sts_text_pool **out);
/* Everybody has given back what he shared. */
void sts_text_pool_free(struct sts_text_pool **pool);

/* The entry with the pool's text instead of its own, as a reference; entry itself, as another reference, when it has none, or without
 * memory. What comes out of here is given back once by sts_text_pool_give_back, and its reference by sts_entry_unref. */
struct sts_entry *sts_text_pool_share(struct sts_text_pool *pool, struct sts_entry *entry);
/* Does nothing for an entry that the pool does not know the text of. */
void sts_text_pool_give_back(struct sts_text_pool *pool, const struct sts_entry *entry);

/* Bytes of memory that the texts hold. */
size_t sts_text_pool_bytes(struct sts_text_pool *pool);

#endif
