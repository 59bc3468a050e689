/* SPDX-License-Identifier: ISC */
/*
 * report_types.h - the keywords of RFC 8460: policy types (section 4.4) and result types (section 4.3).
 *
 * Pure. Any thread.
 */
#ifndef STS_TLSREPORT_REPORT_TYPES_H
#define STS_TLSREPORT_REPORT_TYPES_H

#include <stdbool.h>
#include <stddef.h>

/* Sessions are counted by kind, and kinds are never added up: a session may be under both sts and tlsa. */
enum sts_report_kind {
	STS_REPORT_STS,
	STS_REPORT_TLSA,
	STS_REPORT_NONE,	/* no-policy-found: the sender applied no policy, which is neither good nor bad */
	STS_REPORT_KINDS
};

/* The name in our counters: "sts", "tlsa", "none". */
const char *sts_report_kind_name(enum sts_report_kind kind);
/* The word in reports: "sts", "tlsa", "no-policy-found". */
const char *sts_report_kind_word(enum sts_report_kind kind);
bool sts_report_kind_parse(const char *word, enum sts_report_kind *out);

/* The result types of RFC 8460; the last one stands for all others. Case does not matter. */
enum { STS_REPORT_RESULTS = 13, STS_REPORT_RESULT_OTHER = STS_REPORT_RESULTS - 1 };
size_t sts_report_result_find(const char *word);
/* The name of a type: one of a fixed set, fit for the labels of metrics. index < STS_REPORT_RESULTS. */
const char *sts_report_result_name(size_t index);

#endif
