/* SPDX-License-Identifier: ISC */
/*
 * sent_outcome.h - the outcomes of TLS sessions as reports distinguish them (RFC 8460 section 4.4): names to count them by.
 *
 * A name is JSON: ["success", POLICY], ["failure", POLICY] or ["detail", POLICY, DETAIL]; both objects have the members of a
 * report, sorted. So a report can include them as they are.
 * Pure (jansson). Any thread.
 */
#ifndef STS_OUTBOUND_SENT_OUTCOME_H
#define STS_OUTBOUND_SENT_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/outbound/sent_event.h"

enum {
	STS_SENT_OUTCOME_CAP = 4096,	/* bytes of a name; a policy that does not fit is named without its text */
	STS_SENT_OUTCOMES_OF_POLICY = 1 + STS_SENT_DETAILS,	/* per policy, at most */
};

struct sts_sent_outcome {
	char *name;
	uint64_t n;
};

/* Makes the names for one policy of an event: of its outcome and, after a failure, of each detail. Returns how many; the caller
 * frees them. A name is left out when out of memory, or when it cannot be shortened enough. */
size_t sts_sent_outcome_names(const struct sts_sent_policy *policy, char *out[STS_SENT_OUTCOMES_OF_POLICY]);

#endif
