/* SPDX-License-Identifier: ISC */
/*
 * flight.c - one domain's way through the states drawn in resolver_private.h.
 *
 * refresh.c decides what to believe, admission.c whose turn it is. Each callback first checks whether the resolver was stopped:
 * then it only ends the flight.
 */
#include "config.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "shared-cache/cache/resolver_private.h"
#include "shared-cache/policy/policy.h"
#include "shared-cache/policy/record.h"

#define TXT_LABEL "_mta-sts."

static void on_get(void *arg, enum sts_status status, struct sts_entry *entry);

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

/* Parses the body far enough to know whether it is a policy, and its max_age. */
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
		sts_flight_end(f);
		return;
	}
	file = read_file(f, answer);
	f->resolver->counts.fetch_results[file.reason]++;
	if (file.reason == STS_REASON_OVERLOAD) {
		sts_flight_fail_locally(f, answer->detail);
		return;
	}
	sts_refresh_file(&c, f->id, &file, &spec);
	sts_flight_finish(f, &spec);
}

static void
fetch(struct sts_flight *f, enum sts_flight_state state)
{
	struct sts_resolver *r = f->resolver;
	const struct sts_fetch_request request = { .domain = f->domain, .addrs = f->addrs, .count = f->addr_count,
		.deadline_ms = sts_resolver_mono_ms(r) + f->fetch_left_ms };

	f->state = state;
	r->counts.fetches++;
	r->env.net->fetch(r->env.net->self, &request, on_fetch, f);
}

/* ---- the fleet's lock ---- */

/* Whoever held the lock before may have stored the result. */
static void
reread_store(struct sts_flight *f)
{
	const struct sts_resolver_store *store = f->resolver->env.store;

	f->state = STS_FLIGHT_REREADING;
	if (store->get(store->self, f->domain, on_get, f) != STS_OK)
		fetch(f, STS_FLIGHT_FETCHING_LOCKED);
}

/* A node that died keeps its locks until they expire. While mail waits, that is too long. */
static bool
has_waited_too_long(struct sts_flight *f)
{
	int64_t now_ms = sts_resolver_mono_ms(f->resolver);

	if (f->met_lock_ms == 0)
		f->met_lock_ms = now_ms;
	return now_ms - f->met_lock_ms >= (sts_flight_is_wanted(f) ? (int64_t)STS_RESOLVER_PATIENCE_MS : f->resolver->lock_ttl_ms);
}

static void
on_lock(void *arg, enum sts_status status, struct sts_entry *entry)
{
	struct sts_flight *f = arg;

	(void)entry;
	if (f->resolver->stopped) {
		sts_flight_end(f);
		return;
	}
	if (status == STS_OK) {
		reread_store(f);
	} else if (status == STS_EFULL && !has_waited_too_long(f)) {
		sts_debug("flight domain=%s another node has the lock", f->domain);
		sts_flight_park(f);
	} else {
		fetch(f, STS_FLIGHT_FETCHING);
	}
}

static void
lock(struct sts_flight *f)
{
	const struct sts_resolver_store *store = f->resolver->env.store;

	if (store == NULL || f->without_store) {
		fetch(f, STS_FLIGHT_FETCHING);
		return;
	}
	f->state = STS_FLIGHT_LOCKING;
	if (store->lock(store->self, f->domain, f->resolver->lock_ttl_ms, on_lock, f) != STS_OK)
		fetch(f, STS_FLIGHT_FETCHING);
}

/* ---- the policy host's addresses ---- */

/* Addresses likely to belong to one server or operator: the address itself, or its /64. */
static uint32_t
host_group(const struct sts_ipaddr *addr)
{
	return sts_hash_bytes(addr->bytes, addr->family == 6 ? 8 : 4) | 1;
}

static void
on_host(void *arg, const struct sts_host_answer *answer)
{
	const struct sts_fetch_answer failed = { .reason = answer->reason, .body = "", .detail = answer->detail };
	struct sts_flight *f = arg;
	struct sts_resolver *r = f->resolver;

	if (r->stopped || answer->reason != STS_REASON_NONE) {
		on_fetch(f, &failed);
		return;
	}
	f->fetch_left_ms = r->params.fetch_timeout_ms - (sts_resolver_mono_ms(r) - f->resolving_ms);
	f->addr_count = answer->count < STS_HOST_ADDRS ? answer->count : STS_HOST_ADDRS;
	memcpy(f->addrs, answer->addrs, f->addr_count * sizeof(f->addrs[0]));
	sts_flight_queue(f, STS_FLIGHT_QUEUED_WEB, host_group(&f->addrs[0]));
}

static void
resolve_host(struct sts_flight *f)
{
	struct sts_resolver *r = f->resolver;

	f->state = STS_FLIGHT_RESOLVING;
	f->resolving_ms = sts_resolver_mono_ms(r);
	r->env.net->host(r->env.net->self, f->domain, f->resolving_ms + r->params.fetch_timeout_ms / 2, on_host, f);
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
	if (txt->outcome == STS_DNS_LOCAL)
		return STS_REASON_OVERLOAD;
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
		sts_flight_end(f);
		return;
	}
	txt = read_txt(f, answer);
	f->resolver->counts.lookup_results[lookup_result(&txt)]++;
	if (txt.outcome == STS_DNS_LOCAL)
		sts_flight_fail_locally(f, "DNS cannot be asked");
	else if (sts_refresh_txt(&c, &txt, &spec))
		resolve_host(f);
	else
		sts_flight_finish(f, &spec);
}

/* Whether a record can exist. Not if the name is too long for the label in front of it; and a name without a dot is usually a
 * host of some private network, which would make us ask the root servers. */
static bool
can_have_record(const struct sts_flight *f)
{
	return strlen(f->domain) + sizeof(TXT_LABEL) - 1 <= STS_DOMAIN_MAX && strchr(f->domain, '.') != NULL;
}

static void
query_txt(struct sts_flight *f)
{
	static const struct sts_txt_answer none = { .outcome = STS_DNS_NODATA };
	struct sts_resolver *r = f->resolver;
	char name[sizeof(TXT_LABEL) + STS_DOMAIN_MAX];

	f->state = STS_FLIGHT_QUERYING;
	if (!can_have_record(f)) {
		on_txt(f, &none);
		return;
	}
	snprintf(name, sizeof(name), TXT_LABEL "%s", f->domain);
	r->counts.lookups++;
	r->env.net->txt(r->env.net->self, name, sts_resolver_mono_ms(r) + r->params.dns_timeout_ms, on_txt, f);
}

void
sts_flight_admitted(struct sts_flight *f)
{
	if (f->state == STS_FLIGHT_QUEUED_DNS)
		query_txt(f);
	else
		lock(f);
}

/* ---- the store ---- */

/* The node that stored it may have seen an older record than the one that made us fetch. */
static bool
is_of_the_record(const struct sts_flight *f, const struct sts_entry *entry)
{
	return f->id[0] == '\0' || entry->state != STS_STATE_POLICY || strcmp(entry->id, f->id) == 0;
}

/* True: the entry found is all that is needed. */
static bool
use_entry(struct sts_flight *f, struct sts_entry *entry)
{
	struct sts_resolver *r = f->resolver;
	int64_t now = sts_resolver_now(r);

	if (sts_refresh_better(f->previous, entry, now) != entry)
		return false;
	sts_flight_log_change(f->previous, entry);
	sts_entry_unref(&f->previous);
	f->previous = sts_entry_ref(entry);
	if (!sts_entry_is_live(entry, now))
		return false;
	sts_resolver_remember(r, entry);
	sts_flight_answer(f, entry, STS_REASON_NONE, STS_SOURCE_STORE);
	return now < sts_entry_due(entry, &r->params.rules.intervals) && is_of_the_record(f, entry);
}

/* Names below one organisational domain are usually served, or not, by the same name servers. */
static uint32_t
dns_group(const struct sts_flight *f)
{
	const char *name = sts_organisation_of(f->resolver->env.organisations, f->domain);

	return sts_hash_bytes(name, strlen(name)) | 1;
}

/* The store had nothing suitable. */
static void
go_to_network(struct sts_flight *f)
{
	switch (f->state) {
	case STS_FLIGHT_READING:
		sts_flight_queue(f, STS_FLIGHT_QUEUED_DNS, dns_group(f));
		break;
	case STS_FLIGHT_REREADING:
		fetch(f, STS_FLIGHT_FETCHING_LOCKED);
		break;
	case STS_FLIGHT_POLLING:
		sts_flight_queue(f, STS_FLIGHT_QUEUED_WEB, host_group(&f->addrs[0]));
		break;
	default:
		assert(false);		/* not a state that reads the store */
	}
}

static void
on_get(void *arg, enum sts_status status, struct sts_entry *entry)
{
	struct sts_flight *f = arg;

	if (f->resolver->stopped) {
		sts_flight_end(f);
		return;
	}
	if (status == STS_OK && use_entry(f, entry)) {
		sts_debug("flight domain=%s found in the store", f->domain);
		f->resolver->counts.store_hits++;
		sts_flight_end(f);
		return;
	}
	if (status != STS_OK && status != STS_ENOTFOUND)
		f->without_store = true;
	go_to_network(f);
}

void
sts_flight_read_store(struct sts_flight *f)
{
	const struct sts_resolver_store *store = f->resolver->env.store;

	if (f->state == STS_FLIGHT_PARKED)
		f->state = STS_FLIGHT_POLLING;
	if (store == NULL || f->without_store) {
		go_to_network(f);
		return;
	}
	if (store->get(store->self, f->domain, on_get, f) == STS_OK)
		return;
	f->without_store = true;
	go_to_network(f);
}
