/* SPDX-License-Identifier: ISC */
/* enforce_message.c - makes the cases of enforce.c from evidence, policies and rules. Does not know where the evidence comes from. */
#include "config.h"

#include "shared-cache/enforcement/enforce_message.h"

#include <stddef.h>

#include "shared-cache/enforcement/reply.h"

static void
look_at_rule(struct sts_side_decision *side, const struct sts_enforce_facts *f, enum sts_unmet *lacks)
{
	*lacks = STS_UNMET_NOTHING;
	if (side->rule == NULL)
		return;
	*lacks = sts_domain_rule_check(side->rule, &f->evidence->tls, &f->by.rules->tls, f->client);
	side->c.rule_action = sts_domain_rule_action(side->rule, *lacks, f->client);
	if (side->rule->kind == STS_RULE_EXEMPT)
		side->c.rule = STS_OUTCOME_EXEMPT;
	else
		side->c.rule = *lacks != STS_UNMET_NOTHING ? STS_OUTCOME_VIOLATED : STS_OUTCOME_SATISFIED;
}

static struct sts_side_decision
begin_side(const struct sts_enforce_facts *f, enum sts_enforce_side which, const char *domain)
{
	return (struct sts_side_decision){ .c = {
		.side = which,
		.judged = f->judged,
		.null_sender = f->evidence->identity == STS_IDENTITY_HELO,
		.tls_unknown = sts_tls_rate(&f->evidence->tls, &f->by.rules->tls) == STS_REASON_TLS_UNKNOWN,
		.domain = domain,
		.downgrade = f->evidence->history == STS_HISTORY_DOWNGRADE,
		.name_pending = f->by.domains != NULL && f->client->client_name_pending,
		.tripped = f->tripped,
		.now = f->now,
	} };
}

/* A downgrade always is one to plaintext. */
static enum sts_unmet
lacks_by(enum sts_cause cause, enum sts_unmet by_rule, enum sts_reason by_policy)
{
	switch (cause) {
	case STS_CAUSE_SENDER_RULE:
	case STS_CAUSE_RECIPIENT_RULE:
		return by_rule;
	case STS_CAUSE_DOWNGRADE:
		return STS_UNMET_TLS;
	default:
		return sts_reply_unmet_of(by_policy);
	}
}

static void
decide(struct sts_side_decision *side, const struct sts_enforce_facts *f, const struct sts_policy_view *policy)
{
	struct sts_verdict verdict;
	enum sts_unmet by_rule;

	sts_verdict_decide(f->evidence, policy, f->by.rules, &verdict);
	side->c.result = verdict.result;
	side->c.checked = policy->checked;
	look_at_rule(side, f, &by_rule);
	sts_enforce_decide(&side->c, f->by.enforcement, &side->decision);
	side->lacks = lacks_by(side->decision.cause, by_rule, verdict.reason);
}

static struct sts_side_decision
begin_sender(const struct sts_enforce_facts *f)
{
	struct sts_side_decision side = begin_side(f, STS_SIDE_SENDER, f->evidence->domain);

	side.rule = sts_domain_rules_find(f->by.domains, STS_RULE_SENDER, side.c.domain, f->client, f->now);
	return side;
}

static struct sts_side_decision
begin_recipient(const struct sts_enforce_facts *f, const struct sts_enforce_rcpt *rcpt)
{
	struct sts_side_decision side = begin_side(f, STS_SIDE_RECIPIENT, rcpt->domain);

	side.rule = rcpt->role != NULL ?
	    sts_domain_rules_find_role(f->by.domains, rcpt->role, rcpt->domain, f->client, f->now) :
	    sts_domain_rules_find(f->by.domains, STS_RULE_RCPT, rcpt->domain, f->client, f->now);
	return side;
}

static bool
is_exempt(const struct sts_side_decision *side)
{
	return side->rule != NULL && side->rule->kind == STS_RULE_EXEMPT;
}

static enum sts_share
all_or_none(bool all)
{
	return all ? STS_SHARE_ALL : STS_SHARE_NONE;
}

void
sts_enforce_rcpt(const struct sts_enforce_facts *facts, const struct sts_enforce_rcpt *rcpt, struct sts_enforce_rcpt_decision *out)
{
	struct sts_side_decision recipient = begin_recipient(facts, rcpt), sender = begin_sender(facts);

	/* A rule that requires something of a role account names it; one that lets its mail through leaves it a role account. */
	out->role = rcpt->role != NULL && (recipient.rule == NULL || recipient.rule->kind != STS_RULE_REQUIRE);
	out->exempted = out->role || is_exempt(&recipient);
	recipient.c.roles = sender.c.roles = all_or_none(out->role);
	sender.c.exempted = all_or_none(out->exempted);
	recipient.c.exempted = all_or_none(is_exempt(&sender));
	decide(&recipient, facts, rcpt->policy);
	decide(&sender, facts, facts->policy);
	out->decisive = sts_enforce_stronger(&recipient.decision, &sender.decision) == &recipient.decision ? recipient : sender;
}

void
sts_enforce_message(const struct sts_enforce_facts *facts, enum sts_share roles, enum sts_share exempted, struct sts_side_decision *out)
{
	*out = begin_sender(facts);
	out->c.roles = roles;
	out->c.exempted = exempted;
	decide(out, facts, facts->policy);
}
