/* SPDX-License-Identifier: ISC */
/* counts_table.h - a table of rows of counters, for counts.c only. Initialise to zero. */
#ifndef STS_LEDGER_COUNTS_TABLE_H
#define STS_LEDGER_COUNTS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/hash.h"
#include "shared-cache/ledger/row_pool.h"
#include "shared-cache/ledger/counts.h"

#define STS_COUNTS_OTHER "other"	/* the pseudo domain of all that are not counted by name */

/* Entry of the hash table that finds a row. The key is the day followed by the domain. */
struct sts_counts_slot {
	UT_hash_handle hh;
	size_t index;		/* of the row in the table */
	size_t key_len;
	size_t cap;		/* of fields */
	bool listed;		/* counted at least one message that was not a stranger's */
	struct sts_count *fields;
	char key[];
};

struct sts_counts_table {
	struct sts_counts_slot *slots;
	struct sts_counts_row *rows;
	size_t row_count, row_cap, domain_count;
	uint64_t messages;
	struct sts_row_pool pool;		/* memory of slots and their fields */
};

void sts_counts_table_fini(struct sts_counts_table *t);

struct sts_counts_slot *sts_counts_table_find(const struct sts_counts_table *t, const char *day, const char *domain);
/* The same; adds a row if there is none. NULL when out of memory. Adding a row moves the others. */
struct sts_counts_slot *sts_counts_table_find_or_add(struct sts_counts_table *t, const char *day, const char *domain);

/* Makes room for more fields, so that as many calls of sts_counts_table_add cannot fail. Names are compared as pointers. */
bool sts_counts_table_reserve(struct sts_counts_table *t, struct sts_counts_slot *slot, size_t more);
void sts_counts_table_add(struct sts_counts_table *t, struct sts_counts_slot *slot, const char *name, int64_t n);
/* Merges the times and the number of messages of `more` into row. */
void sts_counts_table_times(struct sts_counts_row *row, const struct sts_counts_row *more);

/* Makes room by folding some domains into STS_COUNTS_OTHER: strangers first, then those with the fewest messages. Returns the number of
 * messages folded. */
uint64_t sts_counts_table_fold(struct sts_counts_table *t);

#endif
