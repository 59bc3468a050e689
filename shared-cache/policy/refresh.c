/* SPDX-License-Identifier: ISC */
/* refresh.c - the decisions of RFC 8461 about time. Knows neither clocks nor networks nor caches. */
#include "config.h"

#include "shared-cache/policy/refresh.h"

#include <string.h>

enum { FAILURE_MIN_S = 10 };	/* used for a failure_ttl of 0: a dead server is not asked for each message */

static int64_t
at_least(int64_t value, int64_t min)
{
	return value < min ? min : value;
}

static int64_t
at_most(int64_t value, int64_t max)
{
	return value > max ? max : value;
}

static int64_t
failure_base(const struct sts_refresh_case *c)
{
	return at_least(c->rules->failure_ttl_s, FAILURE_MIN_S);
}

static int64_t
fetch_base(const struct sts_refresh_case *c)
{
	return at_least(c->rules->failure_ttl_s, STS_REFRESH_BAR_S);
}

/* A negative TTL of 0 (no SOA) means the shortest allowed, not "ask again at once". */
static int64_t
negative_ttl(const struct sts_refresh_case *c, uint32_t ttl_s)
{
	return at_least(at_most((int64_t)ttl_s, c->rules->negative_ttl_max_s), c->rules->negative_ttl_min_s);
}

static bool
has_live_policy(const struct sts_refresh_case *c)
{
	return c->previous != NULL && c->previous->state == STS_STATE_POLICY && sts_entry_is_live(c->previous, c->now);
}

/* Twice the previous wait, if that one followed a failure, too. The wait is `retry - checked` where the failure moved `checked`. It
 * did not for a live policy whose id was not confirmed: that one reaches the ceiling sooner, while it is still in force. */
static int64_t
backoff(const struct sts_refresh_case *c, int64_t base)
{
	const struct sts_entry *p = c->previous;
	int64_t ceiling = at_least(STS_REFRESH_BACKOFF_MAX_S, base);

	if (p == NULL || p->reason == STS_REASON_NONE || p->retry <= p->checked || c->now - p->retry > ceiling)
		return base;
	return at_least(at_most(2 * (p->retry - p->checked), ceiling), base);
}

/* The previous policy, unchanged; `expires` in particular never changes. */
static void
copy_policy(const struct sts_refresh_case *c, struct sts_entry_spec *out)
{
	const struct sts_entry *p = c->previous;

	*out = (struct sts_entry_spec){
		.domain = c->domain,
		.state = STS_STATE_POLICY,
		.id = p->id,
		.text = p->text,
		.text_len = p->text_len,
		.fetched = p->fetched,
		.checked = p->checked,
		.expires = p->expires,
	};
}

/* Section 5.1: a failed refresh leaves a live policy in force. It is tried again when the policy expires at the latest, but
 * not before base has passed. */
static void
keep_policy(const struct sts_refresh_case *c, enum sts_reason reason, int64_t base, struct sts_entry_spec *out)
{
	int64_t left = c->previous->expires - c->now;

	copy_policy(c, out);
	out->reason = reason;
	out->retry = c->now + at_least(at_most(backoff(c, base), left), base);
}

static void
fail(const struct sts_refresh_case *c, enum sts_reason reason, int64_t wait_s, struct sts_entry_spec *out)
{
	*out = (struct sts_entry_spec){
		.domain = c->domain,
		.state = STS_STATE_FAILED,
		.reason = reason,
		.checked = c->now,
		.expires = c->now + wait_s,
		.retry = c->now + wait_s,
	};
}

static void
refresh_failed_at_dns(const struct sts_refresh_case *c, enum sts_reason reason, struct sts_entry_spec *out)
{
	if (has_live_policy(c))
		keep_policy(c, reason, failure_base(c), out);
	else
		fail(c, reason, failure_base(c), out);
}

/* Nothing is published. That is not a failure: a live policy that outlives its record has no reason set, and once it has
 * expired, nothing bars a new query. */
static void
refresh_absent(const struct sts_refresh_case *c, uint32_t ttl_s, struct sts_entry_spec *out)
{
	int64_t ttl = negative_ttl(c, ttl_s);

	if (has_live_policy(c)) {
		copy_policy(c, out);
		out->retry = at_most(c->now + ttl, c->previous->expires);
		return;
	}
	*out = (struct sts_entry_spec){
		.domain = c->domain,
		.state = STS_STATE_ABSENT,
		.checked = c->now,
		.expires = c->now + ttl,
	};
}

static bool
id_is_confirmed(const struct sts_refresh_case *c, const char *id)
{
	return has_live_policy(c) && strcmp(c->previous->id, id) == 0;
}

static bool
refresh_found(const struct sts_refresh_case *c, const char *id, struct sts_entry_spec *out)
{
	if (!id_is_confirmed(c, id) || sts_entry_fetch_due(c->previous, &c->rules->intervals, c->now))
		return true;
	copy_policy(c, out);
	out->checked = c->now;
	return false;
}

bool
sts_refresh_txt(const struct sts_refresh_case *c, const struct sts_refresh_txt *txt, struct sts_entry_spec *out)
{
	switch (txt->outcome) {
	case STS_DNS_OK:
		if (txt->record == STS_RECORD_VALID)
			return refresh_found(c, txt->id, out);
		if (txt->record == STS_RECORD_INVALID)
			refresh_failed_at_dns(c, STS_REASON_RECORD_INVALID, out);
		else
			refresh_absent(c, 0, out);
		break;
	case STS_DNS_NODATA:
		refresh_absent(c, txt->negative_ttl_s, out);
		break;
	case STS_DNS_TIMEOUT:
		refresh_failed_at_dns(c, STS_REASON_DNS_TIMEOUT, out);
		break;
	case STS_DNS_FAILURE:
		refresh_failed_at_dns(c, STS_REASON_DNS_FAILURE, out);
		break;
	case STS_DNS_LOCAL:
		refresh_failed_at_dns(c, STS_REASON_OVERLOAD, out);
		break;
	}
	return false;
}

void
sts_refresh_file(const struct sts_refresh_case *c, const char *id, const struct sts_refresh_file *file,
    struct sts_entry_spec *out)
{
	if (file->reason != STS_REASON_NONE && has_live_policy(c)) {
		keep_policy(c, file->reason, fetch_base(c), out);
		if (id_is_confirmed(c, id))
			out->checked = c->now;
		return;
	}
	if (file->reason != STS_REASON_NONE) {
		fail(c, file->reason, backoff(c, fetch_base(c)), out);
		out->id = id;
		return;
	}
	*out = (struct sts_entry_spec){
		.domain = c->domain,
		.state = STS_STATE_POLICY,
		.id = id,
		.text = file->text,
		.text_len = file->len,
		.fetched = c->now,
		.checked = c->now,
		.expires = c->now + (int64_t)file->max_age_s,
		/* A policy with a tiny max_age must not be fetched for each message. */
		.retry = file->max_age_s < STS_REFRESH_BAR_S ? c->now + STS_REFRESH_BAR_S : 0,
	};
}

bool
sts_refresh_is_barred(const struct sts_entry *previous, const struct sts_refresh_rules *rules, int64_t now)
{
	int64_t longest = at_least(at_least(STS_REFRESH_BACKOFF_MAX_S, rules->failure_ttl_s), rules->negative_ttl_max_s);

	return previous != NULL && now < previous->retry && previous->retry - now <= longest;
}

bool
sts_refresh_meanwhile(const struct sts_refresh_case *c, struct sts_entry_spec *out)
{
	const struct sts_entry *p = c->previous;

	if (p->reason == STS_REASON_NONE)
		return false;
	fail(c, p->reason, p->retry - c->now, out);
	/* `checked` stays, so that the next wait is twice the last one, not twice what was left of it. */
	out->checked = p->checked;
	out->id = p->id;
	return true;
}

const struct sts_entry *
sts_refresh_better(const struct sts_entry *a, const struct sts_entry *b, int64_t now)
{
	if (a == NULL || b == NULL)
		return a == NULL ? b : a;
	if (sts_entry_is_live(a, now) != sts_entry_is_live(b, now))
		return sts_entry_is_live(b, now) ? b : a;
	if ((a->state == STS_STATE_POLICY) != (b->state == STS_STATE_POLICY))
		return b->state == STS_STATE_POLICY ? b : a;
	if (a->fetched != b->fetched)
		return b->fetched > a->fetched ? b : a;
	if (a->checked != b->checked)
		return b->checked > a->checked ? b : a;
	return b->retry > a->retry ? b : a;
}
