/* SPDX-License-Identifier: ISC */
/*
 * query_reports.h - TLS reports in Redis: counted exactly once, and read for people.
 *
 * A report about one domain and day is one script: all of it is in, or nothing. What is counted is remembered by id for as
 * long as a report about that day could come again, so that a call whose reply was lost can be made once more. Ids that nobody
 * has vouched for are remembered apart and can neither shadow nor push out those of verified reports. A query belongs to one
 * thread.
 */
#ifndef STS_QUERY_QUERY_REPORTS_H
#define STS_QUERY_QUERY_REPORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/filing/report_sheet.h"
#include "shared-cache/ledger/counts.h"
#include "shared-cache/policy/record.h"
#include "shared-cache/query/query.h"

enum {
	STS_REPORT_KEPT_S = STS_REPORT_AGE_MAX_S + 2 * 86400,	/* counters of a day, after that day */
	STS_REPORT_IDS_MAX = 20000,		/* verified ones, of a domain and day */
	STS_REPORT_IDS_UNVERIFIED_MAX = 1000,
	STS_REPORT_FIELDS_MAX = 20000,		/* of a domain and day */
	STS_REPORT_FIELDS_UNVERIFIED_MAX = 2000,
	STS_REPORT_TOTALS_MAX = 1000,
};

struct sts_query_report {
	const struct sts_sheet *sheet;
	const char *day;	/* "YYYY-MM-DD", of the report's start */
	int64_t day_start;	/* the same in seconds */
	const char *id;		/* a hash of signer and report-id */
	bool verified;
};

enum sts_report_counted {
	STS_REPORT_COUNTED,
	STS_REPORT_KNOWN,	/* the same report was counted before */
	STS_REPORT_FULL,	/* too many of them for that domain and day */
	STS_REPORT_ODD,		/* a key of ours is something else; nothing was counted */
	STS_REPORT_PENDING,	/* query_reports.c's; never given out with STS_OK */
};

/* All of list in one go; outcomes has room for count. now in seconds. STS_EUNAVAILABLE: some may be in, some not: call again. */
enum sts_status sts_query_import(struct sts_query *query, const struct sts_query_report *list, size_t count, int64_t now,
    enum sts_report_counted *outcomes);

/* Adds to what came in, of whatever domain ("reports", "other", ...). Not exactly once: when the reply is lost it may be in. */
struct sts_query_intake {
	const char *name;	/* a literal */
	int64_t n;
};
enum sts_status sts_query_intake_add(struct sts_query *query, const struct sts_query_intake *list, size_t count);

/* Calls fn for each counter of a domain: of a day, or, day NULL, of the totals. n: 0 to 10^15 - 1; text instead, if not NULL, of
 * the fields that hold a policy's text. Names are as in report_sheet.h; what cannot be one is left out. */
struct sts_report_field {
	const char *name;
	int64_t n;
	const char *text;	/* hostile */
};
typedef enum sts_status sts_report_field_fn(void *arg, const struct sts_report_field *field);
enum sts_status sts_query_report(struct sts_query *query, const char *domain, const char *day, bool verified,
    sts_report_field_fn *fn, void *arg);

/* The policy that the milters share of a domain, and its id. STS_ENOTFOUND: they hold none. The caller frees *text. */
enum sts_status sts_query_policy(struct sts_query *query, const char *domain, char id[STS_ID_CAP], char **text);

/* The same of what came in. */
enum sts_status sts_query_intake_read(struct sts_query *query, sts_report_field_fn *fn, void *arg);

#endif
