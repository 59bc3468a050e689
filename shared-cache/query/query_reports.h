/* SPDX-License-Identifier: ISC */
/*
 * query_reports.h - received TLS reports in Redis: counted exactly once, and read for people.
 *
 * A script counts a report about one domain and day, all of it or nothing. Counted ids are remembered for as long as a report about
 * that day may come again, so that a call whose reply was lost can be repeated. Ids of unverified reports are kept apart, and can
 * neither shadow nor evict those of verified reports. A query belongs to one thread.
 */
#ifndef STS_QUERY_QUERY_REPORTS_H
#define STS_QUERY_QUERY_REPORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/reportstats/report_counts.h"
#include "shared-cache/ledger/counts.h"
#include "shared-cache/policy/record.h"
#include "shared-cache/query/query.h"

enum {
	STS_REPORT_KEPT_S = STS_REPORT_AGE_MAX_S + 2 * 86400,	/* a day's counters, after that day */
	STS_REPORT_IDS_MAX = 20000,		/* verified ones, for a domain and day */
	STS_REPORT_IDS_UNVERIFIED_MAX = 1000,
	STS_REPORT_FIELDS_MAX = 20000,		/* for a domain and day */
	STS_REPORT_FIELDS_UNVERIFIED_MAX = 2000,
	STS_REPORT_TOTALS_MAX = 1000,
};

struct sts_query_report {
	const struct sts_domain_counts *counts;
	const char *day;	/* "YYYY-MM-DD", of the report's start */
	int64_t day_start;	/* the same in seconds since the epoch */
	const char *id;		/* a hash of signer and report-id */
	bool verified;
};

enum sts_report_counted {
	STS_REPORT_COUNTED,
	STS_REPORT_KNOWN,	/* the same report was counted before */
	STS_REPORT_FULL,	/* too many of them for that domain and day */
	STS_REPORT_ODD,		/* a key of ours holds something else; nothing was counted */
	STS_REPORT_PENDING,	/* internal to query_reports.c; never returned with STS_OK */
};

/* Imports the whole list; outcomes has room for count. now: seconds. STS_EUNAVAILABLE: some may have been counted: repeat the
 * call. */
enum sts_status sts_query_import(struct sts_query *query, const struct sts_query_report *list, size_t count, int64_t now,
    enum sts_report_counted *outcomes);

/* Adds to the counters of received mail and reports, of all domains ("reports", "other", ...). Not exactly once: if the reply is
 * lost, it may have been counted. */
struct sts_query_intake {
	const char *name;	/* a literal */
	int64_t n;
};
enum sts_status sts_query_intake_add(struct sts_query *query, const struct sts_query_intake *list, size_t count);

/* Calls fn for each counter of a domain, for a day or (day NULL) of the totals. n: 0 to 10^15 - 1; or text, if not NULL, for
 * fields that hold a policy's text. Names are as in report_counts.h; others are left out. */
struct sts_report_field {
	const char *name;
	int64_t n;
	const char *text;	/* hostile */
};
typedef enum sts_status sts_report_field_fn(void *arg, const struct sts_report_field *field);
enum sts_status sts_query_report(struct sts_query *query, const char *domain, const char *day, bool verified,
    sts_report_field_fn *fn, void *arg);

/* The policy of a domain that the milters share, and its id. STS_ENOTFOUND: there is none. The caller frees *text. */
enum sts_status sts_query_policy(struct sts_query *query, const char *domain, char id[STS_ID_CAP], char **text);

/* Calls fn for each counter that sts_query_intake_add has written. */
enum sts_status sts_query_intake_read(struct sts_query *query, sts_report_field_fn *fn, void *arg);

#endif
