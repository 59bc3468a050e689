/* SPDX-License-Identifier: ISC */
/*
 * readiness_judge.h - judges whether a domain's policy may go to mode enforce, from the findings of check, TLS reports and our own
 * evidence.
 *
 * Each source has its own figures, which are never mixed: check says how the deployment looks now; reports say how senders' sessions
 * went, by the policy that they applied; our evidence says how messages for the domain arrived. Only what was seen counts as good:
 * without sessions there is no evidence, and not a hundred per cent.
 * Pure: time is passed in. One thread.
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
	READINESS_SENDERS_MIN = 2,	/* different organisations that report them */
	READINESS_SPAN_MIN = 14,	/* days from the first to the last report: enough for every sender, each weekday, a renewal */
	READINESS_FRESH_DAYS = 4,	/* age of the last report: reports arrive a day late, and mail does not come every day */
	READINESS_RECENT_DAYS = 7,	/* a failure that has not recurred for this long counts as fixed */
	READINESS_REASONS_MAX = 64, READINESS_TEXT_CAP = 480,
};

/* Messages for the domain, from our evidence. */
struct readiness_messages {
	int64_t tls, plaintext, unknown;
	bool known;			/* the evidence has recipients at all */
};

struct readiness_facts {
	const char *domain;
	int64_t now;
	size_t days;
	const struct check_facts *check;	/* NULL: check was not run */
	const struct findings *found;		/* of check; NULL if check is */
	const struct summary *reports;		/* the verified reports */
	int64_t unverified;			/* number of unverified reports */
	struct readiness_messages messages;
};

enum readiness_weight { READINESS_BLOCKS, READINESS_MISSING, READINESS_NOTE, READINESS_GOOD };
enum readiness_verdict { READINESS_READY, READINESS_NOT_READY, READINESS_NOT_ENOUGH };

struct readiness_reason {
	enum readiness_weight weight;
	const char *id;			/* "check.fails", ...: stable */
	char text[READINESS_TEXT_CAP];	/* printable */
};

struct readiness {
	enum readiness_verdict verdict;
	struct readiness_reason reasons[READINESS_REASONS_MAX];	/* by weight: blocks, missing, note, good */
	size_t count;
	size_t dropped;			/* reasons beyond READINESS_REASONS_MAX */
};

void readiness_judge(const struct readiness_facts *facts, struct readiness *out);

const char *readiness_verdict_name(enum readiness_verdict verdict);	/* "ready", "not-ready", "not-enough-evidence" */
const char *readiness_weight_name(enum readiness_weight weight);	/* "blocks", "missing", "note", "good" */

#endif
