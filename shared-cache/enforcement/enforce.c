/* SPDX-License-Identifier: ISC */
/* enforce.c - decides what is done to mail. Knows no clock, no session, no libmilter. */
#include "config.h"

#include "shared-cache/enforcement/enforce.h"

#include <string.h>

#include <xxhash.h>

static const char *const cause_names[STS_CAUSE_COUNT] = {
	[STS_CAUSE_NONE] = "",
	[STS_CAUSE_SENDER_POLICY] = "sender-policy",
	[STS_CAUSE_RECIPIENT_POLICY] = "recipient-policy",
	[STS_CAUSE_SENDER_RULE] = "sender-rule",
	[STS_CAUSE_RECIPIENT_RULE] = "recipient-rule",
	[STS_CAUSE_DOWNGRADE] = "downgrade",
	[STS_CAUSE_FORGED] = "forged-fields",
};

static const char *const waiver_names[STS_WAIVER_COUNT] = {
	[STS_WAIVER_NONE] = "",
	[STS_WAIVER_UNCONFIRMED] = "unconfirmed",
	[STS_WAIVER_NAME_PENDING] = "name-pending",
	[STS_WAIVER_PERCENT] = "percent",
	[STS_WAIVER_DRY_RUN] = "dry-run",
	[STS_WAIVER_TRIP_WIRE] = "trip-wire",
	[STS_WAIVER_EXEMPT_RULE] = "exempt-rule",
	[STS_WAIVER_CLIENT] = "client",
	[STS_WAIVER_TLS_UNKNOWN] = "tls-unknown",
	[STS_WAIVER_UNSURE] = "unsure",
	[STS_WAIVER_NULL_SENDER] = "null-sender",
	[STS_WAIVER_ROLE] = "role-account",
};

const char *
sts_cause_name(enum sts_cause cause)
{
	return (unsigned)cause < STS_CAUSE_COUNT ? cause_names[cause] : "";
}

const char *
sts_waiver_name(enum sts_waiver waiver)
{
	return (unsigned)waiver < STS_WAIVER_COUNT ? waiver_names[waiver] : "";
}

enum sts_share
sts_share_of(unsigned part, unsigned whole)
{
	if (part == 0)
		return STS_SHARE_NONE;
	return part < whole ? STS_SHARE_SOME : STS_SHARE_ALL;
}

bool
sts_enforce_in_share(const char *domain, int64_t percent)
{
	/* XXH64's results are fixed by its specification, for either byte order. */
	return (int64_t)(XXH64(domain, strlen(domain), 0) % 100) < percent;
}

bool
sts_enforce_acts(const struct sts_enforcement *s)
{
	return s->sender_enforce != STS_ACTION_ACCEPT || s->sender_testing != STS_ACTION_ACCEPT ||
	    s->recipient_enforce != STS_ACTION_ACCEPT || s->recipient_testing != STS_ACTION_ACCEPT ||
	    s->downgrade != STS_ACTION_ACCEPT;
}

const struct sts_enforce_decision *
sts_enforce_stronger(const struct sts_enforce_decision *a, const struct sts_enforce_decision *b)
{
	if (a->action != b->action)
		return a->action > b->action ? a : b;
	if (a->wanted != b->wanted)
		return a->wanted > b->wanted ? a : b;
	/* Of two that do nothing, prefer the one that has a reason. */
	return a->cause == STS_CAUSE_NONE && b->cause != STS_CAUSE_NONE ? b : a;
}

/* ---- the steps ---- */

static enum sts_action
action_of_policy(const struct sts_enforce_case *c, const struct sts_enforcement *s)
{
	bool sender = c->side == STS_SIDE_SENDER;

	switch (c->result) {
	case STS_RESULT_FAIL:
		return sender ? s->sender_enforce : s->recipient_enforce;
	case STS_RESULT_SOFTFAIL:
		return sender ? s->sender_testing : s->recipient_testing;
	default:
		return STS_ACTION_ACCEPT;
	}
}

static void
find_ground(const struct sts_enforce_case *c, const struct sts_enforcement *s, struct sts_enforce_decision *out)
{
	bool sender = c->side == STS_SIDE_SENDER;

	*out = (struct sts_enforce_decision){ STS_ACTION_ACCEPT, STS_ACTION_ACCEPT, STS_CAUSE_NONE, STS_WAIVER_NONE };
	if (c->rule == STS_OUTCOME_VIOLATED) {
		out->wanted = c->rule_action;
		out->cause = sender ? STS_CAUSE_SENDER_RULE : STS_CAUSE_RECIPIENT_RULE;
	} else if (c->rule == STS_OUTCOME_NO_RULE) {
		out->wanted = action_of_policy(c, s);
		out->cause = sender ? STS_CAUSE_SENDER_POLICY : STS_CAUSE_RECIPIENT_POLICY;
	}
	if (sender && c->downgrade && s->downgrade > out->wanted && c->rule == STS_OUTCOME_NO_RULE) {
		out->wanted = s->downgrade;
		out->cause = STS_CAUSE_DOWNGRADE;
	}
	if (out->wanted == STS_ACTION_ACCEPT)
		out->cause = STS_CAUSE_NONE;
}

static bool
is_rule(enum sts_cause cause)
{
	return cause == STS_CAUSE_SENDER_RULE || cause == STS_CAUSE_RECIPIENT_RULE;
}

/* An id from the future was not confirmed by a clock that agrees with ours. */
static bool
is_confirmed(const struct sts_enforce_case *c, const struct sts_enforcement *s)
{
	int64_t age_s = c->now - c->checked;

	return c->checked > 0 && age_s >= 0 && age_s <= s->confirm_ms / 1000;
}

/* Does not reject what a retry may clear up. sts_domain_rule_action has done the same for rules. */
static void
confirm(const struct sts_enforce_case *c, const struct sts_enforcement *s, struct sts_enforce_decision *out)
{
	if (out->wanted != STS_ACTION_REJECT || is_rule(out->cause))
		return;
	if (out->cause != STS_CAUSE_DOWNGRADE && !is_confirmed(c, s)) {
		out->wanted = s->unconfirmed;
		out->waiver = STS_WAIVER_UNCONFIRMED;
	} else if (c->name_pending) {
		out->wanted = STS_ACTION_TEMPFAIL;
		out->waiver = STS_WAIVER_NAME_PENDING;
	}
}

static enum sts_waiver
held_back(const struct sts_enforce_case *c, const struct sts_enforcement *s, enum sts_cause cause)
{
	if (s->dry_run)
		return STS_WAIVER_DRY_RUN;
	if (c->tripped)
		return STS_WAIVER_TRIP_WIRE;
	if (!is_rule(cause) && !sts_enforce_in_share(c->domain, s->percent))
		return STS_WAIVER_PERCENT;
	return STS_WAIVER_NONE;
}

/* Whether these recipients prevent the action: some of a message's recipients cannot be refused without the others. */
static bool
stands_against(enum sts_share share, enum sts_action action)
{
	return share == STS_SHARE_ALL || (share == STS_SHARE_SOME && action >= STS_ACTION_TEMPFAIL);
}

static bool
is_sure(enum sts_result result)
{
	return result != STS_RESULT_TEMPERROR && result != STS_RESULT_PERMERROR && result != STS_RESULT_NEUTRAL;
}

/* Why this mail is never refused; none if it may be. */
static enum sts_waiver
spare(const struct sts_enforce_case *c, const struct sts_enforce_decision *d)
{
	if (!c->judged)
		return STS_WAIVER_CLIENT;
	if (c->tls_unknown)
		return STS_WAIVER_TLS_UNKNOWN;
	if (!is_sure(c->result))
		return STS_WAIVER_UNSURE;
	if (c->null_sender && c->side == STS_SIDE_SENDER)
		return STS_WAIVER_NULL_SENDER;
	if (stands_against(c->roles, d->wanted))
		return STS_WAIVER_ROLE;
	if (!is_rule(d->cause) && stands_against(c->exempted, d->wanted))
		return STS_WAIVER_EXEMPT_RULE;
	return STS_WAIVER_NONE;
}

void
sts_enforce_decide(const struct sts_enforce_case *c, const struct sts_enforcement *settings, struct sts_enforce_decision *out)
{
	enum sts_waiver waiver;

	find_ground(c, settings, out);
	confirm(c, settings, out);
	if (out->wanted == STS_ACTION_ACCEPT)
		return;
	waiver = held_back(c, settings, out->cause);
	if (waiver == STS_WAIVER_NONE)
		out->action = out->wanted;
	else
		out->waiver = waiver;
	waiver = spare(c, out);
	if (waiver == STS_WAIVER_NONE)
		return;
	out->action = out->wanted = STS_ACTION_ACCEPT;
	out->waiver = waiver;
}
