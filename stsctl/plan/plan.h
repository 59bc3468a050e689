/* SPDX-License-Identifier: ISC */
/*
 * plan/plan.h - what a domain is to publish, and what becomes of it: what was asked for + the past + the time -> the policy's
 * text, its id, the records. Decides, and touches nothing: no file, no DNS, no clock.
 *
 * The order of RFC 8461 sections 8.1 and 8.3, which the commands keep by what is remembered here: the policy is written, then it
 * is seen over HTTPS ("released"), and only then its record is handed out, because a sender that sees a new id fetches at once
 * and keeps what it finds.
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

/* What the state file remembers of a domain. Zeroed: nothing was ever published. */
struct publish_history {
	char text[PUBLISH_TEXT_CAP];	/* the policy that was written last, "" for none */
	char id[STS_ID_CAP];		/* of that text */
	int64_t written;		/* seconds since the epoch; 0 never, as the following */
	int64_t released;		/* when that text was first seen over HTTPS */
	int64_t retired;		/* when the way out began */
	int64_t longest_max_age_s;	/* of all policies ever written but those of mode none */
};

struct publish_intent {
	const struct publish_domain *domain;
	const char *const *mx;		/* of DNS, when domain->mx is ""; any case and order */
	size_t mx_count;
	const struct publish_history *history;
	int64_t now;			/* seconds */
	bool retire;			/* mode none, whatever the file says */
};

enum publish_change { PUBLISH_NEW, PUBLISH_CHANGED, PUBLISH_SAME };
const char *publish_change_name(enum publish_change change);	/* "new", ... */

struct publish_plan {
	enum sts_mode mode;
	uint32_t max_age_s;
	size_t mx_count;
	enum publish_change change;	/* of the text, against the past's */
	bool strict_at_once;		/* enforce, and the past is not testing: nobody has tried it */
	struct publish_history next;	/* what to remember once the text is written; text and id are the plan's */
};

/* STS_EINVAL: what was asked for makes no policy; diag says why. out is valid with STS_OK only. */
enum sts_status publish_plan_make(const struct publish_intent *intent, struct publish_plan *out, struct sts_diag *diag);

/* Whether the text may be written, held against what the check of the mail exchangers says. */
enum publish_gate {
	PUBLISH_OPEN,
	PUBLISH_REFUSED,	/* enforce, and a mail exchanger fails: its mail would not be delivered any more */
	PUBLISH_UNSURE,		/* enforce, and it could not be found out */
	PUBLISH_FORCED,		/* either of them, and the operator says so */
};
enum publish_gate publish_gate(enum sts_mode mode, size_t failures, bool unsure, bool force);
const char *publish_gate_name(enum publish_gate gate);	/* "open", ... */

/* How far the way out is. */
enum publish_retirement {
	PUBLISH_STAYS,		/* retire has not been asked for */
	PUBLISH_UNSEEN,		/* mode none is written, but was not seen over HTTPS yet */
	PUBLISH_WAITING,	/* until *when: senders may hold older policies */
	PUBLISH_GONE,		/* record, file and host may be removed */
};
enum publish_retirement publish_retirement(const struct publish_history *history, int64_t now, int64_t *when);
const char *publish_retirement_name(enum publish_retirement state);	/* "stays", ... */

/* The TXT records' data. The buffers are long enough for whatever a spec holds. */
enum { PUBLISH_RECORD_CAP = STS_ID_CAP + 16, PUBLISH_TLSRPT_CAP = 8 * PUBLISH_VALUE_MAX + 32 };
void publish_record(const char *id, char out[PUBLISH_RECORD_CAP]);
/* "" when there are to be no reports. */
void publish_tlsrpt(const struct publish_domain *domain, char out[PUBLISH_TLSRPT_CAP]);

#endif
