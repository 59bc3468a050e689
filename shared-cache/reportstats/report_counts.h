/* SPDX-License-Identifier: ISC */
/*
 * report_counts.h - the counters that a TLS report adds to, for each of our domains: a name and a number each.
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
 * The first three go to the totals since the start as well. Not locked, no clock. One thread.
 */
#ifndef STS_REPORTSTATS_REPORT_COUNTS_H
#define STS_REPORTSTATS_REPORT_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/reportstats/policy_hash.h"
#include "shared-cache/tlsreport/report.h"

enum {
	STS_REPORT_COUNTS_DETAILS_MAX = 400,	/* of one domain; further ones lose reason and MX, see folded */
	STS_REPORT_COUNTS_ODD_RESULTS_MAX = 8,	/* result types of its own; further ones are `other' */
	STS_REPORT_COUNTS_TEXTS_MAX = 8,		/* policy texts */
	STS_REPORT_COUNTS_TEXT_CAP = 2048,	/* a longer one is not kept, only its hash */
	STS_REPORT_COUNTS_DOMAINS_MAX = STS_REPORT_POLICIES_MAX,
};

/* Where a row goes. Names that strangers choose may be without number, so that theirs can be folded. */
enum sts_report_count_scope {
	STS_SCOPE_DAY,			/* the day's sums alone */
	STS_SCOPE_TOTAL_FIXED,		/* and the totals; one of a fixed set of names */
	STS_SCOPE_TOTAL,		/* and the totals */
};

struct sts_report_count {
	char *name;
	int64_t n;
	enum sts_report_count_scope scope;
};

struct sts_report_policy_text {
	char hash[STS_TEXT_HASH_CAP];
	char *canon;		/* canonical_policy.h */
};

struct sts_domain_counts {
	char domain[STS_DOMAIN_CAP];	/* one of ours */
	struct sts_report_count *rows;
	size_t row_count, row_cap, detail_count, odd_result_count;
	struct sts_report_policy_text texts[STS_REPORT_COUNTS_TEXTS_MAX];
	size_t text_count;
};

struct sts_report_counts {
	struct sts_domain_counts *list;
	size_t count;
	size_t foreign;		/* policies about domains that are not ours */
	size_t refused;		/* policies that the reader refused */
};

/* Whether a policy's domain is ours, and under which of our domains it is counted. domain: normalised, "" when the report does
 * not say. */
typedef bool sts_report_own_fn(void *arg, enum sts_report_kind kind, const char *domain, char out[STS_DOMAIN_CAP]);

struct sts_report_counts_params {
	const char *signer;	/* "" when nobody has vouched for it */
	sts_report_own_fn *own;
	void *own_arg;
};

/* out is to be freed whatever comes. STS_ENOMEM. */
enum sts_status sts_report_counts_make(const struct sts_report *report, const struct sts_report_counts_params *params,
    struct sts_report_counts *out);
void sts_report_counts_fini(struct sts_report_counts *counts);

#endif
