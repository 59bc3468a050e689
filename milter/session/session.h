/* SPDX-License-Identifier: ISC */
/*
 * session.h - an SMTP session and its messages, one after the other: two records with two lifetimes.
 *
 * Gets plain strings from whoever speaks the milter protocol; judges, counts and logs a message at its end. Strings are copied with
 * bounds, and no pointer is kept. All of them are hostile.
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

/* Keeps a reference to the current settings. STS_OK, or STS_ENOMEM with *out NULL. */
enum sts_status session_new(struct service *service, struct session **out);
/* Frees everything, including a message in progress; sets *session to NULL. *session may be NULL. */
void session_free(struct session **session);

/* What was negotiated with the MTA. Steps and actions are opaque here; the caller reads them back. */
struct session_terms {
	unsigned long steps, actions;
	bool macros_asked;	/* the MTA sends the TLS macros with MAIL if there is TLS: their absence means that there is none */
	bool cert_asked;	/* the same for the client certificate */
	bool without_connect;	/* MAIL's macros identify the client */
	bool late;		/* the session began after negotiation: nothing is agreed, and CONNECT may have come before */
};
void session_set_terms(struct session *session, const struct session_terms *terms);
const struct session_terms *session_terms(const struct session *session);
/* The settings that this session began with; borrowed. */
const struct sts_conf *session_conf(const struct session *session);

/* The client. Each pointer may be NULL. client_name is only the verified name ({client_name}), not the bare reverse lookup;
 * client_port is {client_port}. */
struct session_client {
	const struct sockaddr *addr;
	const char *client_addr;	/* {client_addr}; used if addr is NULL */
	const char *client_name;
	const char *client_port;
	const char *daemon_name;	/* {daemon_name}; requested if front_daemons is set */
	const char *client_resolve;	/* {client_resolve}: "TEMP" if DNS could not say whether there is a name */
};
void session_connect(struct session *session, const struct session_client *client);
/* Whether session_connect has been called, with whatever arguments. */
bool session_knows_client(const struct session *session);
/* Of family 0 if unknown. */
const struct sts_ipaddr *session_client_addr(const struct session *session);

/* HELO or EHLO; the last one counts. */
void session_helo(struct session *session, const char *name);

/* MAIL: begins a message, and the look-up of its domain. sender: as the client wrote it; the macros may be NULL. */
struct session_mail {
	const char *sender;
	const char *tls_version, *cipher, *cipher_bits;
	const char *auth_type, *auth_authen;
	const char *cert_subject, *cert_issuer;
	const char *tls_sni;
	const char *const *parameters;	/* such as SIZE=1, up to a NULL; may be NULL itself */
};
void session_mail(struct session *session, const struct session_mail *mail);

/* RCPT. Only domains in local_domains are looked up. The recipient counts in the message's evidence unless session_rcpt_decide
 * refuses it. */
void session_rcpt(struct session *session, const char *recipient);
/* The look-up that the answer to this recipient depends on; wait for it, but no longer than session_patience_ms. NULL: nothing
 * to wait for, for example because the session's TLS is adequate. now_ms: since the epoch. */
struct sts_lookup *session_rcpt_lookup(const struct session *session, int64_t now_ms);
/* Decides about this recipient with what is known now: accept, tempfail, reject. now_ms: since the epoch. */
void session_rcpt_decide(struct session *session, int64_t now_ms, struct refusal_answer *out);

/* How long policies may still delay the message; and a delay that has happened. */
int64_t session_patience_ms(const struct session *session);
void session_waited(struct session *session, int64_t ms);

/* A header field of the message. */
void session_field(struct session *session, const char *name);

/* Waits until every look-up of the message is done, or until deadline_ms (sts_clock_mono_ms). */
void session_wait(struct session *session, int64_t deadline_ms);

/* These wait by the clock, for at most session_patience_ms, and subtract the time: for the look-up that the answer to a
 * recipient depends on (session_rcpt_lookup); for all look-ups. */
void session_wait_for_rcpt(struct session *session);
void session_wait_for_all(struct session *session);

/* What to do to the message. */
struct session_outcome {
	size_t forged;			/* how many X-MTA-STS fields to remove, from the first on; bounded by max_forged_fields */
	bool add;			/* add our header */
	char header[STS_HEADER_CAP];
	struct refusal_answer answer;	/* to the message as a whole */
};
struct session_end {
	const char *queue_id;		/* NULL if the MTA sent none */
	int64_t now_ms;			/* since the epoch */
};
/* Ends the message: judges it with what is known now, logs one line, counts it. */
void session_finish(struct session *session, const struct session_end *end, struct session_outcome *out);

/* Forgets the message in progress, if any (RSET, EHLO, STARTTLS, end of the session), but not the session. If recipients of it
 * were refused, it is logged and counted first, because its end will never come. */
void session_reset(struct session *session);

#endif
