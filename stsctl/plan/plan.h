/* SPDX-License-Identifier: ISC */
/*
 * plan/plan.h - decides what a domain is to publish: computes the policy's text, its id and the records from the spec, the domain's
 * history and the time.
 *
 * The history lets the commands keep the order of RFC 8461 sections 8.1 and 8.3: the policy is written; it is seen over HTTPS
 * ("released"); only then its record is handed out, because a sender that sees a new id fetches at once, and caches what it finds.
 * Pure. Any thread.
 */
#ifndef STSCTL_PLAN_PLAN_H
#define STSCTL_PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/diag.h"
#include "shared-cache/policy/record.h"
#include "stsctl/plan/spec.h"

enum { PUBLISH_TEXT_CAP = PUBLISH_MX_MAX * (STS_DOMAIN_CAP + 8) + 128, PUBLISH_RETIRE_MAX_AGE_S = 86400 };

/* What the state file remembers of a domain. Zeroed: nothing has ever been published. */
struct publish_history {
	char text[PUBLISH_TEXT_CAP];	/* the policy that was written last; "" for none */
	char id[STS_ID_CAP];		/* of that text */
	int64_t written;		/* seconds since the epoch; 0: never, here and in the next two */
	int64_t released;		/* when that text was first seen over HTTPS */
	int64_t retired;		/* when retirement began */
	int64_t longest_max_age_s;	/* of all policies ever written or served, except those of mode none */
};

struct publish_intent {
	const struct publish_domain *domain;
	const char *const *mx;		/* from DNS, if domain->mx is ""; in any case and order */
	size_t mx_count;
	const struct publish_history *history;
	int64_t now;			/* seconds */
	bool retire;			/* mode none, whatever the spec says */
};

enum publish_change { PUBLISH_NEW, PUBLISH_CHANGED, PUBLISH_SAME };
const char *publish_change_name(enum publish_change change);	/* "new", ... */

struct publish_plan {
	enum sts_mode mode;
	uint32_t max_age_s;
	size_t mx_count;
	enum publish_change change;	/* of the text, compared with the last one */
	bool strict_at_once;		/* enforce, although the domain was not in testing before */
	struct publish_history next;	/* the history once the text is written; has the plan's text and id */
};

/* STS_EINVAL: no valid policy results; diag says why. *out is valid with STS_OK only. */
enum sts_status publish_plan_make(const struct publish_intent *intent, struct publish_plan *out, struct sts_diag *diag);

/* Whether the text may be written, after the check of the mail exchangers. */
enum publish_gate {
	PUBLISH_OPEN,
	PUBLISH_REFUSED,	/* enforce, and a mail exchanger fails: senders would no longer deliver to it */
	PUBLISH_UNSURE,		/* enforce, and a mail exchanger could not be checked */
	PUBLISH_FORCED,		/* one of these, but the operator insists */
};
enum publish_gate publish_gate(enum sts_mode mode, size_t failures, bool unsure, bool force);
const char *publish_gate_name(enum publish_gate gate);	/* "open", ... */

/* How far a domain's retirement has got. */
enum publish_retirement {
	PUBLISH_STAYS,		/* it has not begun */
	PUBLISH_UNSEEN,		/* mode none is written, but has not been seen over HTTPS yet */
	PUBLISH_WAITING,	/* until *when, because senders may have older policies in their caches */
	PUBLISH_GONE,		/* record, file and host may be removed */
};
enum publish_retirement publish_retirement(const struct publish_history *history, int64_t now, int64_t *when);
const char *publish_retirement_name(enum publish_retirement state);	/* "stays", ... */

/* The data of the TXT records. The buffers are large enough for any spec. */
enum { PUBLISH_RECORD_CAP = STS_ID_CAP + 16, PUBLISH_TLSRPT_CAP = 8 * PUBLISH_VALUE_MAX + 32 };
void publish_record(const char *id, char out[PUBLISH_RECORD_CAP]);
/* "" if the domain wants no reports. */
void publish_tlsrpt(const struct publish_domain *domain, char out[PUBLISH_TLSRPT_CAP]);

#endif
