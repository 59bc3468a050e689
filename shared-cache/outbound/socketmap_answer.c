/* SPDX-License-Identifier: ISC */
/* socketmap_answer.c - decides. Knows neither caches nor sockets. */
#include "config.h"

#include "shared-cache/outbound/socketmap_answer.h"

static bool
is_enforced(const struct sts_outbound_facts *f)
{
	return f->entry != NULL && f->entry->state == STS_STATE_POLICY && f->entry->policy->mode == STS_MODE_ENFORCE &&
	    sts_entry_is_live(f->entry, f->now);
}

/* STS_SEND_DEFAULT: DANE does not decide. */
static enum sts_send_level
level_by_dane(enum sts_dane dane, bool enforced)
{
	switch (dane) {
	case STS_DANE_ALL:
		return STS_SEND_DANE_ONLY;
	case STS_DANE_SOME:
		return enforced ? STS_SEND_DANE_ONLY : STS_SEND_DANE;
	case STS_DANE_HALF:
	case STS_DANE_UNUSABLE:
	case STS_DANE_UNKNOWN:
		return enforced ? STS_SEND_DEFAULT : STS_SEND_DANE;
	case STS_DANE_OFF:
	case STS_DANE_PENDING:
	case STS_DANE_NONE:
	case STS_DANES:
		break;
	}
	return STS_SEND_DEFAULT;
}

static enum sts_outbound_why
why_without(const struct sts_outbound_facts *f)
{
	const struct sts_entry *e = f->entry;

	if (e == NULL || !sts_entry_is_live(e, f->now))
		return STS_WHY_PENDING;
	if (e->state == STS_STATE_FAILED)
		return STS_WHY_FAILED;
	if (e->state == STS_STATE_ABSENT)
		return STS_WHY_ABSENT;
	return e->policy->mode == STS_MODE_TESTING ? STS_WHY_TESTING : STS_WHY_MODE_NONE;
}

/* Whether the answer is unknown only for the moment. That a web server is down does not count (RFC 8461 section 3.3). */
static bool
is_ignorance(const struct sts_outbound_facts *f, enum sts_outbound_why why)
{
	if (f->dane == STS_DANE_UNKNOWN || why == STS_WHY_PENDING)
		return true;
	return why == STS_WHY_FAILED && (f->entry->reason == STS_REASON_DNS_TIMEOUT ||
	    f->entry->reason == STS_REASON_DNS_FAILURE || f->entry->reason == STS_REASON_OVERLOAD);
}

void
sts_outbound_decide(const struct sts_outbound_facts *f, struct sts_outbound_answer *out)
{
	bool enforced = is_enforced(f);
	enum sts_send_level by_dane = level_by_dane(f->dane, enforced);

	*out = (struct sts_outbound_answer){ .level = STS_SEND_DEFAULT };
	if (f->rule != NULL) {
		out->level = f->rule->level;
		out->why = STS_WHY_RULE;
		return;
	}
	if (by_dane == STS_SEND_DANE_ONLY || (by_dane != STS_SEND_DEFAULT && f->dane != STS_DANE_UNKNOWN)) {
		out->level = by_dane;
		out->why = STS_WHY_DANE;
		return;
	}
	if (enforced) {
		out->level = STS_SEND_SECURE;
		out->why = STS_WHY_POLICY;
		return;
	}
	out->why = why_without(f);
	out->defer = f->may_defer && is_ignorance(f, out->why);
	if (by_dane != STS_SEND_DEFAULT) {
		/* Postfix does its own DNS lookups, and skips hosts for which it gets no answer. */
		out->level = by_dane;
		out->why = STS_WHY_DANE;
	} else if (out->why == STS_WHY_TESTING && f->report_testing && f->map == STS_MAP_TLSRPT) {
		out->level = STS_SEND_MAY;
	}
}

const char *
sts_outbound_why_name(unsigned why)
{
	static const char *const names[STS_WHYS] = {
		[STS_WHY_RULE] = "rule", [STS_WHY_POLICY] = "policy", [STS_WHY_DANE] = "dane", [STS_WHY_TESTING] = "testing",
		[STS_WHY_MODE_NONE] = "mode-none", [STS_WHY_ABSENT] = "absent", [STS_WHY_FAILED] = "failed",
		[STS_WHY_PENDING] = "pending",
	};

	return why < STS_WHYS ? names[why] : "";
}
