/* SPDX-License-Identifier: ISC */
/*
 * session.c - the connection record, the message record, and the end of a message. Knows no SMFICTX, no clock, no network.
 *
 * The connection record counts forged fields, so that they are removed even if there was no memory for a message record.
 */
#include "config.h"

#include "milter/session/session_private.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "milter/record/metrics_message.h"
#include "milter/session/header_sign.h"
#include "milter/session/sender_history.h"
#include "shared-cache/base/text.h"
#include "shared-cache/names/mailbox.h"

enum sts_status
session_new(struct service *service, struct session **out)
{
	struct session *s = calloc(1, sizeof(*s));

	*out = s;
	if (s == NULL)
		return STS_ENOMEM;
	s->service = service;
	s->conf = service_conf_ref(service);
	metrics_count(&service->metrics, METRICS_OPEN_SESSIONS, 0, 0);
	s->local = true;	/* until a client connects */
	return STS_OK;
}

void
session_free(struct session **session)
{
	if (*session == NULL)
		return;
	session_reset(*session);
	free((*session)->spare);
	metrics_uncount(&(*session)->service->metrics, METRICS_OPEN_SESSIONS, 0, 0);
	sts_conf_unref(&(*session)->conf);
	free(*session);
	*session = NULL;
}

void
session_set_terms(struct session *session, const struct session_terms *terms)
{
	session->terms = *terms;
}

const struct session_terms *
session_terms(const struct session *session)
{
	return &session->terms;
}

const struct sts_conf *
session_conf(const struct session *session)
{
	return session->conf;
}

static bool
port_is_zero(const struct session_client *client)
{
	if (client->client_port != NULL)
		return strcmp(client->client_port, "0") == 0;
	if (client->addr == NULL)
		return false;
	if (client->addr->sa_family == AF_INET)
		return ((const struct sockaddr_in *)(const void *)client->addr)->sin_port == 0;
	return ((const struct sockaddr_in6 *)(const void *)client->addr)->sin6_port == 0;
}

static bool
read_addr(const struct session_client *client, struct sts_ipaddr *out)
{
	if (client->addr != NULL)
		return sts_ipaddr_from_sockaddr(client->addr, out);
	return client->client_addr != NULL && sts_ipaddr_parse(client->client_addr, strlen(client->client_addr), out);
}

static bool
is_loopback(const struct sts_ipaddr *addr)
{
	static const uint8_t one[16] = { [15] = 1 };

	return addr->family == 4 ? addr->bytes[0] == 127 : addr->family == 6 && memcmp(addr->bytes, one, sizeof(one)) == 0;
}

static bool
is_listed(const struct sts_netlist *list, const struct sts_ipaddr *addr)
{
	return list != NULL && addr->family != 0 && sts_netlist_contains(list, addr);
}

void
session_connect(struct session *session, const struct session_client *client)
{
	size_t len = client->client_name != NULL ? strlen(client->client_name) : 0;
	bool is_known;

	session->connected = true;
	memset(&session->client, 0, sizeof(session->client));
	session->client_name[0] = '\0';
	session->name_pending = client->client_resolve != NULL && strcmp(client->client_resolve, "TEMP") == 0;
	if (len < sizeof(session->client_name) && len > 0)
		memcpy(session->client_name, client->client_name, len + 1);
	is_known = read_addr(client, &session->client);
	/* Postfix passes mail submitted by sendmail(1) to non_smtpd_milters as coming from 127.0.0.1, port 0. From elsewhere,
	 * port 0 means that a front end did not tell it. */
	session->local = is_known && is_loopback(&session->client) && port_is_zero(client);
	/* Without an address, a front end did not tell it (XCLIENT): then the session is the front end's. */
	session->behind_front = !is_known ||
	    (client->daemon_name != NULL && sts_conf_list_contains(session->conf->front_daemons, client->daemon_name));
	session->trusted = is_listed(session->conf->trusted_networks, &session->client);
	/* Exempt from removing fields only. Our own field is added above those that were kept, so that a reader of `host=' finds
	 * the one it knows first. */
	session->keeps_fields = is_listed(session->conf->accept_header_from, &session->client);
}

bool
session_knows_client(const struct session *session)
{
	return session->connected;
}

const struct sts_ipaddr *
session_client_addr(const struct session *session)
{
	return &session->client;
}

/* Used only if the sender is null, which is rare. */
void
session_helo(struct session *session, const char *name)
{
	size_t len = strlen(name);

	session->helo_len = len < sizeof(session->helo) ? len : 0;
	memcpy(session->helo, name, session->helo_len);
}

/* A name without a dot is not a mail domain (RFC 5321 section 2.3.5), and looking it up would ask the root servers. */
static void
read_helo(const struct session *session, char domain[STS_DOMAIN_CAP])
{
	if (sts_domain_normalise(session->helo, session->helo_len, domain) != STS_DOMAIN_OK || strchr(domain, '.') == NULL)
		domain[0] = '\0';
}

static bool
is_said(const char *macro)
{
	return macro != NULL && macro[0] != '\0';
}

static void
read_tls(const struct session *session, const struct session_mail *mail, struct sts_tls *tls)
{
	unsigned long long bits;

	tls->bits = -1;
	if (session->behind_front || !is_said(mail->tls_version)) {
		tls->state = session->terms.macros_asked && !session->behind_front ? STS_TLS_NONE : STS_TLS_UNKNOWN;
		return;
	}
	tls->state = STS_TLS_SECURED;
	sts_text_copy(tls->version, sizeof(tls->version), mail->tls_version);
	if (is_said(mail->cipher))
		sts_text_copy(tls->cipher, sizeof(tls->cipher), mail->cipher);
	if (is_said(mail->cipher_bits) && sts_text_parse_u64(mail->cipher_bits, strlen(mail->cipher_bits), 5, &bits))
		tls->bits = (int)bits;
}

static void
read_identity(const struct session *session, const char *sender, struct message *message)
{
	enum sts_mailbox_kind kind = sts_mailbox_domain(sender, strlen(sender), message->domain);

	message->identity = STS_IDENTITY_MAILFROM;
	if (kind == STS_MAILBOX_NULL) {
		message->identity = STS_IDENTITY_HELO;
		read_helo(session, message->domain);
	}
}

/* Whether MAIL had this parameter, which takes no value. */
static bool
has_parameter(const struct session_mail *mail, const char *name)
{
	for (const char *const *p = mail->parameters; p != NULL && *p != NULL; p++)
		if (strcasecmp(*p, name) == 0)
			return true;
	return false;
}

static void
read_cert(const struct session_mail *mail, struct message *message)
{
	if (mail->cert_subject != NULL)
		sts_text_copy(message->cert_subject, sizeof(message->cert_subject), mail->cert_subject);
	if (mail->cert_issuer != NULL)
		sts_text_copy(message->cert_issuer, sizeof(message->cert_issuer), mail->cert_issuer);
}

static enum journal_exempt
exempt_of(const struct session *session, const struct session_mail *mail)
{
	if (is_said(mail->auth_type) || is_said(mail->auth_authen))
		return JOURNAL_AUTH;
	if (session->local)
		return JOURNAL_LOCAL;
	return session->trusted ? JOURNAL_TRUSTED : JOURNAL_JUDGED;
}

/* Messages of a session reuse one block of memory. */
static struct message *
message_new(struct session *session)
{
	struct message *message = session->spare;

	if (message == NULL)
		return calloc(1, sizeof(*message));
	session->spare = NULL;
	memset(message, 0, sizeof(*message));
	return message;
}

void
session_mail(struct session *session, const struct session_mail *mail)
{
	struct message *message;

	session_reset(session);
	if ((message = message_new(session)) == NULL) {
		service_warn(session->service, WARNING_MEMORY, "out of memory: a message passes without being judged");
		return;
	}
	session->message = message;
	message->exempt = exempt_of(session, mail);
	read_tls(session, mail, &message->tls);
	if (message->tls.state == STS_TLS_SECURED && mail->tls_sni != NULL)
		sts_text_copy(message->sni, sizeof(message->sni), mail->tls_sni);
	message->requiretls = has_parameter(mail, "REQUIRETLS");
	read_cert(mail, message);
	read_identity(session, mail->sender, message);
	if (message->exempt == JOURNAL_JUDGED && message->domain[0] != '\0')
		message->sender = session_start_lookup(session, message->domain);
	session_prepare_history(session, 0);
}

void
session_field(struct session *session, const char *name)
{
	if (sts_header_is_ours(name))
		session->forged++;
}

/* Without memory for a record, the message is still counted. */
static void
give_to_writer(const struct session *session, const struct journal_case *c)
{
	struct sts_mail_record *record = journal_record(c);
	struct journal_counts counts;

	if (record != NULL) {
		sts_writer_take(session->service->writer, record);
		return;
	}
	journal_count(c, &counts);
	sts_writer_record(session->service->writer, &counts.message, NULL);
}

static void
record_message(struct session *session, const struct session_end *end, const struct judgement *j, bool could_act, bool delivered)
{
	struct sts_verdict verdict = j->verdict;
	struct journal_enforcement enforcement;
	const struct journal_case c = {
		.evidence = &j->evidence,
		.policy = &j->policy,
		.verdict = &verdict,
		.enforcement = could_act ? &enforcement : NULL,
		.exempt = session->message->exempt,
		.names = session->service->counter_names,
		.keeps_evidence = session->conf->redis.kind != STS_ENDPOINT_NONE,
		.node = sts_conf_node(session->conf),
		.client_addr = session->conf->evidence_client_addr,
		/* Refused mail has not arrived: retries over days are not the domain's habit. */
		.keeps_history = delivered && sender_history_is_kept(session->service, session->conf),
		.first = !session->counted,
		.source = j->source,
		.waited_ms = session->message->waited_ms,
		.now_ms = end->now_ms,
	};
	char line[JOURNAL_LINE_CAP];

	session_enforce_total(session, &verdict, &enforcement);
	enforcement.delivered = delivered;
	journal_line(&c, line);
	sts_log_text(STS_LOG_INFO, line);
	if (c.exempt == JOURNAL_JUDGED && delivered)
		sender_history_add(session->service, session->conf, c.evidence, end->now_ms / 1000);
	metrics_message(&session->service->metrics, &c);
	give_to_writer(session, &c);
	session->counted = session->counted || c.exempt == JOURNAL_JUDGED;
}

static bool
sign(void *arg, const char *text, size_t len, char out[STS_HEADER_SIG_CAP])
{
	const struct session *session = arg;

	if (header_sign(&session->conf->header_key, text, len, out))
		return true;
	service_warn(session->service, WARNING_SIGNING, "OpenSSL cannot make a BLAKE2b: a header has no sig");
	return false;
}

static bool
render(struct session *session, const struct judgement *j, char header[STS_HEADER_CAP])
{
	const struct sts_header_author author = {
		.host = session->conf->authserv_id,
		.sign = session->conf->header_key.len > 0 ? sign : NULL,
		.arg = session,
		.shows_action = sts_conf_enforces(session->conf) || session->conf->enforcement.dry_run,
	};

	return sts_header_render(&author, &j->evidence, &j->policy, &j->verdict, header);
}

static void
drop_message(struct session *session)
{
	struct message *message = session->message;
	struct recipient *r, *next;

	if (message == NULL)
		return;
	for (r = message->recipients; r != NULL; r = next) {
		next = r->next;
		sts_lookup_release(&r->lookup);
		free(r);
	}
	sts_lookup_release(&message->sender);
	free(message->judgement);
	session->message = NULL;
	session->spare = message;
}

static bool
is_delivered(const struct session_outcome *outcome)
{
	return outcome->answer.action == STS_ACTION_ACCEPT || outcome->answer.action == STS_ACTION_QUARANTINE;
}

static size_t
forged_to_remove(const struct session *session)
{
	if (session->keeps_fields)
		return 0;
	return session->forged < (size_t)session->conf->max_forged ? session->forged : (size_t)session->conf->max_forged;
}

void
session_finish(struct session *session, const struct session_end *end, struct session_outcome *out)
{
	struct judgement j = { .source = "-" };

	out->forged = forged_to_remove(session);
	out->add = false;
	out->header[0] = '\0';
	out->answer.action = STS_ACTION_ACCEPT;
	if (session->message != NULL) {
		bool judged = session->message->exempt == JOURNAL_JUDGED, swamped;

		session_judge(session, end->queue_id, end->now_ms / 1000, &j);
		swamped = session_enforce_forged(session, &j, out);
		if (judged && !swamped)
			session_enforce_end(session, &j, end->now_ms, out);
		out->add = judged && is_delivered(out) && render(session, &j, out->header);
		record_message(session, end, &j, swamped || sts_conf_enforces(session->conf), is_delivered(out));
		drop_message(session);
	}
	session_reset(session);
}

/* The client ends the message here: without this, refusals would not be on record. A message without refusals is the client's
 * own affair. */
static void
record_refused(struct session *session)
{
	const struct session_end end = { NULL, session->message->refused_ms };
	struct judgement j = { .source = "-" };

	session_judge(session, NULL, end.now_ms / 1000, &j);
	record_message(session, &end, &j, true, false);
}

void
session_reset(struct session *session)
{
	if (session->message != NULL && session->message->refusal.refused > 0)
		record_refused(session);
	drop_message(session);
	session->forged = 0;
}
