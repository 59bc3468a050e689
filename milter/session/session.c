/* SPDX-License-Identifier: ISC */
/*
 * session.c - the connection record, the message record, and what happens at a message's end. Knows no SMFICTX, no clock,
 * no network.
 *
 * The count of forged fields lives in the connection record, so that they are removed also when there was no memory for a
 * message record.
 */
#include "config.h"

#include "milter/session/session_private.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "milter/record/metrics_message.h"
#include "milter/session/header_sign.h"
#include "milter/session/sender_history.h"
#include "shared-cache/base/text.h"
#include "shared-cache/names/mailbox.h"

/* Distinct local domains of one message that are looked up. Beyond, `rcpt` may come out too lenient, never too strict. */
enum { RECIPIENT_DOMAINS_MAX = 32 };

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
	s->local = true;	/* until somebody connects */
	return STS_OK;
}

void
session_free(struct session **session)
{
	if (*session == NULL)
		return;
	session_reset(*session);
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
	if (client->addr->sa_family == AF_INET)
		return ((const struct sockaddr_in *)(const void *)client->addr)->sin_port == 0;
	return ((const struct sockaddr_in6 *)(const void *)client->addr)->sin6_port == 0;
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

	memset(&session->client, 0, sizeof(session->client));
	session->client_name[0] = '\0';
	session->name_pending = client->client_resolve != NULL && strcmp(client->client_resolve, "TEMP") == 0;
	if (len < sizeof(session->client_name) && len > 0)
		memcpy(session->client_name, client->client_name, len + 1);
	/* Postfix gives submission by sendmail(1) to non_smtpd_milters as localhost, port 0. */
	session->local = client->addr == NULL || !sts_ipaddr_from_sockaddr(client->addr, &session->client) ||
	    port_is_zero(client);
	session->trusted = is_listed(session->conf->trusted_networks, &session->client);
	/* An exception from stripping only: our own field is added all the same, above those that were kept, so that what
	 * reads `host=` finds the one it knows. */
	session->keeps_fields = is_listed(session->conf->accept_header_from, &session->client);
}

void
session_helo(struct session *session, const char *name)
{
	/* A name without a dot is nobody's mail domain (RFC 5321 section 2.3.5), and asking DNS for it would ask the root. */
	if (sts_domain_normalise(name, strlen(name), session->helo) != STS_DOMAIN_OK ||
	    strchr(session->helo, '.') == NULL)
		session->helo[0] = '\0';
}

static bool
is_said(const char *macro)
{
	return macro != NULL && macro[0] != '\0';
}

static void
read_tls(const struct session_mail *mail, bool macros_asked, struct sts_tls *tls)
{
	unsigned long long bits;

	tls->bits = -1;
	if (!is_said(mail->tls_version)) {
		tls->state = macros_asked ? STS_TLS_NONE : STS_TLS_UNKNOWN;
		return;
	}
	tls->state = STS_TLS_SECURED;
	snprintf(tls->version, sizeof(tls->version), "%s", mail->tls_version);
	if (is_said(mail->cipher))
		snprintf(tls->cipher, sizeof(tls->cipher), "%s", mail->cipher);
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
		memcpy(message->domain, session->helo, sizeof(message->domain));
	}
}

static void
read_cert(const struct session_mail *mail, struct message *message)
{
	if (mail->cert_subject != NULL)
		snprintf(message->cert_subject, sizeof(message->cert_subject), "%s", mail->cert_subject);
	if (mail->cert_issuer != NULL)
		snprintf(message->cert_issuer, sizeof(message->cert_issuer), "%s", mail->cert_issuer);
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

/* NULL when there was no memory: the message is then answered `overload`. */
static struct sts_lookup *
start_lookup(const struct session *session, const char *domain)
{
	struct sts_lookup *lookup;

	if (sts_cache_lookup(session->service->cache, domain, &lookup) == STS_OK)
		return lookup;
	service_warn(session->service, SERVICE_MEMORY, "out of memory: a domain is not looked up");
	return NULL;
}

/* Wants the history of the sender's domain if the client is seen to be the domain's own: by its name at once, by an mx of the
 * policy once that is known. */
static void
prepare_past(const struct session *session, int64_t deadline_ms)
{
	const struct message *message = session->message;
	struct sts_answer answer;

	if (message->sender == NULL || !sender_history_is_kept(session->service, session->conf))
		return;
	sts_lookup_wait(message->sender, 0, &answer);
	if (sts_align_check(session->service->align, session->client_name, message->domain,
	    answer.entry != NULL ? answer.entry->policy : NULL) == STS_ALIGNED_YES)
		sender_history_prepare(session->service, session->conf, message->domain, deadline_ms);
}

void
session_mail(struct session *session, const struct session_mail *mail)
{
	struct message *message;

	session_reset(session);
	message = calloc(1, sizeof(*message));
	if (message == NULL) {
		service_warn(session->service, SERVICE_MEMORY, "out of memory: a message goes through without being judged");
		return;
	}
	session->message = message;
	message->exempt = exempt_of(session, mail);
	read_tls(mail, session->terms.macros_asked, &message->tls);
	read_cert(mail, message);
	read_identity(session, mail->sender, message);
	if (message->exempt == JOURNAL_JUDGED && message->domain[0] != '\0')
		message->sender = start_lookup(session, message->domain);
	prepare_past(session, 0);
}

static struct recipient *
find_recipient(const struct message *message, const char *domain)
{
	struct recipient *r = message->recipients;

	while (r != NULL && strcmp(r->domain, domain) != 0)
		r = r->next;
	return r;
}

static struct recipient *
add_recipient(const struct session *session, const char *domain)
{
	struct message *message = session->message;
	struct recipient *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		service_warn(session->service, SERVICE_MEMORY, "out of memory: a recipient's domain is left out");
		return NULL;
	}
	strcpy(r->domain, domain);
	r->lookup = start_lookup(session, domain);
	r->next = message->recipients;
	message->recipients = r;
	message->recipient_count++;
	return r;
}

void
session_rcpt(struct session *session, const char *recipient)
{
	struct message *message = session->message;
	struct current_rcpt *current;
	size_t len = strlen(recipient);

	if (message == NULL || message->exempt != JOURNAL_JUDGED)
		return;
	current = &message->current;
	current->role = sts_mailbox_role(recipient, len);
	current->local = NULL;
	if (sts_mailbox_domain(recipient, len, current->domain) != STS_MAILBOX_DOMAIN ||
	    !sts_domain_set_contains(session->conf->local_domains, current->domain))
		return;
	current->local = find_recipient(message, current->domain);
	if (current->local == NULL && message->recipient_count < RECIPIENT_DOMAINS_MAX)
		current->local = add_recipient(session, current->domain);
}

void
session_field(struct session *session, const char *name)
{
	if (sts_header_is_ours(name))
		session->forged++;
}

void
session_ask(struct sts_lookup *lookup, int64_t deadline_ms, struct sts_answer *out)
{
	if (lookup != NULL)
		sts_lookup_wait(lookup, deadline_ms, out);
	else
		*out = (struct sts_answer){ NULL, STS_REASON_OVERLOAD, STS_SOURCE_NOWHERE };
}

void
session_wait(struct session *session, int64_t deadline_ms)
{
	const struct message *message = session->message;
	struct sts_answer ignored;

	if (message == NULL)
		return;
	if (message->sender != NULL)
		session_ask(message->sender, deadline_ms, &ignored);
	for (const struct recipient *r = message->recipients; r != NULL; r = r->next)
		session_ask(r->lookup, deadline_ms, &ignored);
	prepare_past(session, deadline_ms);
}

/* Whole elements only. */
static void
list_recipient(const char *domain, enum sts_policy_known known, char list[STS_RCPTS_CAP])
{
	const char *policy = sts_policy_known_name(known);
	size_t len = strlen(list);

	if (len + strlen(domain) + strlen(policy) + 3 <= STS_RCPTS_CAP)
		snprintf(list + len, STS_RCPTS_CAP - len, "%s%s:%s", len > 0 ? "," : "", domain, policy);
}

static void
gather_recipients(const struct session *session, bool for_good, struct sts_evidence *evidence)
{
	evidence->rcpt = STS_POLICY_ABSENT;
	for (const struct recipient *r = session->message->recipients; r != NULL; r = r->next) {
		struct sts_policy_view view;
		struct sts_answer answer;

		session_ask(r->lookup, 0, &answer);
		sts_policy_view_of(answer.entry, answer.reason, &view);
		if (for_good)
			metrics_lookup(&session->service->metrics, answer.source, view.known);
		evidence->rcpt = sts_policy_stricter(evidence->rcpt, view.known);
		evidence->has_rcpt = true;
		list_recipient(r->domain, view.known, evidence->rcpts);
	}
}

/* What is known of the message before its domain's policy comes in. */
static void
gather(const struct session *session, const struct judging *how, struct sts_evidence *evidence)
{
	const struct message *message = session->message;

	memset(evidence, 0, sizeof(*evidence));
	if (how->queue_id != NULL)
		snprintf(evidence->queue_id, sizeof(evidence->queue_id), "%s", how->queue_id);
	memcpy(evidence->domain, message->domain, sizeof(evidence->domain));
	evidence->identity = message->identity;
	evidence->tls = message->tls;
	evidence->aligned = STS_ALIGNED_UNKNOWN;
	evidence->client = session->client;
	evidence->forged = session->keeps_fields ? 0 : (unsigned)session->forged;
	gather_recipients(session, how->for_good, evidence);
}

void
session_judge(const struct session *session, const struct judging *how, struct judgement *j)
{
	const struct sts_policy *policy = NULL;
	struct sts_answer answer;

	gather(session, how, &j->evidence);
	j->source = "-";
	if (j->evidence.domain[0] == '\0') {
		sts_policy_view_absent(&j->policy);
	} else {
		session_ask(session->message->sender, 0, &answer);
		sts_policy_view_of(answer.entry, answer.reason, &j->policy);
		policy = answer.entry != NULL ? answer.entry->policy : NULL;
		j->source = sts_source_name(answer.source);
		if (how->for_good)
			metrics_lookup(&session->service->metrics, answer.source, j->policy.known);
	}
	j->evidence.aligned = sts_align_check(session->service->align, session->client_name, j->evidence.domain, policy);
	j->evidence.history = sender_history_judge(session->service, session->conf, &j->evidence, how->now);
	sts_verdict_decide(&j->evidence, &j->policy, &session->conf->rules, &j->verdict);
}

static void
put_down(struct session *session, const struct session_end *end, const struct judgement *j, bool delivered)
{
	struct sts_verdict verdict = j->verdict;
	struct journal_deed deed;
	const struct journal_case c = {
		.evidence = &j->evidence,
		.policy = &j->policy,
		.verdict = &verdict,
		.deed = sts_conf_enforces(session->conf) ? &deed : NULL,
		.exempt = session->message->exempt,
		.node = session->conf->authserv_id,
		.client_addr = session->conf->evidence_client_addr,
		/* Mail that was refused has not come: tries that go on for days are no habit. */
		.keeps_history = delivered && sender_history_is_kept(session->service, session->conf),
		.first = !session->counted,
		.source = j->source,
		.waited_ms = session->message->waited_ms,
		.now_ms = end->now_ms,
	};
	struct sts_stream_entry entry;
	struct journal_counts counts;
	char line[JOURNAL_LINE_CAP];
	bool has_entry;

	session_enforce_total(session, &verdict, &deed);
	deed.delivered = delivered;
	has_entry = c.exempt == JOURNAL_JUDGED && journal_entry(&c, &entry) == STS_OK;
	journal_line(&c, line);
	sts_info("%s", line);
	journal_count(&c, &counts);
	if (c.exempt == JOURNAL_JUDGED && delivered)
		sender_history_add(session->service, session->conf, c.evidence, end->now_ms / 1000);
	metrics_message(&session->service->metrics, &c);
	sts_writer_record(session->service->writer, &counts.message, has_entry ? &entry : NULL);
	session->counted = session->counted || c.exempt == JOURNAL_JUDGED;
}

static bool
sign(void *arg, const char *text, size_t len, char out[STS_HEADER_SIG_CAP])
{
	const struct session *session = arg;

	if (header_sign(&session->conf->header_key, text, len, out))
		return true;
	service_warn(session->service, SERVICE_SIGNING, "OpenSSL cannot make a BLAKE2b: a header goes out without sig");
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
message_free(struct message **message)
{
	struct recipient *r, *next;

	if (*message == NULL)
		return;
	for (r = (*message)->recipients; r != NULL; r = next) {
		next = r->next;
		sts_lookup_release(&r->lookup);
		free(r);
	}
	sts_lookup_release(&(*message)->sender);
	free(*message);
	*message = NULL;
}

static bool
is_delivered(const struct session_outcome *outcome)
{
	return outcome->answer.action == STS_ACTION_ACCEPT || outcome->answer.action == STS_ACTION_QUARANTINE;
}

void
session_finish(struct session *session, const struct session_end *end, struct session_outcome *out)
{
	const struct judging how = { end->queue_id, end->now_ms / 1000, true };
	struct judgement j = { .source = "-" };

	out->forged = session->keeps_fields ? 0 : session->forged;
	out->add = false;
	out->header[0] = '\0';
	out->answer.action = STS_ACTION_ACCEPT;
	if (session->message != NULL) {
		if (session->message->exempt == JOURNAL_JUDGED) {
			session_judge(session, &how, &j);
			session_enforce_end(session, &j, end->now_ms, out);
			out->add = is_delivered(out) && render(session, &j, out->header);
		} else {
			gather(session, &how, &j.evidence);
		}
		put_down(session, end, &j, is_delivered(out));
		message_free(&session->message);
	}
	session_reset(session);
}

/* Of whose message nothing more comes: nobody would know of it if it were not put down here. One that was not refused to
 * anybody is the client's own affair, as ever. */
static void
put_down_refused(struct session *session)
{
	const struct session_end end = { NULL, session->message->refused_ms };
	const struct judging how = { NULL, end.now_ms / 1000, true };
	struct judgement j;

	session_judge(session, &how, &j);
	put_down(session, &end, &j, false);
}

void
session_reset(struct session *session)
{
	if (session->message != NULL && session->message->refusal.refused > 0)
		put_down_refused(session);
	message_free(&session->message);
	session->forged = 0;
}
