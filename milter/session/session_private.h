/* SPDX-License-Identifier: ISC */
/*
 * session_private.h - the two records of session.h, shared by its files:
 *
 *  session.c          the client, the commands, and recording the message at its end
 *  session_rcpt.c     recipients
 *  session_judge.c    evidence and verdict
 *  session_enforce.c  what is enforced
 *  session_wait.c     how long to wait for policies
 */
#ifndef MILTER_SESSION_SESSION_PRIVATE_H
#define MILTER_SESSION_SESSION_PRIVATE_H

#include "milter/record/journal.h"
#include "milter/session/refusal.h"
#include "milter/session/session.h"

enum {
	SESSION_CERT_CAP = 256,		/* a common name has 64 characters at most (RFC 5280), of 4 bytes each */
	SESSION_HELO_CAP = 4 * STS_DOMAIN_MAX,	/* the longest name that can become a domain (domain.c) */
};

struct recipient {
	struct recipient *next;
	struct sts_lookup *lookup;	/* NULL: no memory for it */
	unsigned let_through;		/* recipients of this domain that were accepted; the message's evidence counts only these */
	bool refused;			/* another recipient of it was refused */
	char domain[STS_DOMAIN_CAP];
	unsigned ordinary;		/* of those accepted: neither role accounts nor report addresses */
};

/* The recipient of the current RCPT TO. */
struct current_rcpt {
	char domain[STS_DOMAIN_CAP];	/* "": none */
	const char *role;		/* from sts_mailbox_role, or a report address's local part; NULL for all others */
	struct recipient *local;	/* NULL: the domain is not ours, or exceeds RECIPIENT_DOMAINS_MAX */
};

/* Whether the client is aligned with the sender's domain, as far as that was asked. */
struct alignment {
	bool known;
	const struct sts_policy *policy;	/* the policy that was used; NULL: none was known */
	enum sts_aligned aligned;
};

/* Everything that is found out and decided about one message. */
struct judgement {
	struct sts_answer answer;	/* about the sender's domain; all else depends on it */
	struct sts_evidence evidence;
	struct sts_policy_view policy;
	struct sts_verdict verdict;
	const char *source;
};

struct message {
	enum journal_exempt exempt;
	enum sts_identity identity;
	char domain[STS_DOMAIN_CAP];	/* "": none */
	struct sts_tls tls;
	char sni[STS_DOMAIN_CAP];
	bool requiretls;
	char cert_subject[SESSION_CERT_CAP], cert_issuer[SESSION_CERT_CAP];
	struct sts_lookup *sender;	/* NULL: no domain, exempt, or no memory */
	struct recipient *recipients;
	size_t recipient_count;
	struct current_rcpt current;
	struct alignment alignment;
	struct judgement *judgement;	/* at RCPT TO, see session_judge_so_far; NULL: not needed yet */
	struct refusal refusal;
	int64_t refused_ms;		/* latest refusal of a recipient; since the epoch */
	int64_t waited_ms;		/* waiting for policies, so far */
};

struct session {
	struct service *service;
	struct sts_conf *conf;
	struct session_terms terms;
	struct sts_ipaddr client;
	char client_name[STS_DOMAIN_CAP];	/* "": no verified name */
	bool name_pending;		/* DNS could not say whether there is one */
	char helo[SESSION_HELO_CAP];		/* as the client said it, without NUL; empty if it was longer */
	size_t helo_len;
	bool behind_front;		/* the session's TLS is a front end's, not the client's */
	bool connected;			/* the client is known */
	bool local;			/* not received over SMTP */
	bool trusted;			/* the client is in trusted_networks */
	bool keeps_fields;		/* the client is in accept_header_from */
	bool counted;			/* a message of this session has been judged */
	size_t forged;			/* forged fields of the message in progress */
	struct message *message;	/* NULL between messages */
	struct message *spare;		/* memory for the next message, from the last one */
};

/* ---- session_rcpt.c ---- */

/* The current recipient is refused: it no longer counts in the message. */
void session_rcpt_refused(struct message *message);
/* Adds the recipients to the final evidence. */
void session_rcpt_gather(const struct session *session, struct sts_evidence *evidence);

/* ---- session_judge.c ---- */

/* NULL: no memory; the message is then judged as `overload'. */
struct sts_lookup *session_start_lookup(const struct session *session, const char *domain);
/* The result of a look-up at deadline_ms at the latest; 0: does not wait. */
void session_ask(struct sts_lookup *lookup, int64_t deadline_ms, struct sts_answer *out);
/* Prepares the history of the sender's domain if the client is aligned (by its name at once, by the policy's mx once that is
 * known), and waits for it as sender_history_prepare does. Not if TLS is unknown: the history could say nothing. */
void session_prepare_history(const struct session *session, int64_t deadline_ms);
/* The judgement at RCPT TO, without recipients. Kept, and made again only when more is known about the sender's domain: a
 * thousand recipients cost one judgement. now: seconds since the epoch. NULL: no memory. */
const struct judgement *session_judge_so_far(const struct session *session, int64_t now);
/* The final judgement, to be recorded next; counts its look-ups in the metrics. queue_id may be NULL. For an exempt message,
 * only the evidence. */
void session_judge(const struct session *session, const char *queue_id, int64_t now, struct judgement *out);

/* ---- session_enforce.c ---- */

/* Whether the message has more forged fields than can be removed; then this alone decides, in place of session_enforce_end. */
bool session_enforce_forged(const struct session *session, struct judgement *j, struct session_outcome *out);
/* Decides at the end of the message: sets out, and in the verdict the action on the mail that is delivered. */
void session_enforce_end(struct session *session, struct judgement *j, int64_t now_ms, struct session_outcome *out);
/* What the journal records: the total, including refused recipients. */
void session_enforce_total(const struct session *session, struct sts_verdict *verdict, struct journal_enforcement *out);

#endif
