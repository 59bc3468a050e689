/* SPDX-License-Identifier: ISC */
/*
 * report_counts.h - the counters that a TLS report adds to, for each of our domains: names with numbers.
 *
 * In the names, ORG is the signer's domain (or the organisation's own name for itself, when nobody vouches for it), KIND one of
 * sts_report_kind_name, and every part consists of A-Z a-z 0-9 . _ + - only:
 *
 *   reports                                  1
 *   success, failure, failure:RESULT         sts: from the summaries and the details
 *   KIND:success, KIND:failure, KIND:failure:RESULT        tlsa and none, never added to the above
 *   org:ORG                                  1
 *   org:ORG:KIND:success, ...:failure        also for sts
 *   detail:KIND:RESULT:REASON:MX:ORG         sessions with the same failure; `-' for what the report lacks
 *   policy:HASH:MODE:success, ...:failure    sts: by the text that the sender had (policy_hash.h)
 *
 * The first four lines go to the totals since the beginning as well. Not locked, no clock. One thread.
 */
#ifndef STS_REPORTSTATS_REPORT_COUNTS_H
#define STS_REPORTSTATS_REPORT_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/reportstats/policy_hash.h"
#include "shared-cache/tlsreport/report.h"

enum {
	STS_REPORT_COUNTS_DETAILS_MAX = 400,	/* per domain; further ones are counted without reason and MX */
	STS_REPORT_COUNTS_ODD_RESULTS_MAX = 8,	/* result types unknown to the RFC; further ones are counted as `other' */
	STS_REPORT_COUNTS_TEXTS_MAX = 8,		/* policy texts */
	STS_REPORT_COUNTS_TEXT_CAP = 2048,	/* of a longer text, only the hash is kept */
	STS_REPORT_COUNTS_DOMAINS_MAX = STS_REPORT_POLICIES_MAX,
};

/* Where a counter goes. Strangers may choose any number of names, so theirs can be folded. */
enum sts_report_count_scope {
	STS_SCOPE_DAY,			/* only to the sums of the day */
	STS_SCOPE_TOTAL_FIXED,		/* to the totals, too; one of a fixed set of names */
	STS_SCOPE_TOTAL,		/* to the totals, too */
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
	size_t foreign;		/* policies of domains that are not ours */
	size_t refused;		/* policies that sts_report_read refused */
};

/* Whether a policy's domain is ours, and which of our domains it is counted for. domain: normalised, "" when the report lacks
 * it. */
typedef bool sts_report_own_fn(void *arg, enum sts_report_kind kind, const char *domain, char out[STS_DOMAIN_CAP]);

struct sts_report_counts_params {
	const char *signer;	/* "" when nobody vouches for it */
	sts_report_own_fn *own;
	void *own_arg;
};

/* Release out in any case. STS_ENOMEM. */
enum sts_status sts_report_counts_make(const struct sts_report *report, const struct sts_report_counts_params *params,
    struct sts_report_counts *out);
void sts_report_counts_fini(struct sts_report_counts *counts);

#endif
