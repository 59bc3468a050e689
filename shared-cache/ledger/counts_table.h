/* SPDX-License-Identifier: ISC */
/* counts_table.h - a table of rows of counters, for counts.c alone. A zeroed table is empty. */
#ifndef STS_LEDGER_COUNTS_TABLE_H
#define STS_LEDGER_COUNTS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/hash.h"
#include "shared-cache/ledger/row_pool.h"
#include "shared-cache/ledger/counts.h"

#define STS_OTHER "other"	/* the domain that stands for those that are not told apart */

/* Finds a row. The key is the day and, after it, the domain. */
struct sts_slot {
	UT_hash_handle hh;
	size_t index;		/* into the table's rows */
	size_t key_len;
	size_t cap;		/* of fields */
	bool listed;		/* some message was no stranger's */
	struct sts_count *fields;
	char key[];
};

struct sts_table {
	struct sts_slot *slots;
	struct sts_counts_row *rows;
	size_t row_count, row_cap, domain_count;
	uint64_t messages;
	struct sts_row_pool pool;		/* slots and their fields */
};

void sts_table_fini(struct sts_table *t);

struct sts_slot *sts_table_find(const struct sts_table *t, const char *day, const char *domain);
/* The same, added when it is not there. NULL without memory. Rows move when one is added. */
struct sts_slot *sts_table_slot(struct sts_table *t, const char *day, const char *domain);

/* Makes room for more fields; then sts_table_add cannot fail. Names are compared as pointers. */
bool sts_table_reserve(struct sts_table *t, struct sts_slot *slot, size_t more);
void sts_table_add(struct sts_table *t, struct sts_slot *slot, const char *name, int64_t n);
/* Times and messages of `more`, into row. */
void sts_table_times(struct sts_counts_row *row, const struct sts_counts_row *more);

/* Makes room by folding some domains into STS_OTHER: strangers first, then who writes least. Returns the messages folded. */
uint64_t sts_table_fold(struct sts_table *t);

#endif
