/* SPDX-License-Identifier: ISC */
/*
 * session_private.h - the two records of session.h, shared by its files:
 *
 *   session.c          who connects, what is said, and what is put down at the end
 *   session_rcpt.c     for whom the message is
 *   session_judge.c    what is known of it, judged
 *   session_enforce.c  what is done about it
 *   session_wait.c     how long that may take
 */
#ifndef MILTER_SESSION_SESSION_PRIVATE_H
#define MILTER_SESSION_SESSION_PRIVATE_H

#include "milter/record/journal.h"
#include "milter/session/refusal.h"
#include "milter/session/session.h"

enum {
	SESSION_CERT_CAP = 256,		/* a common name has 64 characters at most (RFC 5280), of 4 bytes each */
	SESSION_HELO_CAP = 4 * STS_DOMAIN_MAX,	/* as much as can become a domain (domain.c) */
};

struct recipient {
	struct recipient *next;
	struct sts_lookup *lookup;	/* NULL when there was no memory for it */
	unsigned let_through;		/* recipients of this domain; all that is said of the message is said of these */
	bool refused;			/* another one was */
	char domain[STS_DOMAIN_CAP];
	unsigned ordinary;		/* of these: neither role accounts nor report addresses */
};

/* The recipient that is spoken of right now. */
struct current_rcpt {
	char domain[STS_DOMAIN_CAP];	/* "" for none */
	const char *role;		/* of sts_mailbox_role, or a report address's local part; NULL for all others */
	struct recipient *local;	/* NULL when the domain is none of ours, or one too many */
};

/* How the client goes with the sender's domain, as far as that was asked. */
struct alignment {
	bool known;
	const struct sts_policy *policy;	/* that was looked at; NULL: none was known by then */
	enum sts_aligned aligned;
};

/* Everything that is found out and decided about one message. */
struct judgement {
	struct sts_answer answer;	/* about the sender's domain, on which the rest depends */
	struct sts_evidence evidence;
	struct sts_policy_view policy;
	struct sts_verdict verdict;
	const char *source;
};

struct message {
	enum journal_exempt exempt;
	enum sts_identity identity;
	char domain[STS_DOMAIN_CAP];	/* "" when there is none */
	struct sts_tls tls;
	char sni[STS_DOMAIN_CAP];
	bool requiretls;
	char cert_subject[SESSION_CERT_CAP], cert_issuer[SESSION_CERT_CAP];
	struct sts_lookup *sender;	/* NULL without domain, when exempt, or when there was no memory */
	struct recipient *recipients;
	size_t recipient_count;
	struct current_rcpt current;
	struct alignment alignment;
	struct judgement *judgement;	/* of RCPT TO, see session_judge_so_far; NULL: none has been asked for */
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
	char helo[SESSION_HELO_CAP];		/* as it was said, without a NUL; none where it was longer */
	size_t helo_len;
	bool behind_front;		/* the session's TLS is not the client's */
	bool connected;			/* who the client is was told */
	bool local;			/* did not come in over SMTP */
	bool trusted;			/* client is in trusted_networks */
	bool keeps_fields;		/* client is in accept_header_from */
	bool counted;			/* a message of this session has been judged */
	size_t forged;			/* of the message in progress */
	struct message *message;	/* NULL between messages */
	struct message *spare;		/* its memory then, once there was one */
};

/* ---- session_rcpt.c ---- */

/* The current recipient is refused: it is none of the message's. */
void session_rcpt_refused(struct message *message);
/* What the evidence says of the recipients, for good. */
void session_rcpt_gather(const struct session *session, struct sts_evidence *evidence);

/* ---- session_judge.c ---- */

/* NULL when there was no memory: the message is then answered `overload`. */
struct sts_lookup *session_start_lookup(const struct session *session, const char *domain);
/* What a look-up has come to by deadline_ms; 0 does not wait. */
void session_ask(struct sts_lookup *lookup, int64_t deadline_ms, struct sts_answer *out);
/* Wants the history of the sender's domain if the client is seen to be the domain's own (by its name at once, by an mx of the
 * policy once that is known), and waits for it as sender_history_prepare does. Not where TLS is unknown: it would say nothing. */
void session_prepare_history(const struct session *session, int64_t deadline_ms);
/* What is known of a judged message at RCPT TO, without its recipients. Kept, and judged anew only when more is known of the
 * sender's domain than before: a thousand recipients cost one judgement. now: seconds since the epoch. NULL: no memory. */
const struct judgement *session_judge_so_far(const struct session *session, int64_t now);
/* What is known at now, for good: it is put down next, and its look-ups are counted in the metrics. queue_id may be NULL. Of a
 * message that is exempt, the evidence alone. */
void session_judge(const struct session *session, const char *queue_id, int64_t now, struct judgement *out);

/* ---- session_enforce.c ---- */

/* Whether the message has more forged fields than are removed; then it is decided by that alone, as session_enforce_end does. */
bool session_enforce_forged(const struct session *session, struct judgement *j, struct session_outcome *out);
/* Decides the end of the message: fills in what is done (out), and in the verdict what becomes of the mail that is delivered. */
void session_enforce_end(struct session *session, struct judgement *j, int64_t now_ms, struct session_outcome *out);
/* What the journal says of it: in total, refused recipients included. */
void session_enforce_total(const struct session *session, struct sts_verdict *verdict, struct journal_enforcement *out);

#endif
