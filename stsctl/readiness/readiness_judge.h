/* SPDX-License-Identifier: ISC */
/*
 * readiness/readiness_judge.h - may a domain's policy go to mode enforce? What check, the reports and our own evidence say -> a verdict
 * with reasons.
 *
 * Each source says what it can: check, how the deployment looks from here now; reports, how senders' sessions went (sessions,
 * by the policy they applied); our evidence, how mail for the domain came in (messages). They stand side by side: no figure
 * mixes two. Nothing is counted as good that was not seen: without sessions there is no evidence, and no hundred per cent.
 * Pure: time is passed in. Belongs to one thread.
 */
#ifndef STSCTL_READINESS_READINESS_JUDGE_H
#define STSCTL_READINESS_READINESS_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stsctl/diagnosis/check_facts.h"
#include "stsctl/findings/findings.h"
#include "stsctl/summary/summary.h"

enum {
	READINESS_SESSIONS_MIN = 20,	/* under MTA-STS, in verified reports */
	READINESS_SENDERS_MIN = 2,	/* organisations among them */
	READINESS_SPAN_MIN = 14,	/* days from the first to the last report: every sender, each weekday, a renewal */
	READINESS_FRESH_DAYS = 4,	/* reports come a day late, and mail not each day */
	READINESS_RECENT_DAYS = 7,	/* a failure that did not come back for so long is taken for mended */
	READINESS_REASONS_MAX = 64, READINESS_TEXT_CAP = 480,
};

/* Messages for the domain, by our evidence. */
struct readiness_messages {
	int64_t tls, plaintext, unknown;
	bool known;			/* there is evidence of recipients at all */
};

struct readiness_facts {
	const char *domain;
	int64_t now;
	size_t days;
	const struct check_facts *check;	/* NULL: nothing was asked of the network */
	const struct findings *found;		/* of check; NULL as well */
	const struct summary *reports;		/* verified ones */
	int64_t unverified;			/* reports */
	struct readiness_messages messages;
};

enum readiness_weight { READINESS_BLOCKS, READINESS_MISSING, READINESS_NOTE, READINESS_GOOD };
enum readiness_verdict { READINESS_READY, READINESS_NOT_READY, READINESS_NOT_ENOUGH };

struct readiness_reason {
	enum readiness_weight weight;
	const char *id;			/* "check.fails", ...: stable */
	char text[READINESS_TEXT_CAP];	/* clean */
};

struct readiness {
	enum readiness_verdict verdict;
	struct readiness_reason reasons[READINESS_REASONS_MAX];	/* what blocks first, then what is missing, the rest */
	size_t count;
	size_t dropped;
};

void readiness_judge(const struct readiness_facts *facts, struct readiness *out);

const char *readiness_verdict_name(enum readiness_verdict verdict);	/* "ready", "not-ready", "not-enough-evidence" */
const char *readiness_weight_name(enum readiness_weight weight);	/* "blocks", "missing", "note", "good" */

#endif
