/* SPDX-License-Identifier: ISC */
/*
 * mlfi.c - the callbacks of libmilter: copies arguments and macros into the session, and applies the outcome. The only file that
 * includes <libmilter/mfapi.h>; it knows nothing of policies, DNS, Redis or the header's text.
 *
 * Two rules apply here. SMFIS_ACCEPT is never returned: before the end of the message it would leave forged fields in place. And an
 * event is answered only if the MTA insists, or if the answer may be a refusal, because each answer costs a round trip.
 */
#include "config.h"

#include "milter/session/mlfi.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <libmilter/mfapi.h>

#include "milter/session/session.h"
#include "milter/session/memory_retry.h"
#include "milter/session/sessionless.h"
#include "shared-cache/base/clock.h"
#include "shared-cache/base/text.h"

/* libmilter passes no argument of ours to its callbacks. Written once, before libmilter starts its threads. */
static struct service *service;

static const unsigned long wanted_actions = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_SETSYMLIST;
/* The extra actions for more than marking mail: requested only if something could be held. */
static const unsigned long enforcing_actions = SMFIF_QUARANTINE;
static const unsigned long no_replies = SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_HDR | SMFIP_NR_EOH;

/* All code below that uses the parts of the service (cache, writer, histories), or holds what belongs to them, runs inside the
 * gate. The service itself, with its settings, warnings and metrics, stays. session may be NULL. */
static void
end_session(struct session *session)
{
	if (session == NULL)
		return;
	shutdown_gate_enter(&service->gate);
	session_free(&session);
	shutdown_gate_leave(&service->gate);
}

/* Until something else is negotiated, every event is answered, and header fields may be changed. */
static struct session *
begin_session(SMFICTX *ctx)
{
	const struct session_terms terms = { .actions = wanted_actions, .late = true };
	struct session *session;

	shutdown_gate_enter(&service->gate);
	if (session_new(service, &session) == STS_OK && smfi_setpriv(ctx, session) == MI_SUCCESS) {
		session_set_terms(session, &terms);
	} else {
		session_free(&session);
		service_warn(service, WARNING_MEMORY, "out of memory: a session passes without being judged");
	}
	shutdown_gate_leave(&service->gate);
	return session;
}

/* NULL: there is no session yet, or there was no memory for one. */
static struct session *
known_session(SMFICTX *ctx)
{
	return sessionless_is(smfi_getpriv(ctx)) ? NULL : smfi_getpriv(ctx);
}

/* NULL only without memory; then forged fields are removed all the same (sessionless.h). An MTA may begin a second session on
 * the same connection (SMFIC_QUIT_NC) without negotiating again. */
static struct session *
session_of(SMFICTX *ctx)
{
	return smfi_getpriv(ctx) == NULL ? begin_session(ctx) : known_session(ctx);
}

/* The answer to an event that needs none: nothing, if that was negotiated. bit: the event's SMFIP_NR_ flag. */
static sfsistat
no_answer(const struct session *session, unsigned long bit)
{
	return session != NULL && (session_terms(session)->steps & bit) != 0 ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

static const char *
macro(SMFICTX *ctx, const char *name)
{
	return smfi_getsymval(ctx, (char *)name);
}

/* Our list replaces the administrator's for its stage; " " is the empty list. The queue id is known by the end of the message at
 * the latest. False: the list for MAIL, the last one, could not be set, so that a macro's absence at MAIL means nothing. */
static bool
ask_for_macros(SMFICTX *ctx, const struct sts_conf *conf, bool with_connect)
{
	char at_connect[CLIENT_MACROS_CAP], at_mail[CLIENT_MACROS_CAP];
	const struct {
		int stage;
		char *names;
	} lists[] = { { SMFIM_CONNECT, at_connect }, { SMFIM_HELO, (char *)" " }, { SMFIM_ENVRCPT, (char *)" " },
	    { SMFIM_DATA, (char *)" " }, { SMFIM_EOH, (char *)" " }, { SMFIM_EOM, (char *)"i" }, { SMFIM_ENVFROM, at_mail } };
	bool set = false;

	client_macros_at_connect(conf, with_connect, at_connect);
	client_macros_at_mail(conf, with_connect, at_mail);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		set = smfi_setsymlist(ctx, lists[i].stage, lists[i].names) == MI_SUCCESS;
		if (!set)
			service_warn(service, WARNING_REFUSED, "libmilter refused the macro list of stage %d", lists[i].stage);
	}
	return set;
}

/* The events that we do not need, as far as the MTA can leave them out. Over TCP, DATA is requested and answered: otherwise
 * Postfix's first headers would wait for a delayed acknowledgement, 40 ms a message. With DATA, the end of the header is
 * requested, too: libmilter has no transition from DATA to the end of a message without header fields, and would never answer
 * it. */
static unsigned long
unwanted_steps(const struct session *session, unsigned long offered)
{
	unsigned long steps = SMFIP_NOBODY | SMFIP_NOUNKNOWN;

	if (session_conf(session)->local_domains == NULL && !sts_conf_enforces(session_conf(session)))
		steps |= SMFIP_NORCPT;
	if (!service->over_tcp && (offered & SMFIP_NODATA) != 0)
		steps |= SMFIP_NODATA | SMFIP_NOEOH;
	/* If the MTA sends them all the same, forged fields are removed here. */
	if (session_conf(session)->strip_forged == STS_STRIP_POSTFIX)
		steps |= SMFIP_NOHDRS;
	return offered & steps;
}

/* Recipients are answered if one could be refused. */
static unsigned long
silent_steps(const struct session *session)
{
	const struct sts_conf *conf = session_conf(session);

	if (sts_conf_enforces(conf) && !conf->enforcement.dry_run)
		return no_replies & ~(unsigned long)SMFIP_NR_RCPT;
	return no_replies;
}

/* A new session, as if there had been none: an MTA may negotiate again. */
static struct session *
fresh_session(SMFICTX *ctx)
{
	end_session(known_session(ctx));
	smfi_setpriv(ctx, NULL);
	return begin_session(ctx);
}

/* The nine arguments and their order are libmilter's. */
static sfsistat
mlfi_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps, unsigned long f2, unsigned long f3,
    unsigned long *our_actions, unsigned long *our_steps, unsigned long *our_f2, unsigned long *our_f3)
{
	struct session *session = fresh_session(ctx);
	struct session_terms terms;
	bool with_connect;

	(void)f2, (void)f3;
	*our_actions = actions & wanted_actions;
	*our_steps = *our_f2 = *our_f3 = 0;
	if ((actions & SMFIF_ADDHDRS) == 0 || (actions & SMFIF_CHGHDRS) == 0)
		service_warn(service, WARNING_REFUSED, "the MTA does not let us add and remove header fields");
	if (session == NULL)
		return SMFIS_CONTINUE;
	if (sts_conf_enforces(session_conf(session)) || session_conf(session)->forged_action == STS_ACTION_QUARANTINE)
		*our_actions |= actions & enforcing_actions;
	terms.late = false;
	terms.actions = *our_actions;
	terms.steps = steps & silent_steps(session);
	with_connect = (steps & SMFIP_NOCONNECT) == 0 || !client_macros_suffice(&service->client_macros);
	terms.macros_asked = (actions & SMFIF_SETSYMLIST) != 0 && ask_for_macros(ctx, session_conf(session), with_connect);
	terms.without_connect = terms.macros_asked && !with_connect;
	terms.cert_asked = terms.macros_asked && sts_domain_rules_asks_cert(session_conf(session)->domain_rules);
	session_set_terms(session, &terms);
	*our_steps = terms.steps | unwanted_steps(session, steps) | (terms.without_connect ? SMFIP_NOCONNECT : 0);
	return SMFIS_CONTINUE;
}

/* addr: NULL if CONNECT did not report it. */
static void
note_client(SMFICTX *ctx, struct session *session, const struct sockaddr *addr)
{
	const struct session_client client = {
		.addr = addr,
		.client_addr = addr == NULL ? macro(ctx, "{client_addr}") : NULL,
		/* With Postfix, libmilter's host argument is the verified name, but not with every MTA; this macro is. */
		.client_name = macro(ctx, "{client_name}"),
		.client_port = macro(ctx, "{client_port}"),
		.client_resolve = macro(ctx, "{client_resolve}"),
		.daemon_name = macro(ctx, "{daemon_name}"),
	};

	session_connect(session, &client);
}

static sfsistat
mlfi_connect(SMFICTX *ctx, char *host, _SOCK_ADDR *addr)
{
	struct session *session = session_of(ctx);

	(void)host;
	if (session != NULL)
		note_client(ctx, session, addr);
	return no_answer(session, SMFIP_NR_CONN);
}

/* At MAIL: records the client if CONNECT did not, or came when there was no memory; otherwise checks whether CONNECT is needed. */
static void
identify_client(SMFICTX *ctx, struct session *session)
{
	const struct session_terms *terms = session_terms(session);
	const char *addr = macro(ctx, "{client_addr}");

	if (terms->without_connect && addr == NULL && client_macros_missed(&service->client_macros))
		service_warn(service, WARNING_REFUSED, "an MTA left out the macro {client_addr}: CONNECT is requested from now on");
	if (terms->without_connect || ((addr != NULL || terms->late) && !session_knows_client(session)))
		note_client(ctx, session, NULL);
	else if (terms->macros_asked)
		client_macros_compare(&service->client_macros, addr, session_client_addr(session));
}

static sfsistat
mlfi_helo(SMFICTX *ctx, char *name)
{
	struct session *session = session_of(ctx);

	if (session != NULL)
		session_helo(session, name);
	return no_answer(session, SMFIP_NR_HELO);
}

static sfsistat
mlfi_envfrom(SMFICTX *ctx, char **argv)
{
	struct session *session = session_of(ctx);

	if (session != NULL) {
		const struct session_mail mail = {
			.sender = argv[0],
			.tls_version = macro(ctx, "{tls_version}"),
			.cipher = macro(ctx, "{cipher}"),
			.cipher_bits = macro(ctx, "{cipher_bits}"),
			.auth_type = macro(ctx, "{auth_type}"),
			.auth_authen = macro(ctx, "{auth_authen}"),
			.cert_subject = macro(ctx, "{cert_subject}"),
			.cert_issuer = macro(ctx, "{cert_issuer}"),
			.tls_sni = macro(ctx, "{tls_sni}"),
			.parameters = (const char *const *)argv + 1,
		};

		identify_client(ctx, session);
		shutdown_gate_enter(&service->gate);
		session_mail(session, &mail);
		shutdown_gate_leave(&service->gate);
	}
	return no_answer(session, SMFIP_NR_MAIL);
}

static void
warn_refused(const char *queue_id, const char *what)
{
	char id[64];
	struct sts_text text;

	sts_text_init(&text, id, sizeof(id));
	if (queue_id != NULL)
		sts_text_add_escaped(&text, queue_id, strlen(queue_id), 32);
	service_warn(service, WARNING_REFUSED, "%s: %s", text.len > 0 ? id : "NOQUEUE", what);
}

/* If the reply's text cannot be set, the MTA uses its own, which says less but refuses all the same. */
static sfsistat
refuse(SMFICTX *ctx, const struct refusal_answer *answer, const char *queue_id)
{
	char text[STS_REPLY_TEXT_CAP];

	refusal_text(answer, text, sizeof(text));
	if (smfi_setreply(ctx, (char *)answer->reply.code, (char *)answer->reply.xcode, text) != MI_SUCCESS)
		warn_refused(queue_id, "the text of a refusal could not be set");
	return answer->action == STS_ACTION_REJECT ? SMFIS_REJECT : SMFIS_TEMPFAIL;
}

/* The MTA has refused the recipient itself, and tells us all the same (SMFIP_RCPT_REJ, which we do not request): it ignores our
 * answer. Postfix does not tell, since it is asked for no macros with RCPT. */
static bool
is_refused_already(SMFICTX *ctx)
{
	const char *mailer = macro(ctx, "{rcpt_mailer}");

	return mailer != NULL && strcmp(mailer, "error") == 0;
}

static sfsistat
mlfi_envrcpt(SMFICTX *ctx, char **argv)
{
	struct session *session = session_of(ctx);
	struct refusal_answer answer = { .action = STS_ACTION_ACCEPT };

	if (session != NULL && !is_refused_already(ctx)) {
		shutdown_gate_enter(&service->gate);
		session_rcpt(session, argv[0]);
		session_wait_for_rcpt(session);
		session_rcpt_decide(session, sts_clock_now_ms(), &answer);
		shutdown_gate_leave(&service->gate);
	}
	return answer.action == STS_ACTION_ACCEPT ? no_answer(session, SMFIP_NR_RCPT) : refuse(ctx, &answer, NULL);
}

static sfsistat
mlfi_data(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_CONTINUE;
}

static sfsistat
mlfi_header(SMFICTX *ctx, char *name, char *value)
{
	struct session *session = session_of(ctx);

	(void)value;
	if (session != NULL)
		session_field(session, name);
	else if (sts_header_is_ours(name))
		smfi_setpriv(ctx, sessionless_add(smfi_getpriv(ctx)));
	return no_answer(session, SMFIP_NR_HDR);
}

static sfsistat
mlfi_eoh(SMFICTX *ctx)
{
	return no_answer(session_of(ctx), SMFIP_NR_EOH);
}

/* One change of the header; text NULL: removes the field. */
static bool
change(SMFICTX *ctx, int index, const char *text, struct memory_retry *retry)
{
	char *name = (char *)STS_HEADER_NAME;
	int rc;

	do {
		errno = 0;
		rc = text == NULL ? smfi_chgheader(ctx, name, index, NULL) : smfi_insheader(ctx, index, name, (char *)text);
	} while (rc != MI_SUCCESS && memory_retry_waited(retry, errno));
	return rc == MI_SUCCESS;
}

/* The order matters. The MTA counts the remaining occurrences, so the highest index goes first. Our own field comes afterwards,
 * or it would be taken for the first occurrence. Index 1 is just below the MTA's own Received field. */
static void
apply(SMFICTX *ctx, const struct session_outcome *outcome, unsigned long actions, const char *queue_id)
{
	/* libmilter would send changes that the MTA has not offered. */
	bool may_remove = (actions & SMFIF_CHGHDRS) != 0, may_add = (actions & SMFIF_ADDHDRS) != 0;
	struct memory_retry retry = { 0 };

	for (size_t i = outcome->forged; i > 0; i--)
		if (!may_remove || !change(ctx, (int)i, NULL, &retry))
			warn_refused(queue_id, "a forged " STS_HEADER_NAME " could not be removed");
	if (outcome->add && (!may_add || !change(ctx, 1, outcome->header, &retry)))
		warn_refused(queue_id, STS_HEADER_NAME " could not be added");
}

/* The MTA keeps no reason; our log line has it. */
static void
quarantine(SMFICTX *ctx, unsigned long actions, const char *queue_id)
{
	if ((actions & SMFIF_QUARANTINE) == 0 || smfi_quarantine(ctx, (char *)"encryption needed") != MI_SUCCESS)
		warn_refused(queue_id, "a message could not be quarantined: it is delivered");
}

static sfsistat
answer_message(SMFICTX *ctx, const struct session *session, const struct session_outcome *outcome, const char *queue_id)
{
	unsigned long actions = session_terms(session)->actions;

	if (outcome->answer.action == STS_ACTION_TEMPFAIL || outcome->answer.action == STS_ACTION_REJECT)
		return refuse(ctx, &outcome->answer, queue_id);
	apply(ctx, outcome, actions, queue_id);
	if (outcome->answer.action == STS_ACTION_QUARANTINE)
		quarantine(ctx, actions, queue_id);
	return SMFIS_CONTINUE;
}

static sfsistat
strip_sessionless(SMFICTX *ctx)
{
	const struct session_outcome outcome = { .forged = sessionless_count(smfi_getpriv(ctx)) };

	apply(ctx, &outcome, wanted_actions, macro(ctx, "i"));
	smfi_setpriv(ctx, NULL);	/* the next message may get a session again */
	return SMFIS_CONTINUE;
}

static sfsistat
mlfi_eom(SMFICTX *ctx)
{
	struct session *session = session_of(ctx);
	struct session_outcome outcome;
	struct session_end end;
	sfsistat rc;

	if (session == NULL)
		return strip_sessionless(ctx);
	shutdown_gate_enter(&service->gate);
	session_wait_for_all(session);
	end.queue_id = macro(ctx, "i");
	end.now_ms = sts_clock_now_ms();
	session_finish(session, &end, &outcome);
	/* The message is judged and counted. Sending the answer may wait for the MTA, and must not delay writing the counters. */
	shutdown_gate_begin_answer(&service->gate);
	rc = answer_message(ctx, session, &outcome, end.queue_id);
	shutdown_gate_end_answer(&service->gate);
	return rc;
}

static sfsistat
mlfi_abort(SMFICTX *ctx)
{
	struct session *session = known_session(ctx);

	if (session == NULL)
		smfi_setpriv(ctx, NULL);
	else {
		shutdown_gate_enter(&service->gate);
		session_reset(session);
		shutdown_gate_leave(&service->gate);
	}
	return SMFIS_CONTINUE;
}

/* If a client connects to the milter's port and leaves, this is the only callback. */
static sfsistat
mlfi_close(SMFICTX *ctx)
{
	end_session(known_session(ctx));
	smfi_setpriv(ctx, NULL);
	return SMFIS_CONTINUE;
}

enum sts_status
mlfi_open(struct service *with, const char *address)
{
	const struct smfiDesc filter = {
		.xxfi_name = (char *)"mta-sts-milter",
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_SETSYMLIST | SMFIF_QUARANTINE,
		.xxfi_connect = mlfi_connect,
		.xxfi_helo = mlfi_helo,
		.xxfi_envfrom = mlfi_envfrom,
		.xxfi_envrcpt = mlfi_envrcpt,
		.xxfi_header = mlfi_header,
		.xxfi_eoh = mlfi_eoh,
		.xxfi_eom = mlfi_eom,
		.xxfi_abort = mlfi_abort,
		.xxfi_close = mlfi_close,
		.xxfi_data = mlfi_data,
		.xxfi_negotiate = mlfi_negotiate,
	};

	service = with;
	service->over_tcp = strncmp(address, "inet", 4) == 0;
	/* For the rest of a packet, like Postfix's milter_content_timeout: libmilter's default keeps a thread for two hours. */
	return smfi_settimeout(300) == MI_SUCCESS && smfi_setconn((char *)address) == MI_SUCCESS &&
	    smfi_register(filter) == MI_SUCCESS && smfi_opensocket(true) == MI_SUCCESS ? STS_OK : STS_ESYS;
}

enum sts_status
mlfi_run(void)
{
	return smfi_main() == MI_SUCCESS ? STS_OK : STS_ESYS;
}

void
mlfi_stop(void)
{
	smfi_stop();
}
