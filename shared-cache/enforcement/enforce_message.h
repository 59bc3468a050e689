/* SPDX-License-Identifier: ISC */
/*
 * enforce_message.h - applies enforce.h to both sides of a message: to what the sender's domain and a recipient's domain publish,
 * and to the rules about them.
 *
 * The milter decides by it while mail comes in, and stsctl simulate when it replays the evidence.
 * Pure: time is passed in. Any thread.
 */
#ifndef STS_ENFORCEMENT_ENFORCE_MESSAGE_H
#define STS_ENFORCEMENT_ENFORCE_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "shared-cache/enforcement/domain_rules.h"
#include "shared-cache/enforcement/enforce.h"
#include "shared-cache/judge/verdict.h"

/* From the settings. */
struct sts_enforce_rules {
	const struct sts_verdict_rules *rules;
	const struct sts_domain_rules *domains;	/* NULL: none */
	const struct sts_enforcement *enforcement;
};

/* What is known about the message so far. */
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
	const char *role;			/* local part, if its mail is never refused (postmaster, report_addresses); else NULL */
	const struct sts_policy_view *policy;	/* of the domain, if it is a local one; else absent */
};

/* The decision of one side. */
struct sts_side_decision {
	struct sts_enforce_case c;
	const struct sts_domain_rule *rule;	/* the one that applies; NULL: none */
	enum sts_unmet lacks;			/* the requirement that the message does not meet, by the ground of the decision */
	struct sts_enforce_decision decision;
};

struct sts_enforce_rcpt_decision {
	struct sts_side_decision decisive;		/* the stronger of both sides; on a tie the recipient's */
	bool role, exempted;			/* what the recipient is: see struct sts_enforce_case */
};

/* Decides about one recipient. */
void sts_enforce_rcpt(const struct sts_enforce_facts *facts, const struct sts_enforce_rcpt *rcpt,
    struct sts_enforce_rcpt_decision *out);

/* Decides by the sender's side about a message, for all its recipients that are left; shares as in struct sts_enforce_case. */
void sts_enforce_message(const struct sts_enforce_facts *facts, enum sts_share roles, enum sts_share exempted,
    struct sts_side_decision *out);

#endif
