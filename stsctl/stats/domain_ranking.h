/* SPDX-License-Identifier: ISC */
/*
 * domain_ranking.h - domains of a walk: each once, however often it came by, the greatest by one number first.
 * A list belongs to one thread.
 */
#ifndef STSCTL_STATS_DOMAIN_RANKING_H
#define STSCTL_STATS_DOMAIN_RANKING_H

#include "shared-cache/query/query.h"

struct domain_ranking {
	struct sts_query_row *rows;
	size_t count, cap;
	size_t keep;		/* of more than twice as many, only the greatest are kept; 0: all, up to DOMAIN_RANKING_MAX */
	size_t key;		/* which number */
	enum sts_status status;	/* STS_ENOMEM, or STS_EFULL: more than DOMAIN_RANKING_MAX */
};

enum { DOMAIN_RANKING_MAX = 100000 };

void domain_ranking_fini(struct domain_ranking *rows);
/* False when there is no use in more. */
bool domain_ranking_add(struct domain_ranking *rows, const struct sts_query_row *row);
/* Sorts, and leaves out what is there twice. */
void domain_ranking_settle(struct domain_ranking *rows);

#endif
