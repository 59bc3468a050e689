/* SPDX-License-Identifier: ISC */
/*
 * session_private.h - the two records of session.h, shared by its files:
 *
 *   session.c          who connects, what is said, and what is put down at the end
 *   session_enforce.c  what is done about it
 */
#ifndef MILTER_SESSION_SESSION_PRIVATE_H
#define MILTER_SESSION_SESSION_PRIVATE_H

#include "milter/record/journal.h"
#include "milter/session/refusal.h"
#include "milter/session/session.h"

enum { SESSION_CERT_CAP = 256 };	/* a common name has 64 characters at most (RFC 5280), of 4 bytes each */

struct recipient {
	struct recipient *next;
	struct sts_lookup *lookup;	/* NULL when there was no memory for it */
	char domain[STS_DOMAIN_CAP];
};

/* The recipient that is spoken of right now. */
struct current_rcpt {
	char domain[STS_DOMAIN_CAP];	/* "" for none */
	const char *role;		/* of sts_mailbox_role */
	struct recipient *local;	/* NULL when the domain is none of ours, or one too many */
};

struct message {
	enum journal_exempt exempt;
	enum sts_identity identity;
	char domain[STS_DOMAIN_CAP];	/* "" when there is none */
	struct sts_tls tls;
	char cert_subject[SESSION_CERT_CAP], cert_issuer[SESSION_CERT_CAP];
	struct sts_lookup *sender;	/* NULL without domain, when exempt, or when there was no memory */
	struct recipient *recipients;
	size_t recipient_count;
	struct current_rcpt current;
	struct refusal refusal;
	int64_t refused_ms;		/* when a recipient was refused last; since the epoch */
	int64_t waited_ms;		/* for policies, so far */
};

struct session {
	struct service *service;
	struct sts_conf *conf;
	struct session_terms terms;
	struct sts_ipaddr client;
	char client_name[STS_DOMAIN_CAP];	/* "" when there is no verified name */
	bool name_pending;		/* DNS could not say whether there is one */
	char helo[STS_DOMAIN_CAP];		/* "" when it is no domain */
	bool local;			/* did not come in over SMTP */
	bool trusted;			/* client is in trusted_networks */
	bool keeps_fields;		/* client is in accept_header_from */
	bool counted;			/* a message of this session has been judged */
	size_t forged;			/* of the message in progress */
	struct message *message;	/* NULL between messages */
};

/* Everything that is found out and decided about one message. */
struct judgement {
	struct sts_evidence evidence;
	struct sts_policy_view policy;
	struct sts_verdict verdict;
	const char *source;
};

/* What a look-up has come to by deadline_ms; 0 does not wait. */
void session_ask(struct sts_lookup *lookup, int64_t deadline_ms, struct sts_answer *out);
/* What is known of the message at now (seconds since the epoch). For good: it is put down next, and its look-ups are counted in
 * the metrics. */
struct judging {
	const char *queue_id;		/* may be NULL */
	int64_t now;
	bool for_good;
};
void session_judge(const struct session *session, const struct judging *how, struct judgement *out);

/* ---- session_enforce.c ---- */

/* Decides the end of the message: fills in what is done (out), and in the verdict what becomes of the mail that is delivered. */
void session_enforce_end(struct session *session, struct judgement *j, int64_t now_ms, struct session_outcome *out);
/* What the journal says of it: in total, refused recipients included. */
void session_enforce_total(const struct session *session, struct sts_verdict *verdict, struct journal_deed *out);

#endif
