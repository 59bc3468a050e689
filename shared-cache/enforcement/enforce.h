/* SPDX-License-Identifier: ISC */
/*
 * enforce.h - what is done to a message, or to one of its recipients: a function of what is known and of the settings.
 *
 *   ground     what speaks against the mail: a rule; or else a published policy, or a downgrade (the stronger action)
 *   confirm    a permanent refusal that rests on a policy wants the policy's id confirmed of late (RFC 8461 section 5.1 asks the
 *              same of senders); else unconfirmed_action
 *   hold back  dry_run, enforce_percent, the trip wire: the action is only wanted, the mail accepted
 *   never      what is never refused, whatever was decided before: in one function, the last (`spare` in enforce.c)
 *
 * Never refused nor held: a client that is not judged; TLS whose state is unknown; results temperror, permerror and neutral, on the
 * side that has them, by rules neither; the null sender, by the sender's side; postmaster and abuse, unless a rule names them.
 *
 * A message with several recipients, some of them never to be refused, is not refused as a whole for the others' sake; it may
 * be quarantined.
 * Pure: time is passed in. Any thread.
 */
#ifndef STS_ENFORCEMENT_ENFORCE_H
#define STS_ENFORCEMENT_ENFORCE_H

#include <stdbool.h>
#include <stdint.h>

#include "shared-cache/judge/verdict.h"

/* The settings. */
struct sts_enforcement {
	enum sts_action sender_enforce, sender_testing, recipient_enforce, recipient_testing, downgrade;
	enum sts_action unconfirmed;	/* tempfail or accept */
	int64_t confirm_ms;		/* how long a confirmed id counts as such */
	bool dry_run;
	int64_t percent;		/* of the domains, 0 to 100; rules are not concerned */
};

enum sts_enforce_side { STS_SIDE_SENDER, STS_SIDE_RECIPIENT };

/* The grounds; of rules and policies, by the side whose domain they are about. */
enum sts_cause {
	STS_CAUSE_NONE, STS_CAUSE_SENDER_POLICY, STS_CAUSE_RECIPIENT_POLICY, STS_CAUSE_SENDER_RULE, STS_CAUSE_RECIPIENT_RULE,
	STS_CAUSE_DOWNGRADE,
	STS_CAUSE_FORGED,		/* more forged fields than are removed; nothing of the below speaks of that */
	STS_CAUSE_COUNT
};

/* Why less is done than the ground asks for. */
enum sts_waiver {
	STS_WAIVER_NONE,
	STS_WAIVER_UNCONFIRMED,
	STS_WAIVER_NAME_PENDING,	/* of the client: a rule may yet turn out to speak for it */
	STS_WAIVER_PERCENT, STS_WAIVER_DRY_RUN, STS_WAIVER_TRIP_WIRE,	/* held back */
	STS_WAIVER_EXEMPT_RULE,		/* of the other side, or of recipients */
	STS_WAIVER_CLIENT, STS_WAIVER_TLS_UNKNOWN, STS_WAIVER_UNSURE, STS_WAIVER_NULL_SENDER, STS_WAIVER_ROLE,	/* never */
	STS_WAIVER_COUNT
};

/* Of the recipients that the decision is about: one at RCPT TO; at the end of the message those that were accepted. */
enum sts_share { STS_SHARE_NONE, STS_SHARE_SOME, STS_SHARE_ALL };
enum sts_share sts_share_of(unsigned part, unsigned whole);

/* What a rule says, if there is one. */
enum sts_rule_outcome {
	STS_OUTCOME_NO_RULE,	/* there is none */
	STS_OUTCOME_SATISFIED,	/* tls=optional, or all that it requires is there */
	STS_OUTCOME_EXEMPT,	/* exempt: nothing is held against the mail */
	STS_OUTCOME_VIOLATED,		/* something it requires is missing */
};

struct sts_enforce_case {
	enum sts_enforce_side side;
	bool judged;			/* not of a client that is exempt */
	bool null_sender;
	bool tls_unknown;		/* by sts_tls_rate */
	const char *domain;		/* of this side; "" for none */
	enum sts_result result;		/* of this side's policy */
	int64_t checked;		/* when its id was last confirmed; seconds */
	bool name_pending;		/* there are rules, and DNS could not say now what the client is called */
	bool downgrade;			/* history=downgrade; of the sender's side */
	enum sts_rule_outcome rule;
	enum sts_action rule_action;	/* with STS_OUTCOME_VIOLATED */
	enum sts_share roles;		/* postmaster and abuse that no requiring rule names */
	enum sts_share exempted;	/* these, and who is exempted by a rule of the other side */
	bool tripped;			/* the trip wire */
	int64_t now;			/* seconds */
};

struct sts_enforce_decision {
	enum sts_action action;		/* to be taken */
	enum sts_action wanted;		/* what it would be without dry_run, enforce_percent and trip wire */
	enum sts_cause cause;		/* none when nothing speaks against the mail */
	enum sts_waiver waiver;
};

void sts_enforce_decide(const struct sts_enforce_case *c, const struct sts_enforcement *settings,
    struct sts_enforce_decision *out);

/* The stronger of two decisions: by what is done, then by what is wanted; the first on a tie. */
const struct sts_enforce_decision *sts_enforce_stronger(const struct sts_enforce_decision *a,
    const struct sts_enforce_decision *b);

/* Whether a domain (normalised) is within this share of all domains, 0 to 100. A fixed hash of the name decides: the same on
 * every node and with every version, and who is within stays so when the share grows. */
bool sts_enforce_in_share(const char *domain, int64_t percent);

/* Whether anything but a rule could be done to any mail. */
bool sts_enforce_acts(const struct sts_enforcement *settings);

/* As in the log; "" for none. */
const char *sts_cause_name(enum sts_cause cause);
const char *sts_waiver_name(enum sts_waiver waiver);

#endif
