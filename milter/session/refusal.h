/* SPDX-License-Identifier: ISC */
/*
 * refusal.h - what is done to one message and to its recipients, from one RCPT TO to the next and at the end.
 *
 * At RCPT TO the recipient's side is decided, and the sender's as far as its policy is known by then, so that of several
 * recipients one is refused and the others get their mail. At the end of the message the sender's side is decided for the
 * recipients that are left. The decisions themselves are enforce_message.h's; here is what they add up to, and the trip wire.
 * Of a session, as it is: one thread at a time.
 */
#ifndef MILTER_SESSION_REFUSAL_H
#define MILTER_SESSION_REFUSAL_H

#include <stdbool.h>
#include <stdint.h>

#include "milter/service/service.h"
#include "shared-cache/enforcement/reply.h"
#include "shared-cache/enforcement/enforce_message.h"

/* Of one message; zeroed: nothing has been decided. */
struct refusal {
	struct sts_enforce_decision kept;	/* the strongest about recipients that were accepted */
	struct sts_enforce_decision total;	/* and about those that were not */
	unsigned accepted, refused;		/* recipients */
	unsigned roles, exempted;		/* of those accepted, see struct sts_enforce_case */
	bool passed;				/* counted at the trip wire */
};

/* What is known of the message by now. */
struct refusal_facts {
	struct service *service;
	const struct sts_conf *conf;
	bool judged;				/* the client is not exempt */
	const struct sts_evidence *evidence;
	const struct sts_policy_view *policy;	/* of the sender's domain */
	const struct sts_rule_session *client;
	int64_t now;				/* seconds since the epoch */
};

struct refusal_answer {
	enum sts_action action;			/* at RCPT TO accept, tempfail or reject */
	struct sts_reply_text reply;		/* with the latter two */
};

void refusal_rcpt(struct refusal *refusal, const struct refusal_facts *facts, const struct sts_enforce_rcpt *rcpt,
    struct refusal_answer *out);

/* The end of the message; afterwards `kept` is about the message that is delivered. */
void refusal_end(struct refusal *refusal, const struct refusal_facts *facts, struct refusal_answer *out);

/* The text of the reply with each percent sign doubled, as libmilter wants it, which takes it for a format; cut where out, of cap bytes,
 * is full. */
void refusal_text(const struct refusal_answer *answer, char *out, size_t cap);

#endif
