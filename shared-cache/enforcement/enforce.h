/* SPDX-License-Identifier: ISC */
/*
 * enforce.h - decides what is done to a message, or to one of its recipients, from the facts and the settings.
 *
 *   ground     the reason to act: a rule; or else a published policy, or a downgrade (whichever has the stronger action)
 *   confirm    a permanent refusal because of a policy requires that the policy's id was confirmed recently (RFC 8461 section 5.1
 *              requires the same of senders); else unconfirmed_action
 *   hold back  dry_run, enforce_percent, the trip wire: the action is only wanted, the mail accepted
 *   never      mail that is never refused, whatever has been decided: in one function, which comes last (`spare` in enforce.c)
 *
 * Neither refused nor held: mail of a client that is not judged; with an unknown TLS state; with result temperror, permerror or
 * neutral on the same side, not even by rules; of the null sender, by the sender's side; to postmaster and abuse, unless a rule
 * names them.
 *
 * A message with several recipients, some of whose mail is never refused, is not refused as a whole because of the others; it may
 * be quarantined.
 * Pure: time is passed in. Any thread.
 */
#ifndef STS_ENFORCEMENT_ENFORCE_H
#define STS_ENFORCEMENT_ENFORCE_H

#include <stdbool.h>
#include <stdint.h>

#include "shared-cache/judge/verdict.h"

/* From the settings. */
struct sts_enforcement {
	enum sts_action sender_enforce, sender_testing, recipient_enforce, recipient_testing, downgrade;
	enum sts_action unconfirmed;	/* tempfail or accept */
	int64_t confirm_ms;		/* how long an id counts as confirmed */
	bool dry_run;
	int64_t percent;		/* of all domains, 0 to 100; does not concern rules */
};

enum sts_enforce_side { STS_SIDE_SENDER, STS_SIDE_RECIPIENT };

/* The grounds. Rules and policies are told apart by side: whose domain they are about. */
enum sts_cause {
	STS_CAUSE_NONE, STS_CAUSE_SENDER_POLICY, STS_CAUSE_RECIPIENT_POLICY, STS_CAUSE_SENDER_RULE, STS_CAUSE_RECIPIENT_RULE,
	STS_CAUSE_DOWNGRADE,
	STS_CAUSE_FORGED,		/* more forged fields than we remove; not decided here */
	STS_CAUSE_COUNT
};

/* Why less is done than the ground calls for. */
enum sts_waiver {
	STS_WAIVER_NONE,
	STS_WAIVER_UNCONFIRMED,
	STS_WAIVER_NAME_PENDING,	/* of the client: a rule may yet turn out to apply to it */
	STS_WAIVER_PERCENT, STS_WAIVER_DRY_RUN, STS_WAIVER_TRIP_WIRE,	/* held back */
	STS_WAIVER_EXEMPT_RULE,		/* of the other side, or of recipients */
	STS_WAIVER_CLIENT, STS_WAIVER_TLS_UNKNOWN, STS_WAIVER_UNSURE, STS_WAIVER_NULL_SENDER, STS_WAIVER_ROLE,	/* never refused */
	STS_WAIVER_COUNT
};

/* Which part of the recipients: of the one at RCPT TO; at the end of the message, of those accepted. */
enum sts_share { STS_SHARE_NONE, STS_SHARE_SOME, STS_SHARE_ALL };
enum sts_share sts_share_of(unsigned part, unsigned whole);

/* What the domain rules say about the message. */
enum sts_rule_outcome {
	STS_OUTCOME_NO_RULE,	/* no rule applies */
	STS_OUTCOME_SATISFIED,	/* tls=optional, or all requirements are met */
	STS_OUTCOME_EXEMPT,	/* exempt */
	STS_OUTCOME_VIOLATED,		/* a requirement is not met */
};

struct sts_enforce_case {
	enum sts_enforce_side side;
	bool judged;			/* the client is not exempt */
	bool null_sender;
	bool tls_unknown;		/* from sts_tls_rate */
	const char *domain;		/* of this side; "" for none */
	enum sts_result result;		/* of this side's policy */
	int64_t checked;		/* when the policy's id was last confirmed; seconds */
	bool name_pending;		/* there are rules, and DNS could not tell the client's name now */
	bool downgrade;			/* history=downgrade; counts on the sender's side */
	enum sts_rule_outcome rule;
	enum sts_action rule_action;	/* with STS_OUTCOME_VIOLATED */
	enum sts_share roles;		/* recipients postmaster and abuse, unless a rule that requires something names them */
	enum sts_share exempted;	/* these, and recipients that a rule of the other side exempts */
	bool tripped;			/* the trip wire */
	int64_t now;			/* seconds */
};

struct sts_enforce_decision {
	enum sts_action action;		/* what to do */
	enum sts_action wanted;		/* the action without dry_run, enforce_percent and trip wire */
	enum sts_cause cause;		/* none if there is no reason to act */
	enum sts_waiver waiver;
};

void sts_enforce_decide(const struct sts_enforce_case *c, const struct sts_enforcement *settings,
    struct sts_enforce_decision *out);

/* The stronger of two decisions: by action, then by wanted action; the first on a tie. */
const struct sts_enforce_decision *sts_enforce_stronger(const struct sts_enforce_decision *a,
    const struct sts_enforce_decision *b);

/* Whether a domain (normalised) is in the given percentage of all domains, 0 to 100. A fixed hash of the name decides: the same on
 * every node and in every version; and a domain that is in stays in when the percentage grows. */
bool sts_enforce_in_share(const char *domain, int64_t percent);

/* Whether anything other than a rule could ever act on mail. */
bool sts_enforce_acts(const struct sts_enforcement *settings);

/* The names in the log; "" for none. */
const char *sts_cause_name(enum sts_cause cause);
const char *sts_waiver_name(enum sts_waiver waiver);

#endif
