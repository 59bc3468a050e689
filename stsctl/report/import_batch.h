/* SPDX-License-Identifier: ISC */
/*
 * import_batch.h - sends the counters of reports (report_counts.h) to Redis, many at once, and counts the outcomes.
 *
 * A batch that Redis does not answer is sent once more. Then Redis counts as away, and nothing more is accepted: the caller will bring
 * the reports again, and those already counted are not counted twice. One thread.
 */
#ifndef STSCTL_REPORT_IMPORT_BATCH_H
#define STSCTL_REPORT_IMPORT_BATCH_H

#include <stdint.h>

#include "shared-cache/reportstats/report_counts.h"
#include "shared-cache/query/query_reports.h"
#include "shared-cache/tlsreport/report_trust.h"

/* What has come in. Each is also a counter of the `reports' counters, by the names in import_batch.c. */
enum import_count {
	IMPORT_PIECES,		/* mails and files */
	IMPORT_REPORTS,		/* reports read */
	IMPORT_COUNTED, IMPORT_UNVERIFIED, IMPORT_DUPLICATE, IMPORT_FULL,	/* one for each report and domain */
	IMPORT_FOREIGN, IMPORT_REFUSED,	/* policies of others' domains; nonsensical policies */
	IMPORT_OLD,		/* reports about an implausible time */
	IMPORT_OTHER, IMPORT_BROKEN, IMPORT_TOO_BIG,	/* pieces that are not reports */
	IMPORT_COUNTS
};
const char *import_count_name(enum import_count count);

struct import_batch;

/* The query remains the caller's. */
enum sts_status import_batch_new(struct sts_query *query, int64_t now, struct import_batch **out);
void import_batch_free(struct import_batch **batch);

/* Takes ownership of counts in any case. signer: "" when nobody vouched for the report. STS_EUNAVAILABLE: Redis is away. */
enum sts_status import_batch_add(struct import_batch *batch, const struct sts_report *report, const char *signer,
    struct sts_report_counts *counts);
/* Sends what remains, and the outcomes. */
enum sts_status import_batch_end(struct import_batch *batch);

int64_t *import_batch_counts(struct import_batch *batch);	/* IMPORT_COUNTS counts; the caller may add to them */

#endif
