/* SPDX-License-Identifier: ISC */
/*
 * report_sheet.h - a report -> what is to be counted of it, for each of our domains: a sheet, with rows of a name and a number.
 *
 * The names, in which ORG is the signer's domain (the organisation's name as it calls itself when nobody has vouched for it),
 * KIND one of sts_report_kind_name, and every part A-Z a-z 0-9 . _ + - alone:
 *
 *   reports                                  1
 *   success, failure, failure:RESULT         sts: what the summaries say, and the details
 *   KIND:success, KIND:failure, KIND:failure:RESULT        tlsa and none alike, never added to the above
 *   org:ORG                                  1
 *   org:ORG:KIND:success, ...:failure        with sts, too
 *   detail:KIND:RESULT:REASON:MX:ORG         failures that are alike; `-' where the report does not say
 *   policy:HASH:MODE:success, ...:failure    of sts: by the text that the sender held (policy_hash.h)
 *
 * The first four go to the totals since the start as well. Not locked, no clock. A sheet belongs to one thread.
 */
#ifndef STS_FILING_REPORT_SHEET_H
#define STS_FILING_REPORT_SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/filing/policy_hash.h"
#include "shared-cache/tlsreport/report.h"

enum {
	STS_SHEET_DETAILS_MAX = 400,	/* of one sheet; further ones lose reason and MX, see folded */
	STS_SHEET_ODD_RESULTS_MAX = 8,	/* result types of its own; further ones are `other' */
	STS_SHEET_TEXTS_MAX = 8,	/* policy texts */
	STS_SHEET_TEXT_CAP = 2048,	/* a longer one is not kept, only its hash */
	STS_SHEETS_MAX = STS_REPORT_POLICIES_MAX,
};

/* Where a row goes. Names that strangers choose may be without number, so that theirs can be folded. */
enum sts_row_place {
	STS_ROW_DAY,		/* the day's sums alone */
	STS_ROW_ALWAYS,		/* and the totals; one of a fixed set of names */
	STS_ROW_TOTAL,		/* and the totals */
};

struct sts_sheet_row {
	char *name;
	int64_t n;
	enum sts_row_place place;
};

struct sts_sheet_text {
	char hash[STS_TEXT_HASH_CAP];
	char *canon;		/* policy_text.h */
};

struct sts_sheet {
	char domain[STS_DOMAIN_CAP];	/* one of ours */
	struct sts_sheet_row *rows;
	size_t row_count, row_cap, detail_count, odd_result_count;
	struct sts_sheet_text texts[STS_SHEET_TEXTS_MAX];
	size_t text_count;
};

struct sts_sheets {
	struct sts_sheet *list;
	size_t count;
	size_t foreign;		/* policies about domains that are not ours */
	size_t refused;		/* policies that the reader refused */
};

/* Whether a policy's domain is ours, and under which of our domains it is counted. domain: normalised, "" when the report does
 * not say. */
typedef bool sts_sheet_own_fn(void *arg, enum sts_report_kind kind, const char *domain, char out[STS_DOMAIN_CAP]);

struct sts_sheet_params {
	const char *signer;	/* "" when nobody has vouched for it */
	sts_sheet_own_fn *own;
	void *own_arg;
};

/* out is to be freed whatever comes. STS_ENOMEM. */
enum sts_status sts_sheets_make(const struct sts_report *report, const struct sts_sheet_params *params, struct sts_sheets *out);
void sts_sheets_fini(struct sts_sheets *sheets);

#endif
