/* SPDX-License-Identifier: ISC */
/* verdict.c - the verdict about one message, and the names of its values. Knows no clock, no session, no log. */
#include "config.h"

#include "shared-cache/judge/verdict.h"

#include <stdio.h>
#include <string.h>

static const char *const result_names[STS_RESULT_COUNT] = {
	[STS_RESULT_PASS] = "pass",
	[STS_RESULT_FAIL] = "fail",
	[STS_RESULT_SOFTFAIL] = "softfail",
	[STS_RESULT_NEUTRAL] = "neutral",
	[STS_RESULT_NONE] = "none",
	[STS_RESULT_TEMPERROR] = "temperror",
	[STS_RESULT_PERMERROR] = "permerror",
};

static const char *const policy_known_names[STS_POLICY_KNOWN_COUNT] = {
	[STS_POLICY_ENFORCE] = "enforce",
	[STS_POLICY_TESTING] = "testing",
	[STS_POLICY_NONE] = "none",
	[STS_POLICY_ABSENT] = "absent",
	[STS_POLICY_UNKNOWN] = "unknown",
};

static const char *const aligned_names[STS_ALIGNED_COUNT] = {
	[STS_ALIGNED_YES] = "yes",
	[STS_ALIGNED_NO] = "no",
	[STS_ALIGNED_UNKNOWN] = "unknown",
};

static const char *const history_names[STS_HISTORY_COUNT] = {
	[STS_HISTORY_NONE] = "",
	[STS_HISTORY_ALWAYS_TLS] = "always-tls",
	[STS_HISTORY_DOWNGRADE] = "downgrade",
};

const char *
sts_result_name(enum sts_result result)
{
	return (unsigned)result < STS_RESULT_COUNT ? result_names[result] : "";
}

const char *
sts_policy_known_name(enum sts_policy_known known)
{
	return (unsigned)known < STS_POLICY_KNOWN_COUNT ? policy_known_names[known] : "";
}

const char *
sts_aligned_name(enum sts_aligned aligned)
{
	return (unsigned)aligned < STS_ALIGNED_COUNT ? aligned_names[aligned] : "";
}

const char *
sts_identity_name(enum sts_identity identity)
{
	return identity == STS_IDENTITY_HELO ? "helo" : "mailfrom";
}

const char *
sts_history_name(enum sts_history history)
{
	return (unsigned)history < STS_HISTORY_COUNT ? history_names[history] : "";
}

static enum sts_policy_known
known_of_mode(enum sts_mode mode)
{
	switch (mode) {
	case STS_MODE_ENFORCE:
		return STS_POLICY_ENFORCE;
	case STS_MODE_TESTING:
		return STS_POLICY_TESTING;
	case STS_MODE_NONE:
		break;
	}
	return STS_POLICY_NONE;
}

void
sts_policy_view_of(const struct sts_entry *entry, enum sts_reason missing, struct sts_policy_view *out)
{
	memset(out, 0, sizeof(*out));
	if (entry == NULL) {
		out->known = STS_POLICY_UNKNOWN;
		out->reason = missing;
		return;
	}
	snprintf(out->id, sizeof(out->id), "%s", entry->id);
	out->checked = entry->checked;
	switch (entry->state) {
	case STS_STATE_POLICY:
		/* It does not matter why its last refresh failed (entry->reason): the policy is in force until it expires. */
		out->known = known_of_mode(entry->policy->mode);
		break;
	case STS_STATE_ABSENT:
		out->known = STS_POLICY_ABSENT;
		break;
	case STS_STATE_FAILED:
		out->known = STS_POLICY_UNKNOWN;
		out->reason = entry->reason;
		break;
	}
}

void
sts_policy_view_absent(struct sts_policy_view *out)
{
	memset(out, 0, sizeof(*out));
	out->known = STS_POLICY_ABSENT;
}

static void
decide_without_policy(const struct sts_policy_view *policy, struct sts_verdict *out)
{
	if (policy->known != STS_POLICY_UNKNOWN) {
		out->result = STS_RESULT_NONE;
		return;
	}
	/* Total: without a reason, there is no answer yet. */
	out->reason = policy->reason != STS_REASON_NONE ? policy->reason : STS_REASON_PENDING;
	out->result = sts_reason_is_permanent(out->reason) ? STS_RESULT_PERMERROR : STS_RESULT_TEMPERROR;
}

void
sts_verdict_decide(const struct sts_evidence *evidence, const struct sts_policy_view *policy,
    const struct sts_verdict_rules *rules, struct sts_verdict *out)
{
	out->reason = STS_REASON_NONE;
	out->action = out->wanted = STS_ACTION_ACCEPT;
	if (policy->known != STS_POLICY_ENFORCE && policy->known != STS_POLICY_TESTING) {
		decide_without_policy(policy, out);
		return;
	}
	out->reason = sts_tls_rate(&evidence->tls, &rules->tls);
	if (out->reason == STS_REASON_NONE)
		out->result = STS_RESULT_PASS;
	else if (out->reason == STS_REASON_TLS_UNKNOWN)
		out->result = STS_RESULT_NEUTRAL;
	else
		out->result = policy->known == STS_POLICY_ENFORCE ? STS_RESULT_FAIL : STS_RESULT_SOFTFAIL;
}

enum sts_policy_known
sts_policy_stricter(enum sts_policy_known a, enum sts_policy_known b)
{
	/* Unknown is in the middle: it may turn out to be either. */
	static const int strictness[STS_POLICY_KNOWN_COUNT] = {
		[STS_POLICY_ENFORCE] = 4,
		[STS_POLICY_TESTING] = 3,
		[STS_POLICY_UNKNOWN] = 2,
		[STS_POLICY_NONE] = 1,
		[STS_POLICY_ABSENT] = 0,
	};

	return strictness[a] >= strictness[b] ? a : b;
}
