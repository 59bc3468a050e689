/* SPDX-License-Identifier: ISC */
/* domain_ranking.c - collects and sorts rows. Knows nothing of what the numbers mean. */
#include "config.h"

#include "stsctl/stats/domain_ranking.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAP = 256 };

void
domain_ranking_fini(struct domain_ranking *rows)
{
	free(rows->rows);
	memset(rows, 0, sizeof(*rows));
}

/* Sorts rows of the same domain by when it was seen, the last first. */
static int
by_domain(const void *a, const void *b)
{
	const struct sts_query_row *x = a, *y = b;
	int order = strcmp(x->domain, y->domain);

	if (order != 0)
		return order;
	return x->last_seen == y->last_seen ? 0 : x->last_seen > y->last_seen ? -1 : 1;
}

static int
by_number(const void *a, const void *b, void *arg)
{
	const struct sts_query_row *x = a, *y = b;
	size_t key = *(const size_t *)arg;

	if (x->n[key] != y->n[key])
		return x->n[key] > y->n[key] ? -1 : 1;
	return strcmp(x->domain, y->domain);
}

void
domain_ranking_settle(struct domain_ranking *rows)
{
	size_t count = 0;

	if (rows->count == 0)
		return;
	qsort(rows->rows, rows->count, sizeof(rows->rows[0]), by_domain);
	for (size_t i = 0; i < rows->count; i++) {
		if (count > 0 && strcmp(rows->rows[count - 1].domain, rows->rows[i].domain) == 0)
			continue;
		if (count != i)
			rows->rows[count] = rows->rows[i];
		count++;
	}
	rows->count = count;
	qsort_r(rows->rows, rows->count, sizeof(rows->rows[0]), by_number, &rows->key);
}

static bool
make_room(struct domain_ranking *rows)
{
	size_t cap = rows->cap > 0 ? 2 * rows->cap : FIRST_CAP;
	struct sts_query_row *grown;

	if (rows->keep > 0 && rows->count >= 2 * rows->keep && rows->count >= FIRST_CAP) {
		domain_ranking_settle(rows);
		if (rows->count > rows->keep)
			rows->count = rows->keep;
	}
	if (rows->count >= DOMAIN_RANKING_MAX) {
		rows->status = STS_EFULL;
		return false;
	}
	if (rows->count < rows->cap)
		return true;
	if ((grown = realloc(rows->rows, cap * sizeof(*grown))) == NULL) {
		rows->status = STS_ENOMEM;
		return false;
	}
	rows->rows = grown;
	rows->cap = cap;
	return true;
}

bool
domain_ranking_add(struct domain_ranking *rows, const struct sts_query_row *row)
{
	if (!make_room(rows))
		return false;
	rows->rows[rows->count++] = *row;
	return true;
}
