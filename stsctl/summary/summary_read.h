/* SPDX-License-Identifier: ISC */
/* summary_read.h - reads a summary of a domain's reports from Redis, for a number of days. One thread. */
#ifndef STSCTL_SUMMARY_SUMMARY_READ_H
#define STSCTL_SUMMARY_SUMMARY_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/query/query_reports.h"
#include "stsctl/summary/summary.h"

enum { SUMMARY_DAYS_MAX = 400 };

struct summary_days {
	char list[SUMMARY_DAYS_MAX][STS_DAY_CAP];	/* the oldest first, today last */
	size_t count;
	int64_t since;			/* when the first day begins, in seconds */
};

/* The last count days (1 to SUMMARY_DAYS_MAX), today included. now: seconds. */
void summary_days_of(size_t count, int64_t now, struct summary_days *out);

/* Adds the reports of these days to *out, the verified or the others, and sorts it. Statuses as those of sts_query_report. */
enum sts_status summary_read(struct sts_query *query, const char *domain, const struct summary_days *days, bool verified,
    struct summary *out);

#endif
