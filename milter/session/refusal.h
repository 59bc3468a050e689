/* SPDX-License-Identifier: ISC */
/*
 * refusal.h - collects what is enforced on a message and its recipients, from one RCPT TO to the next and at the end.
 *
 * At RCPT TO, the recipient's side is decided, and the sender's as far as its policy is known by then: so one of several recipients
 * can be refused while the others get their mail. At the end of the message, the sender's side is decided for the remaining
 * recipients. enforce_message.h makes the decisions; here they are combined, and the trip wire is applied.
 * Belongs to a session: one thread at a time.
 */
#ifndef MILTER_SESSION_REFUSAL_H
#define MILTER_SESSION_REFUSAL_H

#include <stdbool.h>
#include <stdint.h>

#include "milter/service/service.h"
#include "shared-cache/enforcement/reply.h"
#include "shared-cache/enforcement/enforce_message.h"

/* For one message; zeroed: nothing has been decided. */
struct refusal {
	struct sts_enforce_decision kept;	/* the strongest decision for recipients that were accepted */
	struct sts_enforce_decision total;	/* the strongest for all recipients */
	unsigned accepted, refused;		/* recipients */
	unsigned roles, exempted;		/* among those accepted, see struct sts_enforce_case */
	bool passed;				/* the trip wire allowed it, and has counted it */
};

/* What is known of the message so far. */
struct refusal_facts {
	struct service *service;
	const struct sts_conf *conf;
	bool judged;				/* not exempt */
	const struct sts_evidence *evidence;
	const struct sts_policy_view *policy;	/* of the sender's domain */
	const struct sts_rule_session *client;
	int64_t now;				/* seconds since the epoch */
};

struct refusal_answer {
	enum sts_action action;			/* at RCPT TO: accept, tempfail or reject */
	struct sts_reply_text reply;		/* for the latter two */
};

void refusal_rcpt(struct refusal *refusal, const struct refusal_facts *facts, const struct sts_enforce_rcpt *rcpt,
    struct refusal_answer *out);

/* The end of the message. Afterwards `kept' applies to the message that is delivered. */
void refusal_end(struct refusal *refusal, const struct refusal_facts *facts, struct refusal_answer *out);

/* The text of the reply, with each percent sign doubled, since libmilter treats it as a format. Cut if it does not fit into cap
 * bytes. */
void refusal_text(const struct refusal_answer *answer, char *out, size_t cap);

#endif
