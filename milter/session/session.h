/* SPDX-License-Identifier: ISC */
/*
 * session.h - one SMTP session and, inside of it, one message after the other: two records with two lifetimes.
 *
 * Fed with plain strings by whoever speaks the milter protocol; judges, counts and logs a message at its end. Strings are
 * copied with bounds, never kept. Everything in them is hostile.
 * A session belongs to one thread at a time (libmilter never runs two callbacks of a session at once).
 */
#ifndef MILTER_SESSION_SESSION_H
#define MILTER_SESSION_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "milter/service/service.h"
#include "milter/session/refusal.h"
#include "shared-cache/base/status.h"
#include "shared-cache/judge/header.h"

struct session;

/* Pins the current settings. STS_OK or STS_ENOMEM; then *out is NULL. */
enum sts_status session_new(struct service *service, struct session **out);
/* Releases everything, a message in progress included; sets *session to NULL; *session may be NULL. */
void session_free(struct session **session);

/* What was agreed with the MTA. Steps and actions are opaque here: the caller finds its own again. */
struct session_terms {
	unsigned long steps, actions;
	bool macros_asked;	/* the MTA sends the TLS macros with MAIL if there is TLS: without them there is none */
	bool cert_asked;	/* the same for the client certificate */
	bool without_connect;	/* who the client is comes with MAIL */
	bool late;		/* began after that, so that nothing is agreed, and CONNECT may have been before */
};
void session_set_terms(struct session *session, const struct session_terms *terms);
const struct session_terms *session_terms(const struct session *session);
/* The settings this session began with; borrowed. */
const struct sts_conf *session_conf(const struct session *session);

/* Who connects. Any of these may be NULL. client_name is the verified name only ({client_name}), not the bare reverse
 * lookup; client_port is {client_port}. */
struct session_client {
	const struct sockaddr *addr;
	const char *client_addr;	/* {client_addr}; where addr is NULL */
	const char *client_name;
	const char *client_port;
	const char *daemon_name;	/* {daemon_name}; asked for where front_daemons is set */
	const char *client_resolve;	/* {client_resolve}: "TEMP" when DNS could not say whether there is a name */
};
void session_connect(struct session *session, const struct session_client *client);
/* Whether that has been called, whatever it was told. */
bool session_knows_client(const struct session *session);
/* Of family 0 when it is not known. */
const struct sts_ipaddr *session_client_addr(const struct session *session);

/* HELO or EHLO; the last one counts. */
void session_helo(struct session *session, const char *name);

/* MAIL. sender as the client wrote it; the macros may be NULL. Begins a message, and the look-up of its domain. */
struct session_mail {
	const char *sender;
	const char *tls_version, *cipher, *cipher_bits;
	const char *auth_type, *auth_authen;
	const char *cert_subject, *cert_issuer;
	const char *tls_sni;
	const char *const *parameters;	/* such as SIZE=1; a NULL is behind the last; NULL: there are none */
};
void session_mail(struct session *session, const struct session_mail *mail);

/* RCPT. Look-ups are for domains in local_domains only. A recipient counts for what is said of the message until
 * session_rcpt_decide refuses it. */
void session_rcpt(struct session *session, const char *recipient);
/* The look-up that the answer to this recipient depends on: to be waited for, for session_patience_ms at most. NULL when there is
 * nothing to wait for, as with a session whose TLS is adequate. now_ms: since the epoch. */
struct sts_lookup *session_rcpt_lookup(const struct session *session, int64_t now_ms);
/* What to do about this recipient, with what is known by now: accept, tempfail, reject. now_ms: since the epoch. */
void session_rcpt_decide(struct session *session, int64_t now_ms, struct refusal_answer *out);

/* How long the message may still be delayed for policies, and that it has been. */
int64_t session_patience_ms(const struct session *session);
void session_waited(struct session *session, int64_t ms);

/* A header field of the message. */
void session_field(struct session *session, const char *name);

/* Waits until everything that was asked about the message is known, or until deadline_ms (sts_clock_mono_ms). */
void session_wait(struct session *session, int64_t deadline_ms);

/* These wait by the clock, for session_patience_ms at most, of which that is taken: for what the answer to a recipient depends on
 * (session_rcpt_lookup); for everything. */
void session_wait_for_rcpt(struct session *session);
void session_wait_for_all(struct session *session);

/* What is to be done to the message. */
struct session_outcome {
	size_t forged;			/* occurrences of X-MTA-STS to remove: the first of them; bounded by max_forged_fields */
	bool add;			/* header is to be added */
	char header[STS_HEADER_CAP];
	struct refusal_answer answer;	/* to the message as a whole */
};
struct session_end {
	const char *queue_id;		/* NULL when the MTA gave none */
	int64_t now_ms;			/* since the epoch */
};
/* Ends the message: judges it with what is known now, logs one line, counts it. */
void session_finish(struct session *session, const struct session_end *end, struct session_outcome *out);

/* Forgets the message in progress, if any (RSET, EHLO, STARTTLS, end of session). Not the session. If recipients of it were
 * refused, it is logged and counted first, because no end of it will come. */
void session_reset(struct session *session);

#endif
