/* SPDX-License-Identifier: ISC */
/* refusal.c - combines the decisions about a message's recipients, and applies the trip wire. Knows no libmilter. */
#include "config.h"

#include "milter/session/refusal.h"

static struct sts_enforce_facts
enforce_facts(const struct refusal_facts *f)
{
	return (struct sts_enforce_facts){
		.by = { &f->conf->rules, f->conf->domain_rules, &f->conf->enforcement },
		.judged = f->judged,
		.tripped = service_is_tripped(f->service),
		.evidence = f->evidence,
		.policy = f->policy,
		.client = f->client,
		.now = f->now,
	};
}

/* The trip wire counts a message once, before the first refusal. False: this message must not be refused. */
static bool
may_act(struct refusal *r, const struct refusal_facts *f, enum sts_action action)
{
	if (action == STS_ACTION_ACCEPT || r->passed)
		return true;
	r->passed = service_allow_refusal(f->service, f->conf->max_refusals, f->evidence->domain, &f->evidence->client);
	return r->passed;
}

static bool
is_refusal(enum sts_action action)
{
	return action == STS_ACTION_TEMPFAIL || action == STS_ACTION_REJECT;
}

static void
write_reply(const struct refusal_facts *f, const struct sts_side_decision *side, struct refusal_answer *out)
{
	char missing[STS_REPLY_MISSING_CAP];
	const struct sts_reply_words words = {
		.domain = side->c.domain,
		.missing = sts_reply_missing(side->lacks, &f->evidence->tls, missing),
		.host = f->conf->authserv_id,
	};

	sts_reply_make(f->conf->reject_code, f->conf->reject_text, out->action, &words, &out->reply);
}

static void
combine(struct sts_enforce_decision *sum, const struct sts_enforce_decision *d)
{
	const struct sts_enforce_decision stronger = *sts_enforce_stronger(sum, d);

	*sum = stronger;
}

void
refusal_rcpt(struct refusal *r, const struct refusal_facts *f, const struct sts_enforce_rcpt *rcpt, struct refusal_answer *out)
{
	struct sts_enforce_facts facts = enforce_facts(f);
	struct sts_enforce_rcpt_decision answer;
	const struct sts_enforce_decision *decision = &answer.decisive.decision;

	sts_enforce_rcpt(&facts, rcpt, &answer);
	if (!may_act(r, f, decision->action)) {
		facts.tripped = true;
		sts_enforce_rcpt(&facts, rcpt, &answer);
	}
	combine(&r->total, decision);
	out->action = STS_ACTION_ACCEPT;
	if (is_refusal(decision->action)) {
		out->action = decision->action;
		write_reply(f, &answer.decisive, out);
		r->refused++;
		return;
	}
	combine(&r->kept, decision);
	r->accepted++;
	r->roles += answer.role;
	r->exempted += answer.exempted;
}

void
refusal_end(struct refusal *r, const struct refusal_facts *f, struct refusal_answer *out)
{
	enum sts_share roles = sts_share_of(r->roles, r->accepted), exempted = sts_share_of(r->exempted, r->accepted);
	struct sts_enforce_facts facts = enforce_facts(f);
	struct sts_side_decision sender;

	sts_enforce_message(&facts, roles, exempted, &sender);
	if (!may_act(r, f, sender.decision.action)) {
		facts.tripped = true;
		sts_enforce_message(&facts, roles, exempted, &sender);
	}
	combine(&r->kept, &sender.decision);
	combine(&r->total, &r->kept);
	out->action = r->kept.action;
	/* Only the sender's side can be the reason here: recipients refused for their own side are gone already. */
	if (is_refusal(out->action))
		write_reply(f, &sender, out);
}

void
refusal_text(const struct refusal_answer *answer, char *out, size_t cap)
{
	size_t n = 0;

	for (const char *p = answer->reply.text; *p != '\0' && n + 2 < cap; p++) {
		out[n++] = *p;
		if (*p == '%')
			out[n++] = '%';
	}
	out[n] = '\0';
}
