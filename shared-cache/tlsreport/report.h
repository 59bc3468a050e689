/* SPDX-License-Identifier: ISC */
/*
 * report.h - parses a TLS report (JSON, RFC 8460 section 4).
 *
 * Reports are accepted as senders really write them, not only as the RFC requires: fields that are null, empty or missing, mx-host as
 * a string or an array, counts as 7, 7.0, 7e0 or "7", times without a zone. What remains doubtful causes a warning. A policy whose
 * counts make no sense is refused, but the others count.
 *
 * All of the input is hostile. Before it is parsed, its bytes, nesting and number of values are checked, so that
 * memory is bounded, too (about 40 MiB for the worst text accepted).
 * Pure (jansson). Any thread; a report is immutable.
 */
#ifndef STS_TLSREPORT_REPORT_H
#define STS_TLSREPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/diag.h"
#include "shared-cache/names/domain.h"
#include "shared-cache/base/status.h"
#include "shared-cache/tlsreport/report_types.h"

enum {
	STS_REPORT_TEXT_MAX = 8 * 1024 * 1024,	/* bytes of JSON */
	STS_REPORT_DEPTH_MAX = 32,		/* RFC 8460 itself needs 6 */
	STS_REPORT_VALUES_MAX = 100000,		/* enough for some 10,000 failure details */
	STS_REPORT_POLICIES_MAX = 1000,
	STS_REPORT_SPAN_MAX_S = 8 * 86400,
	STS_REPORT_AGE_MAX_S = 400 * 86400,
	STS_REPORT_AHEAD_MAX_S = 86400,		/* because clocks and time zones differ */
};
#define STS_REPORT_COUNT_MAX INT64_C(1000000000000)	/* sessions; a greater number is rejected */

/* Sessions with the same failure. Strings are hostile UTF-8, "" when the report lacks them. */
struct sts_report_detail {
	const char *result;		/* result-type as sent; sts_report_result_find knows the RFC's types */
	const char *reason;		/* failure-reason-code */
	const char *mx;			/* receiving-mx-hostname */
	const char *mx_ip, *sender_ip;	/* receiving-ip, sending-mta-ip */
	const char *info;		/* additional-information */
	int64_t count;
};

struct sts_report_policy {
	const char *refused;		/* NULL, or a literal that says why this policy must not be counted */
	enum sts_report_kind kind;
	char domain[STS_DOMAIN_CAP];	/* policy-domain, normalised; "" when missing or not a domain */
	const char **text;		/* policy-string */
	size_t text_count;
	const char **mx;		/* mx-host */
	size_t mx_count;
	int64_t success, failure;	/* the summary */
	struct sts_report_detail *details;
	size_t detail_count;
};

struct sts_report {
	const char *organization;	/* hostile UTF-8, "" when missing; also the next two */
	const char *contact;		/* contact-info */
	const char *id;
	int64_t begin, end;		/* seconds since the epoch */
	struct sts_report_policy *policies;
	size_t policy_count;
	void *root;			/* of report.c; owns the strings */
};

/* STS_EINVAL: not a report, or one that exceeds the limits above; diag->error says why, with bytes of the input escaped.
 * Warnings go to diag, too (the first few). The caller frees *out, which is NULL unless STS_OK. */
enum sts_status sts_report_read(const char *text, size_t len, struct sts_report **out, struct sts_diag *diag);
void sts_report_free(struct sts_report **report);

/* Whether a report about that period may be counted now: it covers at most 8 days, is not older than 400 days, and not in the future.
 * now in seconds. STS_EINVAL: diag says why. */
enum sts_status sts_report_check_time(const struct sts_report *report, int64_t now, struct sts_diag *diag);

/* Parses RFC 3339, and variants in use: without zone (then UTC), with a space for the T, with fractions, or a date only. */
bool sts_report_time(const char *text, int64_t *out);

/* Whether text is within the limits for parsing; diag says which one it exceeds. For sts_report_read and its tests. */
bool sts_report_is_bounded(const char *text, size_t len, struct sts_diag *diag);

#endif
