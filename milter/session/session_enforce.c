/* SPDX-License-Identifier: ISC */
/* session_enforce.c - decides about a recipient or a message, with what the session knows so far. */
#include "config.h"

#include "milter/session/session_private.h"

#include <stdio.h>
#include <string.h>

#include "shared-cache/judge/tls.h"

static void
describe_client(const struct session *s, struct sts_rule_session *out)
{
	*out = (struct sts_rule_session){
		.client = s->client.family != 0 ? &s->client : NULL,
		.client_name = s->client_name,
		.client_name_pending = s->name_pending,
		.cert_told = s->terms.cert_asked && !s->behind_front,
		.cert_subject = s->message->cert_subject,
		.cert_issuer = s->message->cert_issuer,
	};
}

static struct refusal_facts
facts_of(const struct session *s, const struct judgement *j, const struct sts_rule_session *client, int64_t now_ms)
{
	return (struct refusal_facts){
		.service = s->service,
		.conf = s->conf,
		.judged = s->message->exempt == JOURNAL_JUDGED,
		.evidence = &j->evidence,
		.policy = &j->policy,
		.client = client,
		.now = now_ms / 1000,
	};
}

/* With adequate TLS, only a rule could refuse the mail. */
static bool
is_at_risk(const struct session *s)
{
	if (s->message == NULL || s->message->exempt != JOURNAL_JUDGED || !sts_conf_enforces(s->conf))
		return false;
	return s->conf->domain_rules != NULL || sts_tls_rate(&s->message->tls, &s->conf->rules.tls) != STS_REASON_NONE;
}

/* Whether the policy of the recipient's domain could matter. */
static bool
policy_matters(const struct session *s)
{
	const struct sts_enforcement *e = &s->conf->enforcement;
	enum sts_reason reason = sts_tls_rate(&s->message->tls, &s->conf->rules.tls);

	return reason != STS_REASON_NONE && reason != STS_REASON_TLS_UNKNOWN &&
	    (e->recipient_enforce != STS_ACTION_ACCEPT || e->recipient_testing != STS_ACTION_ACCEPT);
}

/* Whether a rule about the recipient's domain is not met. It refuses nobody before the domain's policy is known: what cannot be
 * found out must not count against anybody. */
static bool
rule_matters(const struct session *s, int64_t now_ms)
{
	const struct current_rcpt *rcpt = &s->message->current;
	const struct sts_domain_rule *rule;
	struct sts_rule_session client;

	describe_client(s, &client);
	rule = rcpt->role != NULL ?
	    sts_domain_rules_find_role(s->conf->domain_rules, rcpt->role, rcpt->domain, &client, now_ms / 1000) :
	    sts_domain_rules_find(s->conf->domain_rules, STS_RULE_RCPT, rcpt->domain, &client, now_ms / 1000);
	return rule != NULL &&
	    sts_domain_rule_check(rule, &s->message->tls, &s->conf->rules.tls, &client) != STS_UNMET_NOTHING;
}

struct sts_lookup *
session_rcpt_lookup(const struct session *session, int64_t now_ms)
{
	if (!is_at_risk(session) || session->message->current.local == NULL ||
	    (!policy_matters(session) && !rule_matters(session, now_ms)))
		return NULL;
	return session->message->current.local->lookup;
}

static void
view_of_current(const struct message *message, struct sts_policy_view *out)
{
	struct sts_answer answer;

	sts_policy_view_absent(out);
	if (message->current.local == NULL)
		return;
	session_ask(message->current.local->lookup, 0, &answer);
	sts_policy_view_of(answer.entry, answer.reason, out);
}

void
session_rcpt_decide(struct session *session, int64_t now_ms, struct refusal_answer *out)
{
	struct message *message = session->message;
	struct sts_rule_session client;
	struct sts_policy_view policy;
	struct refusal_facts facts;
	struct sts_enforce_rcpt rcpt;
	const struct judgement *j;

	out->action = STS_ACTION_ACCEPT;
	if (!is_at_risk(session))
		return;
	if ((j = session_judge_so_far(session, now_ms / 1000)) == NULL)
		return;
	describe_client(session, &client);
	facts = facts_of(session, j, &client, now_ms);
	view_of_current(message, &policy);
	rcpt = (struct sts_enforce_rcpt){ message->current.domain, message->current.role, &policy };
	refusal_rcpt(&message->refusal, &facts, &rcpt, out);
	if (out->action == STS_ACTION_ACCEPT)
		return;
	message->refused_ms = now_ms;
	session_rcpt_refused(message);
}

void
session_enforce_end(struct session *session, struct judgement *j, int64_t now_ms, struct session_outcome *out)
{
	struct refusal *refusal = &session->message->refusal;
	struct sts_rule_session client;
	struct refusal_facts facts;

	if (!is_at_risk(session))
		return;
	describe_client(session, &client);
	facts = facts_of(session, j, &client, now_ms);
	refusal_end(refusal, &facts, &out->answer);
	j->verdict.action = refusal->kept.action;
	j->verdict.wanted = refusal->kept.wanted;
}

/* No recipient is worth the time that such a message costs: neither the trip wire nor exemptions apply. */
bool
session_enforce_forged(const struct session *session, struct judgement *j, struct session_outcome *out)
{
	const struct sts_conf *conf = session->conf;
	struct refusal *refusal = &session->message->refusal;
	struct sts_enforce_decision d = { STS_ACTION_ACCEPT, conf->forged_action, STS_CAUSE_FORGED, STS_WAIVER_DRY_RUN };

	if (session->keeps_fields || session->forged <= (size_t)conf->max_forged)
		return false;
	if (!conf->enforcement.dry_run) {
		d.action = d.wanted;
		d.waiver = STS_WAIVER_NONE;
	}
	refusal->kept = d;
	refusal->total = *sts_enforce_stronger(&d, &refusal->total);
	j->verdict.action = d.action;
	j->verdict.wanted = d.wanted;
	out->answer.action = d.action;
	snprintf(out->answer.reply.code, sizeof(out->answer.reply.code), d.action == STS_ACTION_REJECT ? "550" : "451");
	snprintf(out->answer.reply.xcode, sizeof(out->answer.reply.xcode), d.action == STS_ACTION_REJECT ? "5.7.1" : "4.7.1");
	snprintf(out->answer.reply.text, sizeof(out->answer.reply.text), "More than %u " STS_HEADER_NAME " fields",
	    (unsigned)conf->max_forged);
	return true;
}

void
session_enforce_total(const struct session *session, struct sts_verdict *verdict, struct journal_enforcement *out)
{
	const struct refusal *refusal = &session->message->refusal;

	verdict->action = refusal->total.action;
	verdict->wanted = refusal->total.wanted;
	*out = (struct journal_enforcement){
		.cause = refusal->total.cause,
		.waiver = refusal->total.waiver,
		.refused = refusal->refused,
	};
}
