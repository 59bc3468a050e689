/* SPDX-License-Identifier: ISC */
/* text_pool.c - a hash table of texts, by content. Knows nothing of domains. */
#include "config.h"

#include "shared-cache/memory/text_pool.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "shared-cache/base/hash.h"

struct pooled {
	struct sts_policy_text *text;	/* a reference; its bytes are the key */
	size_t shares;
	UT_hash_handle hh;
};

struct sts_text_pool {
	const struct sts_organisations *organisations;
	pthread_mutex_t mutex;		/* guards the rest */
	struct pooled *table;
	size_t bytes;
};

enum sts_status
sts_text_pool_new(const struct sts_organisations *organisations, struct sts_text_pool **out)
{
	struct sts_text_pool *pool = calloc(1, sizeof(*pool));

	*out = NULL;
	if (pool == NULL)
		return STS_ENOMEM;
	if (pthread_mutex_init(&pool->mutex, NULL) != 0) {
		free(pool);
		return STS_ENOMEM;
	}
	pool->organisations = organisations;
	*out = pool;
	return STS_OK;
}

void
sts_text_pool_free(struct sts_text_pool **pool)
{
	if (*pool == NULL)
		return;
	assert((*pool)->table == NULL);
	pthread_mutex_destroy(&(*pool)->mutex);
	free(*pool);
	*pool = NULL;
}

static size_t
bytes_of(const struct pooled *p)
{
	return sizeof(*p) + sts_policy_text_size(p->text);
}

static struct pooled *
find_locked(struct sts_text_pool *pool, const struct sts_policy_text *text)
{
	struct pooled *p;

	HASH_FIND(hh, pool->table, text->text, (unsigned)text->len, p);
	return p;
}

/* Adds the text with its organisational domains, which the entry's own text lacks. NULL without memory. */
static struct pooled *
add_locked(struct sts_text_pool *pool, const struct sts_policy_text *text)
{
	struct pooled *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	if (sts_policy_text_new(text->text, text->len, pool->organisations, &p->text) == STS_OK)
		HASH_ADD_KEYPTR(hh, pool->table, p->text->text, (unsigned)p->text->len, p);
	if (p->hh.tbl == NULL) {
		sts_policy_text_unref(&p->text);
		free(p);
		return NULL;
	}
	pool->bytes += bytes_of(p);
	return p;
}

static void
remove_locked(struct sts_text_pool *pool, struct pooled *p)
{
	pool->bytes -= bytes_of(p);
	HASH_DEL(pool->table, p);
	sts_policy_text_unref(&p->text);
	free(p);
}

struct sts_entry *
sts_text_pool_share(struct sts_text_pool *pool, struct sts_entry *entry)
{
	const struct sts_policy_text *text = sts_entry_policy_text(entry);
	struct sts_entry *shared = NULL;
	struct pooled *p;

	if (text == NULL)
		return sts_entry_ref(entry);
	pthread_mutex_lock(&pool->mutex);
	if ((p = find_locked(pool, text)) == NULL)
		p = add_locked(pool, text);
	if (p != NULL && p->text == text)
		shared = sts_entry_ref(entry);
	else if (p != NULL)
		shared = sts_entry_with_text(entry, p->text);
	if (shared != NULL)
		p->shares++;
	else if (p != NULL && p->shares == 0)
		remove_locked(pool, p);
	pthread_mutex_unlock(&pool->mutex);
	return shared != NULL ? shared : sts_entry_ref(entry);
}

void
sts_text_pool_give_back(struct sts_text_pool *pool, const struct sts_entry *entry)
{
	const struct sts_policy_text *text = sts_entry_policy_text(entry);
	struct pooled *p;

	if (text == NULL)
		return;
	pthread_mutex_lock(&pool->mutex);
	p = find_locked(pool, text);
	if (p != NULL && p->text == text && --p->shares == 0)
		remove_locked(pool, p);
	pthread_mutex_unlock(&pool->mutex);
}

size_t
sts_text_pool_bytes(struct sts_text_pool *pool)
{
	size_t bytes;

	pthread_mutex_lock(&pool->mutex);
	bytes = pool->bytes;
	pthread_mutex_unlock(&pool->mutex);
	return bytes;
}
