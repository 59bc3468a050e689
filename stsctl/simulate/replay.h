/* SPDX-License-Identifier: ISC */
/*
 * replay.h - a message of the evidence, decided by other settings than those it came in under; by the milter's own code.
 *
 * What the evidence does not hold is taken as follows: every policy's id is confirmed, no recipient is postmaster or abuse, the
 * client has no name and no certificate, and where its address is masked, none; rules are those of today.
 * Pure: what is read may hold anything. Any thread.
 */
#ifndef STSCTL_SIMULATE_REPLAY_H
#define STSCTL_SIMULATE_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "shared-cache/enforcement/enforce_message.h"
#include "shared-cache/query/query.h"

struct replay {
	char domain[STS_DOMAIN_CAP];		/* the sender's; "" for none */
	int64_t ts_ms;				/* when it came in */
	struct sts_enforce_decision decision;	/* the strongest about any recipient */
	enum sts_unmet lacks;
	bool unsure;				/* a rule decides that looks at the client or its certificate */
};

/* now: seconds, for the rules' dates. False when the entry is none of the milter's. */
bool replay_entry(const struct sts_query_entry *entry, const struct sts_enforce_rules *by, int64_t now, struct replay *out);

#endif
