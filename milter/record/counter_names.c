/* SPDX-License-Identifier: ISC */
/* counter_names.c - a hash table from two addresses to a text, written under a lock and read without. Knows no counters. */
#include "config.h"

#include "milter/record/counter_names.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/text.h"
#include "shared-cache/ledger/counts.h"

enum { NAMES_MAX = 192, PAIRS_MAX = 2 * NAMES_MAX, SLOTS = 1024 };

struct name {
	char plain[STS_COUNT_FIELD_CAP];
	char aligned[STS_COUNT_FIELD_CAP];
};

/* Never changes once a slot points to it. Two pairs may have the same text. */
struct pair {
	const char *prefix, *value;
	const struct name *name;
};

struct counter_names {
	_Atomic(const struct pair *) slots[SLOTS];
	pthread_mutex_t mutex;		/* guards additions */
	size_t pair_count, name_count;
	struct pair pairs[PAIRS_MAX];
	struct name names[NAMES_MAX];
};

enum sts_status
counter_names_new(struct counter_names **out)
{
	struct counter_names *names = calloc(1, sizeof(*names));

	*out = NULL;
	if (names == NULL)
		return STS_ENOMEM;
	if (pthread_mutex_init(&names->mutex, NULL) != 0) {
		free(names);
		return STS_ENOMEM;
	}
	*out = names;
	return STS_OK;
}

void
counter_names_free(struct counter_names **names)
{
	if (*names == NULL)
		return;
	pthread_mutex_destroy(&(*names)->mutex);
	free(*names);
	*names = NULL;
}

static size_t
first_slot(const char *prefix, const char *value)
{
	uint64_t mixed = ((uint64_t)(uintptr_t)prefix * 31 + (uint64_t)(uintptr_t)value) * 0x9e3779b97f4a7c15u;

	return (size_t)(mixed >> 32) % SLOTS;
}

/* The slot of the pair, or the free slot where it would go. There always is one: there are fewer pairs than slots. */
static const struct pair *
find(struct counter_names *names, const char *prefix, const char *value, size_t *slot)
{
	const struct pair *pair;

	for (*slot = first_slot(prefix, value);; *slot = (*slot + 1) % SLOTS) {
		pair = atomic_load_explicit(&names->slots[*slot], memory_order_acquire);
		if (pair == NULL || (pair->prefix == prefix && pair->value == value))
			return pair;
	}
}

static const struct name *
make_name(struct counter_names *names, const char *prefix, const char *value)
{
	char storage[STS_COUNT_FIELD_CAP];
	struct sts_text text;
	struct name *name;

	sts_text_init(&text, storage, sizeof(storage));
	sts_text_add(&text, prefix);
	sts_text_add_token(&text, value, strlen(value));
	for (size_t i = 0; i < names->name_count; i++)
		if (strcmp(names->names[i].plain, storage) == 0)
			return &names->names[i];
	if (names->name_count == NAMES_MAX)
		return NULL;
	name = &names->names[names->name_count++];
	memcpy(name->plain, storage, sizeof(storage));
	sts_text_init(&text, name->aligned, sizeof(name->aligned));
	sts_text_add(&text, COUNTER_NAMES_ALIGNED);
	sts_text_add(&text, storage);
	return name;
}

static const struct pair *
add_locked(struct counter_names *names, const char *prefix, const char *value)
{
	size_t slot;
	const struct pair *there = find(names, prefix, value, &slot);
	const struct name *name;
	struct pair *pair;

	if (there != NULL)
		return there;	/* another thread has just added it */
	if (names->pair_count == PAIRS_MAX || (name = make_name(names, prefix, value)) == NULL)
		return NULL;
	pair = &names->pairs[names->pair_count++];
	*pair = (struct pair){ prefix, value, name };
	atomic_store_explicit(&names->slots[slot], pair, memory_order_release);
	return pair;
}

const char *
counter_name(struct counter_names *names, const char *prefix, const char *value)
{
	size_t slot;
	const struct pair *pair = find(names, prefix, value, &slot);

	if (pair == NULL) {
		pthread_mutex_lock(&names->mutex);
		pair = add_locked(names, prefix, value);
		pthread_mutex_unlock(&names->mutex);
	}
	return pair != NULL ? pair->name->plain : NULL;
}

const char *
counter_names_memory(const struct counter_names *names, size_t *size)
{
	*size = sizeof(names->names);
	return (const char *)names->names;
}

const char *
counter_name_aligned(const struct counter_names *names, const char *name)
{
	size_t size;
	const char *begin = counter_names_memory(names, &size);

	if ((uintptr_t)name < (uintptr_t)begin || (uintptr_t)name >= (uintptr_t)begin + size)
		return NULL;
	return name + sizeof(((struct name *)0)->plain);
}
