/* SPDX-License-Identifier: ISC */
/*
 * domain_ranking.h - ranks the domains of a walk through Redis by one number, the greatest first; a domain that comes twice is listed
 * once.
 *
 * A ranking belongs to one thread.
 */
#ifndef STSCTL_STATS_DOMAIN_RANKING_H
#define STSCTL_STATS_DOMAIN_RANKING_H

#include "shared-cache/query/query.h"

struct domain_ranking {
	struct sts_query_row *rows;
	size_t count, cap;
	size_t keep;		/* how many to keep, at least: of more than twice as many, only the greatest stay; 0: all, up to
				 * DOMAIN_RANKING_MAX */
	size_t key;		/* the number to rank by: an index into sts_query_row.n */
	enum sts_status status;	/* STS_ENOMEM, or STS_EFULL: more than DOMAIN_RANKING_MAX */
};

enum { DOMAIN_RANKING_MAX = 100000 };

void domain_ranking_fini(struct domain_ranking *rows);
/* Adds a row. False: an error, so that further rows are useless. */
bool domain_ranking_add(struct domain_ranking *rows, const struct sts_query_row *row);
/* Removes duplicates, and sorts. */
void domain_ranking_settle(struct domain_ranking *rows);

#endif
