/* SPDX-License-Identifier: ISC */
/*
 * flight.c - one domain's way: store, lock, store again, TXT, HTTPS, entry.
 *
 * What to believe is decided in refresh.c; who waits and how many fly at a time, in resolver.c. Each callback
 * begins by asking whether the resolver was stopped: then nothing is left to do but to go.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "shared-cache/cache/resolver_private.h"
#include "shared-cache/policy/policy.h"
#include "shared-cache/policy/record.h"

#define TXT_LABEL "_mta-sts."

static void look_into_store(struct sts_flight *f);

/* ---- the end ---- */

static const char *
policy_id(const struct sts_entry *entry)
{
	return entry->id[0] != '\0' ? entry->id : "-";
}

/* The line an operator wants when a correspondent's behaviour changes. */
static void
log_change(const struct sts_entry *before, const struct sts_entry *after)
{
	if (before == NULL || before->state != STS_STATE_POLICY || after->state != STS_STATE_POLICY)
		return;
	if (before->policy->mode == after->policy->mode && strcmp(before->id, after->id) == 0)
		return;
	sts_info("policy changed domain=%s from=%s/%s to=%s/%s", after->domain, sts_mode_name(before->policy->mode),
	    policy_id(before), sts_mode_name(after->policy->mode), policy_id(after));
}

/* Whether other nodes may know something else than this. Without a previous entry nobody has asked for long. */
static bool
is_news(const struct sts_entry *before, const struct sts_entry *after)
{
	if (before == NULL || after->state != STS_STATE_POLICY)
		return false;
	return before->state != STS_STATE_POLICY || before->policy->mode != after->policy->mode ||
	    strcmp(before->id, after->id) != 0;
}

static void
give_to_store(struct sts_flight *f, struct sts_entry *entry)
{
	const struct sts_resolver_store *store = f->resolver->env.store;

	/* An entry that is dead at birth (max_age 0) has nothing to tell other nodes. */
	if (store != NULL && sts_entry_is_live(entry, sts_resolver_now(f->resolver)))
		store->put(store->self, entry);
	if (store != NULL && is_news(f->previous, entry))
		store->publish(store->self, f->domain);
}

/* The flight has found out what spec says. */
static void
land(struct sts_flight *f, const struct sts_entry_spec *spec)
{
	struct sts_entry *entry;
	enum sts_status status = sts_entry_new(spec, &entry);

	if (status != STS_OK) {
		sts_warn("resolver domain=%s no entry: %s", f->domain, sts_status_text(status));
		sts_resolver_answer(f, NULL, STS_REASON_OVERLOAD, STS_SOURCE_NOWHERE);
		sts_resolver_end(f);
		return;
	}
	sts_debug("flight domain=%s landed state=%s id=%s reason=%s", f->domain, sts_state_name(entry->state),
	    policy_id(entry), sts_reason_name(entry->reason));
	log_change(f->previous, entry);
	sts_resolver_remember(f->resolver, entry);
	give_to_store(f, entry);
	sts_resolver_answer(f, entry, STS_REASON_NONE, STS_SOURCE_NETWORK);
	sts_resolver_end(f);
	sts_entry_unref(&entry);
}

static struct sts_refresh_case
refresh_case(const struct sts_flight *f)
{
	return (struct sts_refresh_case){
		.domain = f->domain,
		.previous = f->previous,
		.rules = &f->resolver->params.rules,
		.now = sts_resolver_now(f->resolver),
	};
}

/* ---- HTTPS ---- */

/* Reads the body far enough to know whether it is a policy, and how long it may live. */
static struct sts_refresh_file
read_file(const struct sts_flight *f, const struct sts_fetch_answer *answer)
{
	struct sts_refresh_file file = { .reason = answer->reason, .text = answer->body, .len = answer->len };
	struct sts_policy *policy;
	struct sts_diag diag;

	if (answer->reason != STS_REASON_NONE) {
		sts_debug("flight domain=%s fetch=%s %s", f->domain, sts_reason_name(answer->reason), answer->detail);
		return file;
	}
	sts_diag_init(&diag);
	switch (sts_policy_parse(answer->body, answer->len, &policy, &diag)) {
	case STS_OK:
		file.max_age_s = policy->max_age_s;
		sts_policy_free(&policy);
		break;
	case STS_ENOMEM:
		file.reason = STS_REASON_OVERLOAD;
		break;
	default:
		file.reason = STS_REASON_POLICY_INVALID;
		sts_debug("flight domain=%s policy line=%u %s", f->domain, diag.error.line, diag.error.text);
		break;
	}
	return file;
}

static void
on_fetch(void *arg, const struct sts_fetch_answer *answer)
{
	struct sts_flight *f = arg;
	struct sts_refresh_case c = refresh_case(f);
	struct sts_refresh_file file;
	struct sts_entry_spec spec;

	if (f->resolver->stopped) {
		sts_resolver_end(f);
		return;
	}
	file = read_file(f, answer);
	f->resolver->counts.fetch_results[file.reason]++;
	sts_refresh_file(&c, f->id, &file, &spec);
	land(f, &spec);
}

static void
fetch(struct sts_flight *f)
{
	struct sts_resolver *r = f->resolver;

	r->counts.fetches++;
	r->env.net->fetch(r->env.net->self, f->domain, sts_resolver_mono_ms(r) + r->params.fetch_timeout_ms, on_fetch, f);
}

/* ---- TXT ---- */

static struct sts_refresh_txt
read_txt(struct sts_flight *f, const struct sts_txt_answer *answer)
{
	struct sts_refresh_txt txt = {
		.outcome = answer->outcome, .id = f->id, .negative_ttl_s = answer->negative_ttl_s
	};
	struct sts_diag diag;

	if (answer->outcome != STS_DNS_OK)
		return txt;
	sts_diag_init(&diag);
	txt.record = sts_record_select(answer->rrset, answer->count, f->id, &diag);
	sts_debug("flight domain=%s record=%s id=%s %s", f->domain, sts_record_result_name(txt.record), f->id,
	    diag.error.text);
	return txt;
}

static enum sts_reason
lookup_result(const struct sts_refresh_txt *txt)
{
	if (txt->outcome == STS_DNS_TIMEOUT)
		return STS_REASON_DNS_TIMEOUT;
	if (txt->outcome == STS_DNS_FAILURE)
		return STS_REASON_DNS_FAILURE;
	return txt->outcome == STS_DNS_OK && txt->record == STS_RECORD_INVALID ? STS_REASON_RECORD_INVALID : STS_REASON_NONE;
}

static void
on_txt(void *arg, const struct sts_txt_answer *answer)
{
	struct sts_flight *f = arg;
	struct sts_refresh_case c = refresh_case(f);
	struct sts_refresh_txt txt;
	struct sts_entry_spec spec;

	if (f->resolver->stopped) {
		sts_resolver_end(f);
		return;
	}
	txt = read_txt(f, answer);
	f->resolver->counts.lookup_results[lookup_result(&txt)]++;
	if (sts_refresh_txt(&c, &txt, &spec))
		fetch(f);
	else
		land(f, &spec);
}

/* A domain so long that no name fits below it cannot have published anything. */
static void
ask_network(struct sts_flight *f)
{
	static const struct sts_txt_answer none = { .outcome = STS_DNS_NODATA };
	struct sts_resolver *r = f->resolver;
	char name[sizeof(TXT_LABEL) + STS_DOMAIN_MAX];
	int len = snprintf(name, sizeof(name), TXT_LABEL "%s", f->domain);

	if (len > STS_DOMAIN_MAX) {
		on_txt(f, &none);
		return;
	}
	r->counts.lookups++;
	r->env.net->txt(r->env.net->self, name, sts_resolver_mono_ms(r) + r->params.dns_timeout_ms, on_txt, f);
}

/* ---- the fleet's lock ---- */

static void
on_lock(void *arg, enum sts_status status, struct sts_entry *entry)
{
	struct sts_flight *f = arg;
	int64_t now_ms = sts_resolver_mono_ms(f->resolver);

	(void)entry;
	if (f->resolver->stopped) {
		sts_resolver_end(f);
		return;
	}
	f->has_lock = status == STS_OK;
	if (f->has_lock) {
		/* Who held it a moment ago may have left the answer. */
		look_into_store(f);
		return;
	}
	if (status != STS_EFULL) {
		/* There is nobody to ask. */
		ask_network(f);
		return;
	}
	if (f->patience_ms == 0)
		f->patience_ms = now_ms + f->resolver->lock_ttl_ms;
	sts_debug("flight domain=%s another node has the lock", f->domain);
	if (now_ms < f->patience_ms)
		sts_resolver_park(f);
	else
		ask_network(f);
}

void
sts_flight_admitted(struct sts_flight *f)
{
	const struct sts_resolver_store *store = f->resolver->env.store;

	if (store == NULL || f->without_store) {
		ask_network(f);
		return;
	}
	f->has_lock = store->lock(store->self, f->domain, f->resolver->lock_ttl_ms, on_lock, f) == STS_OK;
	if (!f->has_lock)
		ask_network(f);
}

/* ---- the store ---- */

/* True when the entry found is all that is needed. */
static bool
consider(struct sts_flight *f, struct sts_entry *entry)
{
	struct sts_resolver *r = f->resolver;
	int64_t now = sts_resolver_now(r);

	if (sts_refresh_better(f->previous, entry, now) != entry)
		return false;
	log_change(f->previous, entry);
	sts_entry_unref(&f->previous);
	f->previous = sts_entry_ref(entry);
	if (!sts_entry_is_live(entry, now))
		return false;
	sts_resolver_remember(r, entry);
	sts_resolver_answer(f, entry, STS_REASON_NONE, STS_SOURCE_STORE);
	f->in_background = true;
	return now < sts_entry_due(entry, &r->params.rules.intervals);
}

/* With a place, this was the look under the lock. */
static void
go_on(struct sts_flight *f)
{
	if (f->has_place)
		ask_network(f);
	else
		sts_resolver_enqueue(f);
}

static void
on_get(void *arg, enum sts_status status, struct sts_entry *entry)
{
	struct sts_flight *f = arg;

	if (f->resolver->stopped) {
		sts_resolver_end(f);
		return;
	}
	if (status == STS_OK && consider(f, entry)) {
		sts_debug("flight domain=%s found in the store", f->domain);
		f->resolver->counts.store_hits++;
		sts_resolver_end(f);
		return;
	}
	if (status != STS_OK && status != STS_ENOTFOUND)
		f->without_store = true;
	go_on(f);
}

static void
look_into_store(struct sts_flight *f)
{
	const struct sts_resolver_store *store = f->resolver->env.store;

	if (store == NULL || f->without_store) {
		go_on(f);
		return;
	}
	if (store->get(store->self, f->domain, on_get, f) == STS_OK)
		return;
	f->without_store = true;
	go_on(f);
}

void
sts_flight_look(struct sts_flight *f)
{
	look_into_store(f);
}
