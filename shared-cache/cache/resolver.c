/* SPDX-License-Identifier: ISC */
/* resolver.c - takes lookups from callers, and runs the periodic work. A flight's steps are in flight.c. */
#include "config.h"

#include "shared-cache/cache/resolver.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/cache/resolver_private.h"

enum {
	WAITERS_PER_FLIGHT = 4,		/* on average; more are refused */
	LOCK_MARGIN_MS = 1000,
	IDLE_MS = 60000,
	/* Names below one organisational domain get one in 16 of the DNS slots, but at least 4: its name servers may not answer. */
	DNS_PER_ORGANISATION = 16,
	DNS_PER_ORGANISATION_MIN = 4,
	DNS_DISPLACED = 4,		/* times the DNS slots: lookups that may continue without a slot */
};

static size_t
slots(int64_t n)
{
	return n < 1 ? 1 : (size_t)n;
}

static size_t
larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* A client network gets at most half of the slots, so that hanging lookups it causes do not delay those of others. A DNS lookup
 * that nobody waits for any more gives its slot to one that somebody waits for, and continues: it costs little. A fetch does
 * not. */
static enum sts_status
new_admissions(struct sts_resolver *r)
{
	const struct sts_resolver_params *p = &r->params;
	const struct sts_admission_params dns = {
		.slots = slots(p->dns_concurrency),
		.rate = p->dns_rate,
		.per_group = larger(slots(p->dns_concurrency) / DNS_PER_ORGANISATION, DNS_PER_ORGANISATION_MIN),
		.per_client = slots(p->dns_concurrency) / 2,
		.displaced = slots(p->dns_concurrency) * DNS_DISPLACED,
	};
	const struct sts_admission_params web = {
		.slots = slots(p->fetch_concurrency),
		.rate = p->fetch_rate,
		.per_group = slots(p->fetch_per_host),
		.per_client = slots(p->fetch_concurrency) / 2,
	};
	int64_t now_ms = sts_resolver_mono_ms(r);
	enum sts_status status = sts_admission_new(&dns, now_ms, &r->dns);

	return status == STS_OK ? sts_admission_new(&web, now_ms, &r->web) : status;
}

enum sts_status
sts_resolver_new(const struct sts_resolver_params *params, const struct sts_resolver_env *env, struct sts_resolver **out)
{
	struct sts_resolver *r = calloc(1, sizeof(*r));
	enum sts_status status;

	*out = NULL;
	if (r == NULL)
		return STS_ENOMEM;
	r->params = *params;
	r->env = *env;
	r->max_flights = (slots(params->dns_concurrency) + slots(params->fetch_concurrency)) * STS_RESOLVER_QUEUE;
	r->max_waiters = r->max_flights * WAITERS_PER_FLIGHT;
	r->lock_ttl_ms = params->fetch_timeout_ms + LOCK_MARGIN_MS;
	TAILQ_INIT(&r->parked);
	r->sweep_at_ms = sts_resolver_mono_ms(r) + STS_RESOLVER_SWEEP_MS;
	sts_rate_init_burst(&r->negative_puts, params->negative_puts, params->negative_burst, sts_resolver_mono_ms(r));
	if ((status = new_admissions(r)) != STS_OK)
		sts_resolver_free(&r);
	*out = r;
	return status;
}

void
sts_resolver_free(struct sts_resolver **resolver)
{
	if (*resolver == NULL)
		return;
	/* A flight that is left would be called back into freed memory. */
	assert((*resolver)->flights == NULL);
	sts_admission_free(&(*resolver)->dns);
	sts_admission_free(&(*resolver)->web);
	free(*resolver);
	*resolver = NULL;
}

int64_t
sts_resolver_now(const struct sts_resolver *r)
{
	return r->env.time->now(r->env.time->self);
}

int64_t
sts_resolver_mono_ms(const struct sts_resolver *r)
{
	return r->env.time->mono_ms(r->env.time->self);
}

void
sts_resolver_remember(struct sts_resolver *r, struct sts_entry *entry)
{
	/* Without memory, the waiters still get the answer; the next message asks again. */
	(void)sts_l1_put(r->env.l1, entry, sts_entry_due(entry, &r->params.rules.intervals), sts_resolver_now(r));
}

uint32_t
sts_client_network(const struct sts_ipaddr *client)
{
	struct sts_ipaddr network;

	if (client == NULL || client->family == 0)
		return 0;
	network = *client;
	sts_ipaddr_mask(&network);
	return sts_hash_bytes(network.bytes, network.family == 6 ? 6 : 3) | 1;
}

/* ---- lookups ---- */

/* previous is dead, and its domain must not be asked again yet. */
static void
answer_meanwhile(struct sts_resolver *r, const struct sts_entry *previous, struct sts_waiter *waiter)
{
	struct sts_refresh_case c = { previous->domain, previous, &r->params.rules, sts_resolver_now(r) };
	struct sts_entry *entry = NULL;
	struct sts_entry_spec spec;

	if (waiter == NULL)
		return;
	if (sts_refresh_meanwhile(&c, &spec) && sts_entry_new(&spec, &entry) == STS_OK)
		sts_resolver_remember(r, entry);
	waiter->answer(waiter, entry, entry == NULL ? STS_REASON_OVERLOAD : STS_REASON_NONE, STS_SOURCE_MEMORY);
	sts_entry_unref(&entry);
}

/* Answers from memory if possible. True: nothing is left to do. *waiter is NULL once answered. */
static bool
is_settled(struct sts_resolver *r, struct sts_entry *previous, struct sts_waiter **waiter)
{
	int64_t now = sts_resolver_now(r);

	if (previous == NULL)
		return false;
	if (!sts_entry_is_live(previous, now)) {
		if (!sts_refresh_is_barred(previous, &r->params.rules, now))
			return false;
		answer_meanwhile(r, previous, *waiter);
		return true;
	}
	if (*waiter != NULL)
		(*waiter)->answer(*waiter, previous, STS_REASON_NONE, STS_SOURCE_MEMORY);
	*waiter = NULL;
	return now < sts_entry_due(previous, &r->params.rules.intervals);
}

static void
start(struct sts_resolver *r, const char *domain, struct sts_entry *previous, struct sts_waiter *waiter)
{
	struct sts_flight *f = NULL;

	if (sts_resolver_make_room(r, waiter))
		f = sts_flight_begin(r, domain, previous);
	if (f == NULL) {
		sts_resolver_reject(r, waiter);
		return;
	}
	sts_flight_join(f, waiter);
	sts_flight_read_store(f);
}

void
sts_resolver_ask(struct sts_resolver *resolver, const char *domain, struct sts_waiter *waiter)
{
	struct sts_flight *f = sts_flight_find(resolver, domain);
	struct sts_entry *previous;

	if (resolver->stopped) {
		if (waiter != NULL)
			waiter->answer(waiter, NULL, STS_REASON_PENDING, STS_SOURCE_NOWHERE);
		return;
	}
	if (f != NULL) {
		sts_flight_join(f, waiter);
		return;
	}
	previous = sts_l1_peek(resolver->env.l1, domain);
	if (!is_settled(resolver, previous, &waiter))
		start(resolver, domain, previous, waiter);
	sts_entry_unref(&previous);
}

void
sts_resolver_recheck(struct sts_resolver *resolver, const char *domain, int64_t max_age_s)
{
	struct sts_entry *previous = resolver->stopped || sts_flight_find(resolver, domain) != NULL ? NULL :
	    sts_l1_peek(resolver->env.l1, domain);
	int64_t now = sts_resolver_now(resolver);

	if (previous != NULL && previous->state == STS_STATE_POLICY && sts_entry_is_live(previous, now) &&
	    now - previous->checked >= max_age_s && !sts_refresh_is_barred(previous, &resolver->params.rules, now))
		start(resolver, domain, previous, NULL);
	sts_entry_unref(&previous);
}

void
sts_resolver_forget(struct sts_resolver *resolver, const char *domain)
{
	struct sts_flight *f = sts_flight_find(resolver, domain);

	sts_l1_forget(resolver->env.l1, domain);
	/* Otherwise a flight that only confirms the old policy would bring it back. */
	if (f != NULL)
		sts_entry_unref(&f->previous);
}

/* ---- periodic work ---- */

static void
admit(struct sts_admission *admission, int64_t now_ms)
{
	struct sts_ticket *ticket;

	while ((ticket = sts_admission_next(admission, now_ms)) != NULL)
		sts_flight_admitted(sts_flight_of_ticket(ticket));
}

static void
poll_parked(struct sts_resolver *r, int64_t now_ms)
{
	struct sts_flight *f;

	while ((f = TAILQ_FIRST(&r->parked)) != NULL && f->next_read_ms <= now_ms) {
		TAILQ_REMOVE(&r->parked, f, link);
		sts_flight_read_store(f);
	}
}

/* -1: never. */
static int64_t
earlier(int64_t a, int64_t b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

int64_t
sts_resolver_run(struct sts_resolver *resolver)
{
	int64_t now_ms = sts_resolver_mono_ms(resolver);
	struct sts_flight *parked;
	int64_t wait = IDLE_MS;

	if (resolver->stopped)
		return IDLE_MS;
	poll_parked(resolver, now_ms);
	sts_resolver_refresh_ahead(resolver, now_ms);
	admit(resolver->dns, now_ms);
	admit(resolver->web, now_ms);
	wait = earlier(wait, resolver->sweep_at_ms > now_ms ? resolver->sweep_at_ms - now_ms : 0);
	if ((parked = TAILQ_FIRST(&resolver->parked)) != NULL)
		wait = earlier(wait, parked->next_read_ms > now_ms ? parked->next_read_ms - now_ms : 0);
	wait = earlier(wait, sts_admission_wait_ms(resolver->dns, now_ms));
	return earlier(wait, sts_admission_wait_ms(resolver->web, now_ms));
}

void
sts_resolver_stop(struct sts_resolver *resolver)
{
	struct sts_flight *f, *next;

	resolver->stopped = true;
	HASH_ITER(hh, resolver->flights, f, next)
		sts_flight_stop(f);
}

void
sts_resolver_state(const struct sts_resolver *resolver, struct sts_resolver_state *out)
{
	*out = resolver->counts;
	out->flights = HASH_COUNT(resolver->flights);
	out->dns_waiting = sts_admission_waiting(resolver->dns);
	out->fetch_waiting = sts_admission_waiting(resolver->web);
}
