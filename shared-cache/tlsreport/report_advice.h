/* SPDX-License-Identifier: ISC */
/*
 * report_advice.h - explains failures in a report to the domain's owner: by result type, reason code and reporter, it says
 * what happened, whether to act, and which command to run next.
 *
 * A table; doc/reports.md is checked against it.
 * Pure. Any thread.
 */
#ifndef STS_TLSREPORT_REPORT_ADVICE_H
#define STS_TLSREPORT_REPORT_ADVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/tlsreport/report_types.h"

enum sts_must_act {
	STS_ACT_NO,		/* nothing is wrong here */
	STS_ACT_LOOK,		/* may be your fault or the sender's: look once, act if it happens again */
	STS_ACT_YES,		/* mail is lost, or will be once the mode is enforce */
};

enum sts_advice_cause {
	STS_CAUSED_BY_MX,	/* the mail exchangers, their names or certificates */
	STS_CAUSED_BY_POLICY,	/* the policy file, its host, or the path to it */
	STS_CAUSED_BY_DNS,	/* TLSA, DNSSEC */
	STS_CAUSED_BY_SENDER,	/* the sender itself */
	STS_CAUSED_BY_UNKNOWN,
};

struct sts_advice {
	const char *result;	/* a name of sts_report_result_name */
	const char *reason;	/* prefix of the reason code, in lower case, with `_' for anything but letters and digits; "": any */
	const char *reporter;	/* the signer's domain; "": any */
	enum sts_must_act act;
	enum sts_advice_cause cause;
	const char *meaning;	/* a sentence for people */
	const char *next;	/* a command, with %d for the domain and %m for the MX; "" for none */
};

/* The most specific row; never NULL. result, reason, reporter as in the names of reportstats/report_counts.h. */
const struct sts_advice *sts_advice_find(const char *result, const char *reason, const char *reporter);

/* The rows in their order; NULL past the last. */
const struct sts_advice *sts_advice_at(size_t index);

const char *sts_must_act_name(enum sts_must_act act);		/* "no", "look", "yes" */
const char *sts_advice_cause_name(enum sts_advice_cause cause);	/* "mx", "policy", "dns", "sender", "unknown" */

#endif
