/* SPDX-License-Identifier: ISC */
/*
 * sent_outcome.h - sessions that are alike, as a report (RFC 8460 section 4.4) tells them apart: a name to count them under.
 *
 * The name is JSON: ["success", POLICY], ["failure", POLICY] or ["detail", POLICY, DETAIL], both objects with the names that a
 * report has for them, sorted. So what is counted can be put into a report as it is.
 * Pure (jansson). Any thread.
 */
#ifndef STS_OUTBOUND_SENT_OUTCOME_H
#define STS_OUTBOUND_SENT_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/outbound/sent_event.h"

enum {
	STS_SENT_OUTCOME_CAP = 4096,	/* bytes of a name; a policy that does not fit is told without its text */
	STS_SENT_OUTCOMES_OF_POLICY = 1 + STS_SENT_DETAILS,	/* at most, for each policy */
};

struct sts_sent_outcome {
	char *name;
	uint64_t n;
};

/* The names for one policy of an event: its outcome, and, when that is a failure, each of its details. Returns how many; the caller
 * frees them. One for which there is no memory, or that cannot be shortened enough, is left out. */
size_t sts_sent_outcome_names(const struct sts_sent_policy *policy, char *out[STS_SENT_OUTCOMES_OF_POLICY]);

#endif
