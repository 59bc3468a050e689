/* SPDX-License-Identifier: ISC */
/*
 * import_batch.h - the counters of reports on their way to Redis, many in one go; and what came of them.
 *
 * A batch that Redis did not answer is sent once more; then Redis is away, and nothing more is taken: whoever brings the reports
 * brings them again, and what was counted already is not counted twice. One thread.
 */
#ifndef STSCTL_REPORT_IMPORT_BATCH_H
#define STSCTL_REPORT_IMPORT_BATCH_H

#include <stdint.h>

#include "shared-cache/reportstats/report_counts.h"
#include "shared-cache/query/query_reports.h"
#include "shared-cache/tlsreport/report_trust.h"

/* What came in; each is a field of the counters of `reports' too, by the names in import_batch.c. */
enum import_count {
	IMPORT_PIECES,		/* mails and files */
	IMPORT_REPORTS,		/* reports read */
	IMPORT_COUNTED, IMPORT_UNVERIFIED, IMPORT_DUPLICATE, IMPORT_FULL,	/* by report and domain */
	IMPORT_FOREIGN, IMPORT_REFUSED,	/* policies of other people's domains; those that make no sense */
	IMPORT_OLD,		/* reports about a time that is not believed */
	IMPORT_OTHER, IMPORT_BROKEN, IMPORT_TOO_BIG,	/* pieces that are no report */
	IMPORT_COUNTS
};
const char *import_count_name(enum import_count count);

struct import_batch;

/* The query stays the caller's. */
enum sts_status import_batch_new(struct sts_query *query, int64_t now, struct import_batch **out);
void import_batch_free(struct import_batch **batch);

/* Takes over the counts, whatever comes. signer: "" when nobody has vouched for it. STS_EUNAVAILABLE: Redis is away. */
enum sts_status import_batch_add(struct import_batch *batch, const struct sts_report *report, const char *signer,
    struct sts_report_counts *counts);
/* Sends what is left, and what was counted of all that came in. */
enum sts_status import_batch_end(struct import_batch *batch);

int64_t *import_batch_counts(struct import_batch *batch);	/* IMPORT_COUNTS of them, for the caller to add to */

#endif
