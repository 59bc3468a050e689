/* SPDX-License-Identifier: ISC */
/*
 * enforce_message.h - the two sides of a message put before enforce.h: what the sender's domain and a recipient's publish, and the
 * rules that speak of them.
 *
 * The milter decides by this while mail comes in, and stsctl simulate when it replays the evidence.
 * Pure: time is passed in. Any thread.
 */
#ifndef STS_ENFORCEMENT_ENFORCE_MESSAGE_H
#define STS_ENFORCEMENT_ENFORCE_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "shared-cache/enforcement/domain_rules.h"
#include "shared-cache/enforcement/enforce.h"
#include "shared-cache/judge/verdict.h"

/* Of the settings. */
struct sts_enforce_rules {
	const struct sts_rules *rules;
	const struct sts_domain_rules *domains;	/* NULL: none */
	const struct sts_enforcement *enforcement;
};

/* What is known of the message by now. */
struct sts_enforce_facts {
	struct sts_enforce_rules by;
	bool judged;				/* the client is not exempt */
	bool tripped;				/* the trip wire */
	const struct sts_evidence *evidence;
	const struct sts_policy_view *policy;	/* of the sender's domain */
	const struct sts_rule_session *client;
	int64_t now;				/* seconds since the epoch */
};

struct sts_enforce_rcpt {
	const char *domain;			/* normalised; "" for none */
	const char *role;			/* local part that is spared (postmaster, report_addresses); NULL */
	const struct sts_policy_view *policy;	/* of the domain, if it is a local one; else absent */
};

/* One side, decided. */
struct sts_side_decision {
	struct sts_enforce_case c;
	const struct sts_domain_rule *rule;	/* that speaks of it; NULL: none */
	enum sts_unmet lacks;			/* what is missing, by what the decision rests on */
	struct sts_enforce_decision decision;
};

struct sts_enforce_rcpt_decision {
	struct sts_side_decision decisive;		/* the stronger of both sides, the recipient's on a tie */
	bool role, exempted;			/* the recipient is such a one, see struct sts_enforce_case */
};

/* One recipient. */
void sts_enforce_rcpt(const struct sts_enforce_facts *facts, const struct sts_enforce_rcpt *rcpt, struct sts_enforce_rcpt_decision *out);

/* The sender's side of a message, for all recipients that are left of it; with shares of struct sts_enforce_case. */
void sts_enforce_message(const struct sts_enforce_facts *facts, enum sts_share roles, enum sts_share exempted, struct sts_side_decision *out);

#endif
