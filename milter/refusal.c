/* SPDX-License-Identifier: ISC */
/* refusal.c - both sides of a recipient, and the sender's of a message, put before sts_enforce.c. Knows no libmilter. */
#include "config.h"

#include "milter/refusal.h"

#include <stddef.h>

/* One side, as it is to be decided, and what the refusal would say. */
struct side {
	struct sts_enforce_case c;
	const struct sts_domainrule *rule;
	enum sts_unmet lacks;		/* by the rule */
	enum sts_reason reason;		/* by the policy */
	struct sts_enforce_decision decision;
};

static void
look_at_rule(struct side *side, const struct refusal_facts *f)
{
	if (side->rule == NULL)
		return;
	side->lacks = sts_domainrule_check(side->rule, &f->evidence->tls, &f->conf->rules.tls, f->client);
	side->c.rule_action = sts_domainrule_action(side->rule, side->lacks, f->client);
	if (side->rule->kind == STS_RULE_EXEMPT)
		side->c.rule = STS_RULE_LETS_ALL;
	else
		side->c.rule = side->lacks != STS_UNMET_NOTHING ? STS_RULE_ASKS : STS_RULE_LETS_PASS;
}

static void
look_at_policy(struct side *side, const struct refusal_facts *f, const struct sts_policy_view *policy)
{
	struct sts_verdict verdict;

	sts_verdict_decide(f->evidence, policy, &f->conf->rules, &verdict);
	side->reason = verdict.reason;
	side->c.result = verdict.result;
	side->c.checked = policy->checked;
}

static struct side
begin_side(const struct refusal_facts *f, enum sts_side which, const char *domain)
{
	return (struct side){ .c = {
		.side = which,
		.judged = f->judged,
		.null_sender = f->evidence->identity == STS_IDENTITY_HELO,
		.tls_unknown = sts_tls_rate(&f->evidence->tls, &f->conf->rules.tls) == STS_REASON_TLS_UNKNOWN,
		.domain = domain,
		.downgrade = f->evidence->history == STS_HISTORY_DOWNGRADE,
		.name_pending = f->conf->domain_rules != NULL && f->client->client_name_pending,
		.tripped = service_is_tripped(f->service),
		.now = f->now,
	} };
}

static struct side
sender_side(const struct refusal_facts *f)
{
	struct side side = begin_side(f, STS_SIDE_SENDER, f->evidence->domain);

	if (side.c.domain[0] != '\0')
		side.rule = sts_domainrules_find(f->conf->domain_rules, STS_RULE_SENDER, side.c.domain, f->client, f->now);
	look_at_policy(&side, f, f->policy);
	look_at_rule(&side, f);
	return side;
}

static struct side
recipient_side(const struct refusal_facts *f, const struct refusal_rcpt *rcpt)
{
	struct side side = begin_side(f, STS_SIDE_RECIPIENT, rcpt->domain);

	if (rcpt->domain[0] != '\0')
		side.rule = rcpt->role != NULL ?
		    sts_domainrules_find_role(f->conf->domain_rules, rcpt->role, rcpt->domain, f->client, f->now) :
		    sts_domainrules_find(f->conf->domain_rules, STS_RULE_RCPT, rcpt->domain, f->client, f->now);
	look_at_policy(&side, f, rcpt->policy);
	look_at_rule(&side, f);
	return side;
}

static const struct side *
decide(struct side *side, const struct refusal_facts *f)
{
	sts_enforce_decide(&side->c, &f->conf->enforcement, &side->decision);
	return side;
}

static const struct side *
decide_both(struct side *a, struct side *b, const struct refusal_facts *f)
{
	decide(a, f);
	decide(b, f);
	return sts_enforce_stronger(&a->decision, &b->decision) == &a->decision ? a : b;
}

/* A message passes the trip wire once, before anything is done to it. False: it was just this one that must not be refused. */
static bool
may_act(struct refusal *r, const struct refusal_facts *f, enum sts_action action)
{
	if (action == STS_ACTION_ACCEPT || r->passed)
		return true;
	r->passed = service_pass_refusal(f->service, f->conf->max_refusals);
	return r->passed;
}

static bool
is_refusal(enum sts_action action)
{
	return action == STS_ACTION_TEMPFAIL || action == STS_ACTION_REJECT;
}

static bool
is_by_rule(enum sts_cause cause)
{
	return cause == STS_CAUSE_SENDER_RULE || cause == STS_CAUSE_RECIPIENT_RULE;
}

static void
write_reply(const struct refusal_facts *f, const struct side *side, struct refusal_answer *out)
{
	enum sts_unmet unmet = STS_UNMET_TLS;	/* a downgrade is one to plaintext */
	char missing[STS_REPLY_MISSING_CAP];
	struct sts_reply_words words = { .domain = side->c.domain, .host = f->conf->authserv_id };

	if (is_by_rule(side->decision.cause))
		unmet = side->lacks;
	else if (side->decision.cause != STS_CAUSE_DOWNGRADE)
		unmet = sts_reply_unmet_of(side->reason);
	words.missing = sts_reply_missing(unmet, &f->evidence->tls, missing);
	sts_reply_make(f->conf->reject_code, f->conf->reject_text, out->action, &words, &out->reply);
}

static void
add_up(struct sts_enforce_decision *sum, const struct sts_enforce_decision *d)
{
	const struct sts_enforce_decision stronger = *sts_enforce_stronger(sum, d);

	*sum = stronger;
}

/* A rule that requires something of a role account's mail has named it; one that lets it pass keeps it what it is. */
static bool
is_spared_role(const struct refusal_rcpt *rcpt, const struct side *recipient)
{
	return rcpt->role != NULL && (recipient->rule == NULL || recipient->rule->kind != STS_RULE_REQUIRE);
}

void
refusal_rcpt(struct refusal *r, const struct refusal_facts *f, const struct refusal_rcpt *rcpt, struct refusal_answer *out)
{
	struct side recipient = recipient_side(f, rcpt), sender = sender_side(f);
	bool role = is_spared_role(rcpt, &recipient);
	bool exempted = role || recipient.c.rule == STS_RULE_LETS_ALL;
	const struct side *decisive;

	recipient.c.roles = sender.c.roles = role ? STS_SHARE_ALL : STS_SHARE_NONE;
	sender.c.exempted = exempted ? STS_SHARE_ALL : STS_SHARE_NONE;
	recipient.c.exempted = sender.c.rule == STS_RULE_LETS_ALL ? STS_SHARE_ALL : STS_SHARE_NONE;
	decisive = decide_both(&recipient, &sender, f);
	if (!may_act(r, f, decisive->decision.action)) {
		recipient.c.tripped = sender.c.tripped = true;
		decisive = decide_both(&recipient, &sender, f);
	}
	add_up(&r->total, &decisive->decision);
	out->action = STS_ACTION_ACCEPT;
	if (is_refusal(decisive->decision.action)) {
		out->action = decisive->decision.action;
		write_reply(f, decisive, out);
		r->refused++;
		return;
	}
	add_up(&r->kept, &decisive->decision);
	r->accepted++;
	r->roles += role;
	r->exempted += exempted;
}

void
refusal_end(struct refusal *r, const struct refusal_facts *f, struct refusal_answer *out)
{
	struct side sender = sender_side(f);

	sender.c.roles = sts_share_of(r->roles, r->accepted);
	sender.c.exempted = sts_share_of(r->exempted, r->accepted);
	decide(&sender, f);
	if (!may_act(r, f, sender.decision.action)) {
		sender.c.tripped = true;
		decide(&sender, f);
	}
	add_up(&r->kept, &sender.decision);
	add_up(&r->total, &r->kept);
	out->action = r->kept.action;
	/* Only the sender's side can have said so: of the recipients', those refused are not here any more. */
	if (is_refusal(out->action))
		write_reply(f, &sender, out);
}
