/* SPDX-License-Identifier: ISC */
/* flight_result.c - passes on what a flight has found out: to memory, the store, other nodes, and all waiters. */
#include "config.h"

#include <string.h>

#include "shared-cache/cache/resolver_private.h"
#include "shared-cache/policy/policy.h"

enum { LOCAL_LOG_MS = 60000 };

static const char *
policy_id(const struct sts_entry *entry)
{
	return entry->id[0] != '\0' ? entry->id : "-";
}

void
sts_flight_log_change(const struct sts_entry *before, const struct sts_entry *after)
{
	if (before == NULL || before->state != STS_STATE_POLICY || after->state != STS_STATE_POLICY)
		return;
	if (before->policy->mode == after->policy->mode && strcmp(before->id, after->id) == 0)
		return;
	sts_info("policy changed domain=%s from=%s/%s to=%s/%s", after->domain, sts_mode_name(before->policy->mode),
	    policy_id(before), sts_mode_name(after->policy->mode), policy_id(after));
}

/* Whether other nodes may hold something else. Without a previous entry, nobody has asked for long. */
static bool
is_news(const struct sts_entry *before, const struct sts_entry *after)
{
	if (before == NULL || after->state != STS_STATE_POLICY)
		return false;
	return before->state != STS_STATE_POLICY || before->policy->mode != after->policy->mode ||
	    strcmp(before->id, after->id) != 0;
}

/* Asking DNS is cheap, and a flood of invented senders must not fill the store with names that have no policy. */
static bool
is_worth_storing(struct sts_resolver *r, const struct sts_entry *entry)
{
	return entry->state == STS_STATE_POLICY || sts_rate_take(&r->negative_puts, sts_resolver_mono_ms(r));
}

static void
store_entry(struct sts_flight *f, struct sts_entry *entry)
{
	const struct sts_resolver_store *store = f->resolver->env.store;

	/* An entry that is dead at birth (max_age 0) is of no use to other nodes. */
	if (store != NULL && sts_entry_is_live(entry, sts_resolver_now(f->resolver)) && is_worth_storing(f->resolver, entry))
		store->put(store->self, entry);
	if (store != NULL && is_news(f->previous, entry))
		store->publish(store->self, f->domain);
}

void
sts_flight_finish(struct sts_flight *f, const struct sts_entry_spec *spec)
{
	struct sts_entry *entry;
	enum sts_status status = sts_entry_new(spec, &entry);
	unsigned long held;

	if (status != STS_OK) {
		if (sts_log_allowed(&f->resolver->local_log, sts_resolver_mono_ms(f->resolver), LOCAL_LOG_MS, &held))
			sts_warn("resolver domain=%s no entry: %s unreported=%lu", f->domain, sts_status_text(status), held);
		sts_flight_answer(f, NULL, STS_REASON_OVERLOAD, STS_SOURCE_NOWHERE);
		sts_flight_end(f);
		return;
	}
	sts_debug("flight domain=%s landed state=%s id=%s reason=%s", f->domain, sts_entry_state_name(entry->state),
	    policy_id(entry), sts_reason_name(entry->reason));
	sts_flight_log_change(f->previous, entry);
	sts_resolver_remember(f->resolver, entry);
	store_entry(f, entry);
	sts_flight_answer(f, entry, STS_REASON_NONE, STS_SOURCE_NETWORK);
	sts_flight_end(f);
	sts_entry_unref(&entry);
}

void
sts_flight_fail_locally(struct sts_flight *f, const char *why)
{
	struct sts_resolver *r = f->resolver;
	int64_t now = sts_resolver_now(r), until = now + STS_RESOLVER_LOCAL_S;
	struct sts_entry_spec spec = { .domain = f->domain, .state = STS_STATE_FAILED, .reason = STS_REASON_OVERLOAD, .checked = now,
		.expires = until, .retry = until };
	struct sts_entry *entry = NULL;
	unsigned long held;

	r->counts.local_errors++;
	if (sts_log_allowed(&r->local_log, sts_resolver_mono_ms(r), LOCAL_LOG_MS, &held))
		sts_warn("resolver: this machine is short of resources, domains are not looked up: %s unreported=%lu", why, held);
	if ((f->previous == NULL || !sts_entry_is_live(f->previous, now)) && sts_entry_new(&spec, &entry) == STS_OK)
		sts_resolver_remember(r, entry);
	sts_flight_answer(f, entry, entry == NULL ? STS_REASON_OVERLOAD : STS_REASON_NONE, STS_SOURCE_NETWORK);
	sts_flight_end(f);
	sts_entry_unref(&entry);
}
