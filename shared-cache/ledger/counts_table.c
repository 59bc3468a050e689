/* SPDX-License-Identifier: ISC */
/*
 * counts_table.c - rows of counters; folds the rarest. Knows neither messages nor batches.
 *
 * The rows are an array in the form that the store reads, so freezing is a swap of pointers. A row has few fields; their
 * names are compared as pointers.
 */
#include "config.h"

#include "shared-cache/ledger/counts_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	FIRST_ROWS = 64,
	FIRST_FIELDS = 16,
	FOLD_SHARE = 8,		/* folds one of so many domains at a time */
};

/* ---- rows ---- */

static size_t
size_of_slot(size_t key_len)
{
	return sizeof(struct sts_counts_slot) + key_len + 1;
}

static void
free_slot(struct sts_counts_table *t, struct sts_counts_slot *slot)
{
	sts_row_pool_free(&t->pool, slot->fields, slot->cap * sizeof(*slot->fields));
	sts_row_pool_free(&t->pool, slot, size_of_slot(slot->key_len));
}

void
sts_counts_table_fini(struct sts_counts_table *t)
{
	struct sts_counts_slot *slot, *next;

	HASH_ITER(hh, t->slots, slot, next) {
		HASH_DEL(t->slots, slot);
		free_slot(t, slot);
	}
	sts_row_pool_fini(&t->pool);
	free(t->rows);
	memset(t, 0, sizeof(*t));
}

static bool
reserve_row(struct sts_counts_table *t)
{
	size_t cap = t->row_cap == 0 ? FIRST_ROWS : 2 * t->row_cap;
	struct sts_counts_row *grown;

	if (t->row_count < t->row_cap)
		return true;
	grown = realloc(t->rows, cap * sizeof(*grown));
	if (grown == NULL)
		return false;
	t->rows = grown;
	t->row_cap = cap;
	return true;
}

static size_t
make_key(const char *day, const char *domain, char key[STS_DAY_CAP + STS_DOMAIN_CAP])
{
	return (size_t)(stpcpy(stpcpy(key, day), domain) - key);
}

struct sts_counts_slot *
sts_counts_table_find(const struct sts_counts_table *t, const char *day, const char *domain)
{
	char key[STS_DAY_CAP + STS_DOMAIN_CAP];
	size_t len = make_key(day, domain, key);
	struct sts_counts_slot *slot;

	HASH_FIND(hh, t->slots, key, len, slot);
	return slot;
}

/* Whether the domain counts towards the limit: neither the totals nor `other' do. */
static bool
is_counted_domain(const char *domain)
{
	return domain[0] != '\0' && strcmp(domain, STS_COUNTS_OTHER) != 0;
}

static struct sts_counts_slot *
add_slot(struct sts_counts_table *t, const char *day, const char *domain)
{
	char key[STS_DAY_CAP + STS_DOMAIN_CAP];
	size_t len = make_key(day, domain, key);
	struct sts_counts_row *row;
	struct sts_counts_slot *slot;

	if (!reserve_row(t) || (slot = sts_row_pool_alloc(&t->pool, size_of_slot(len))) == NULL)
		return NULL;
	memset(slot, 0, size_of_slot(len));
	slot->key_len = len;
	memcpy(slot->key, key, len);
	HASH_ADD_KEYPTR(hh, t->slots, slot->key, len, slot);
	if (slot->hh.tbl == NULL) {
		free_slot(t, slot);
		return NULL;
	}
	slot->index = t->row_count++;
	row = &t->rows[slot->index];
	memset(row, 0, sizeof(*row));
	strcpy(row->domain, domain);
	strcpy(row->day, day);
	t->domain_count += is_counted_domain(domain);
	return slot;
}

struct sts_counts_slot *
sts_counts_table_find_or_add(struct sts_counts_table *t, const char *day, const char *domain)
{
	struct sts_counts_slot *slot = sts_counts_table_find(t, day, domain);

	return slot != NULL ? slot : add_slot(t, day, domain);
}

bool
sts_counts_table_reserve(struct sts_counts_table *t, struct sts_counts_slot *slot, size_t more)
{
	struct sts_counts_row *row = &t->rows[slot->index];
	size_t cap = slot->cap == 0 ? FIRST_FIELDS : slot->cap;
	struct sts_count *grown;

	while (cap < row->field_count + more)
		cap *= 2;
	if (cap == slot->cap)
		return true;
	grown = sts_row_pool_alloc(&t->pool, cap * sizeof(*grown));
	if (grown == NULL)
		return false;
	if (slot->fields != NULL)
		memcpy(grown, slot->fields, row->field_count * sizeof(*grown));
	sts_row_pool_free(&t->pool, slot->fields, slot->cap * sizeof(*grown));
	row->fields = slot->fields = grown;
	slot->cap = cap;
	return true;
}

void
sts_counts_table_add(struct sts_counts_table *t, struct sts_counts_slot *slot, const char *name, int64_t n)
{
	struct sts_counts_row *row = &t->rows[slot->index];

	for (size_t i = 0; i < row->field_count; i++) {
		if (slot->fields[i].field == name) {
			slot->fields[i].n += n;
			return;
		}
	}
	assert(row->field_count < slot->cap);
	slot->fields[row->field_count++] = (struct sts_count){ name, n };
}

void
sts_counts_table_times(struct sts_counts_row *row, const struct sts_counts_row *more)
{
	if (row->messages == 0 || more->first_seen < row->first_seen)
		row->first_seen = more->first_seen;
	if (more->last_seen > row->last_seen)
		row->last_seen = more->last_seen;
	if (more->last_plaintext > row->last_plaintext)
		row->last_plaintext = more->last_plaintext;
	row->messages += more->messages;
}

/* ---- the rarest ---- */

struct candidate {
	size_t index;		/* of its row */
	bool listed;
	uint64_t messages;
	int64_t last_seen;
};

/* What to fold first: strangers, then the domains with the fewest messages, then those not seen for longest. */
static int
by_rarity(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;

	if (a->listed != b->listed)
		return a->listed ? 1 : -1;
	if (a->messages != b->messages)
		return a->messages < b->messages ? -1 : 1;
	if (a->last_seen != b->last_seen)
		return a->last_seen < b->last_seen ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

static int
by_index_downwards(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;

	return a->index > b->index ? -1 : a->index < b->index;
}

/* Adds the row to `other`. True when all of it is there. */
static bool
copy_to_other(struct sts_counts_table *t, size_t index)
{
	struct sts_counts_slot *slot = sts_counts_table_find_or_add(t, t->rows[index].day, STS_COUNTS_OTHER);
	const struct sts_counts_row *row = &t->rows[index];	/* adding a row may have moved it */

	if (slot == NULL || !sts_counts_table_reserve(t, slot, row->field_count))
		return false;
	for (size_t i = 0; i < row->field_count; i++)
		sts_counts_table_add(t, slot, row->fields[i].field, row->fields[i].n);
	sts_counts_table_times(&t->rows[slot->index], row);
	return true;
}

/* Removes a row; the last one takes its place. */
static void
drop_row(struct sts_counts_table *t, size_t index)
{
	struct sts_counts_slot *slot = sts_counts_table_find(t, t->rows[index].day, t->rows[index].domain);

	t->domain_count -= is_counted_domain(t->rows[index].domain);
	HASH_DEL(t->slots, slot);
	free_slot(t, slot);
	if (index == --t->row_count)
		return;
	t->rows[index] = t->rows[t->row_count];
	sts_counts_table_find(t, t->rows[index].day, t->rows[index].domain)->index = index;
}

static struct candidate *
list_candidates(const struct sts_counts_table *t)
{
	struct candidate *list = calloc(t->domain_count, sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; list != NULL && i < t->row_count; i++) {
		const struct sts_counts_row *row = &t->rows[i];

		if (is_counted_domain(row->domain))
			list[n++] = (struct candidate){ i, sts_counts_table_find(t, row->day, row->domain)->listed, row->messages,
				row->last_seen };
	}
	return list;
}

/* Folds many at a time, because it has to look at the whole table. */
uint64_t
sts_counts_table_fold(struct sts_counts_table *t)
{
	size_t count = t->domain_count / FOLD_SHARE + 1;
	struct candidate *list;
	uint64_t folded = 0;

	if (t->domain_count == 0 || (list = list_candidates(t)) == NULL)
		return 0;
	qsort(list, t->domain_count, sizeof(*list), by_rarity);
	/* From the end, so that a row that drop_row moves is never one to be folded. */
	qsort(list, count, sizeof(*list), by_index_downwards);
	for (size_t i = 0; i < count; i++) {
		uint64_t messages = t->rows[list[i].index].messages;

		if (!copy_to_other(t, list[i].index))
			continue;
		drop_row(t, list[i].index);
		folded += messages;
	}
	free(list);
	return folded;
}
