/* SPDX-License-Identifier: ISC */
/*
 * summary.h - sums up a domain's daily report counters (report_counts.h) into organisations, failures and policies.
 *
 * Anybody may have written to the store: names are parsed with care, and lists are bounded; what exceeds the bounds is counted in
 * dropped. Pure. Belongs to one thread.
 */
#ifndef STSCTL_SUMMARY_SUMMARY_H
#define STSCTL_SUMMARY_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/reportstats/policy_hash.h"
#include "shared-cache/ledger/counts.h"
#include "shared-cache/names/domain.h"
#include "shared-cache/query/query_reports.h"
#include "shared-cache/tlsreport/report_advice.h"
#include "shared-cache/tlsreport/safe_word.h"

enum { SUMMARY_ORGS_MAX = 500, SUMMARY_FAILURES_MAX = 2000, SUMMARY_POLICIES_MAX = 100 };

struct summary_org {
	char name[STS_SAFE_WORD_CAP];	/* a domain if the report is verified */
	int64_t reports, success[STS_REPORT_KINDS], failure[STS_REPORT_KINDS];
};

struct summary_failure {
	enum sts_report_kind kind;
	/* "-": not in the report */
	char result[STS_SAFE_WORD_CAP], reason[STS_SAFE_WORD_CAP], mx[STS_SAFE_WORD_CAP], org[STS_SAFE_WORD_CAP];
	int64_t n;
	char last_day[STS_DAY_CAP];
};

struct summary_policy {
	char hash[STS_TEXT_HASH_CAP], mode[16];
	int64_t success, failure;
	char first_day[STS_DAY_CAP], last_day[STS_DAY_CAP];
	char *text;			/* NULL: not kept */
};

struct summary {
	const char *only_org;		/* ignore all others; NULL: none */
	struct summary_org *orgs;
	struct summary_failure *failures;
	struct summary_policy *policies;
	size_t org_count, failure_count, policy_count;
	int64_t reports, success[STS_REPORT_KINDS], failure[STS_REPORT_KINDS];	/* sums over orgs */
	char last_failure[STS_REPORT_KINDS][STS_DAY_CAP];	/* the last day with failed sessions, or "" */
	int64_t folded;			/* sessions whose details the store had no room for */
	size_t dropped;			/* organisations, failures and policies that were not listed */
	char first_day[STS_DAY_CAP], last_day[STS_DAY_CAP];	/* "" while empty */
};

/* All bytes zero is an empty summary. */
void summary_fini(struct summary *summary);

/* Adds a counter of a day. STS_ENOMEM. */
enum sts_status summary_add(struct summary *summary, const char *day, const struct sts_report_field *field);

/* The same for one day, as a sts_report_field_fn; arg: struct summary_day. */
struct summary_day {
	struct summary *summary;
	const char *day;
};
enum sts_status summary_add_to_day(void *arg, const struct sts_report_field *field);

/* Sorts the lists, the most first; policies by their last day. */
void summary_sort(struct summary *summary);

/* What a failure means. */
const struct sts_advice *summary_advice(const struct summary_failure *failure);
/* Failed sessions, by the summaries, that no detail accounts for. */
int64_t summary_unexplained(const struct summary *summary, enum sts_report_kind kind);
/* Whether a reported failure calls for action. */
bool summary_must_act(const struct summary *summary);

#endif
