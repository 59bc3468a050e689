/* SPDX-License-Identifier: ISC */
/*
 * domain_ranking.h - domains of a walk: each once, however often it came by, the greatest by one number first.
 * A list belongs to one thread.
 */
#ifndef STSCTL_ROWS_H
#define STSCTL_ROWS_H

#include "shared-cache/query/query.h"

struct rows {
	struct sts_query_row *rows;
	size_t count, cap;
	size_t keep;		/* of more than twice as many, only the greatest are kept; 0: all, up to ROWS_MAX */
	size_t key;		/* which number */
	enum sts_status status;	/* STS_ENOMEM, or STS_EFULL: more than ROWS_MAX */
};

enum { ROWS_MAX = 100000 };

void rows_fini(struct rows *rows);
/* False when there is no use in more. */
bool rows_add(struct rows *rows, const struct sts_query_row *row);
/* Sorts, and leaves out what is there twice. */
void rows_settle(struct rows *rows);

#endif
