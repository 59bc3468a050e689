/* SPDX-License-Identifier: ISC */
/* collect.h - the days that a question is about, and a domain's reports of these days, from Redis. One thread. */
#ifndef STSCTL_SUMMARY_COLLECT_H
#define STSCTL_SUMMARY_COLLECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/query/query_reports.h"
#include "stsctl/summary/summary.h"

enum { COLLECT_DAYS_MAX = 400 };

struct collect_days {
	char list[COLLECT_DAYS_MAX][STS_DAY_CAP];	/* the oldest first, today last */
	size_t count;
	int64_t since;			/* when the first one begins; seconds */
};

/* The last count days, 1 to COLLECT_DAYS_MAX, today included. now in seconds. */
void collect_days_of(size_t count, int64_t now, struct collect_days *out);

/* Adds the days to *out and sorts it. */
enum sts_status collect_summary(struct sts_query *query, const char *domain, const struct collect_days *days, bool verified,
    struct summary *out);

#endif
