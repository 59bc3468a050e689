/* SPDX-License-Identifier: ISC */
/*
 * replay.h - replays a message from the evidence: decides about it again, by other settings, with the milter's own code.
 *
 * The evidence does not hold everything. It is assumed that every policy id is confirmed; that no recipient is postmaster or abuse unless
 * the entry marks it; that the client has no name and no certificate, and no address if that was masked. Rules apply as of today. Pure:
 * entries may be hostile. Any thread.
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
	struct sts_enforce_decision decision;	/* the strongest for any recipient */
	enum sts_unmet lacks;
	bool unsure;				/* a rule decided that depends on the client or its certificate */
};

/* now: seconds, for the rules' dates. False: not an entry of the milter's. */
bool replay_entry(const struct sts_query_entry *entry, const struct sts_enforce_rules *by, int64_t now, struct replay *out);

#endif
