/* SPDX-License-Identifier: ISC */
/* resolver.c - who asks, how many at a time, and when. What a flight does on its way is in flight.c. */
#include "config.h"

#include "shared-cache/cache/resolver.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/cache/resolver_private.h"

enum {
	WAITERS_PER_FLIGHT = 4,		/* on average; more are turned away */
	LOCK_MARGIN_MS = 1000,
	SWEEP_STEP_MS = 10,		/* between two chunks of one walk */
	OVERLOAD_LOG_MS = 60000,
	IDLE_MS = 60000,
};

enum sts_status
sts_resolver_new(const struct sts_resolver_params *params, const struct sts_resolver_env *env, struct sts_resolver **out)
{
	struct sts_resolver *r = calloc(1, sizeof(*r));

	*out = NULL;
	if (r == NULL)
		return STS_ENOMEM;
	r->params = *params;
	if (r->params.concurrency == 0)
		r->params.concurrency = 1;
	r->env = *env;
	r->max_flights = r->params.concurrency * STS_RESOLVER_QUEUE;
	r->max_waiters = r->max_flights * WAITERS_PER_FLIGHT;
	r->lock_ttl_ms = params->dns_timeout_ms + params->fetch_timeout_ms + LOCK_MARGIN_MS;
	TAILQ_INIT(&r->asked);
	TAILQ_INIT(&r->background);
	TAILQ_INIT(&r->parked);
	sts_rate_init(&r->rate, params->rate, sts_resolver_mono_ms(r));
	r->sweep_at_ms = sts_resolver_mono_ms(r) + STS_RESOLVER_SWEEP_MS;
	*out = r;
	return STS_OK;
}

void
sts_resolver_free(struct sts_resolver **resolver)
{
	if (*resolver == NULL)
		return;
	/* A flight that is left would be called back into freed memory. */
	assert((*resolver)->flights == NULL);
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
	/* Without memory the answer still reaches those who wait; the next message asks again. */
	(void)sts_l1_put(r->env.l1, entry, sts_entry_due(entry, &r->params.rules.intervals), sts_resolver_now(r));
}

/* ---- flights: begin, answer, end ---- */

static struct sts_flight *
find(struct sts_resolver *r, const char *domain)
{
	struct sts_flight *f;

	HASH_FIND(hh, r->flights, domain, (unsigned)strlen(domain), f);
	return f;
}

/* NULL without memory. previous may be NULL; a reference of it is taken. */
static struct sts_flight *
begin(struct sts_resolver *r, const char *domain, struct sts_entry *previous)
{
	struct sts_flight *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->resolver = r;
	f->phase = STS_FLIGHT_AWAY;
	f->begun_ms = sts_resolver_mono_ms(r);
	f->waiters_end = &f->waiters;
	f->in_background = true;
	memcpy(f->domain, domain, strlen(domain) + 1);
	HASH_ADD_KEYPTR(hh, r->flights, f->domain, strlen(f->domain), f);
	if (f->hh.tbl == NULL) {
		free(f);
		return NULL;
	}
	if (previous != NULL)
		f->previous = sts_entry_ref(previous);
	return f;
}

static void
note_time(const struct sts_flight *f, enum sts_source source)
{
	struct sts_resolver_state *counts = &f->resolver->counts;
	int64_t took_ms = sts_resolver_mono_ms(f->resolver) - f->begun_ms;

	if (source == STS_SOURCE_STORE)
		sts_histogram_add(&counts->store_ms, took_ms);
	else if (source == STS_SOURCE_NETWORK)
		sts_histogram_add(&counts->network_ms, took_ms);
}

void
sts_resolver_answer(struct sts_flight *f, struct sts_entry *entry, enum sts_reason reason, enum sts_source source)
{
	struct sts_waiter *next;
	struct sts_waiter *waiter = f->waiters;

	note_time(f, source);
	f->waiters = NULL;
	f->waiters_end = &f->waiters;
	for (; waiter != NULL; waiter = next) {
		next = waiter->next;
		f->resolver->waiters--;
		waiter->answer(waiter, entry, reason, source);
	}
}

static void
leave_place(struct sts_flight *f)
{
	if (f->has_place)
		f->resolver->places_taken--;
	f->has_place = false;
}

static void
unlock(struct sts_flight *f)
{
	const struct sts_resolver_store *store = f->resolver->env.store;

	if (f->has_lock)
		store->unlock(store->self, f->domain);
	f->has_lock = false;
}

void
sts_resolver_end(struct sts_flight *f)
{
	sts_resolver_answer(f, NULL, STS_REASON_PENDING, STS_SOURCE_NOWHERE);
	leave_place(f);
	unlock(f);
	HASH_DEL(f->resolver->flights, f);
	sts_entry_unref(&f->previous);
	free(f);
}

/* ---- queues ---- */

static struct sts_flight_list *
queue_of(struct sts_flight *f)
{
	return f->in_background ? &f->resolver->background : &f->resolver->asked;
}

void
sts_resolver_enqueue(struct sts_flight *f)
{
	f->phase = STS_FLIGHT_QUEUED;
	TAILQ_INSERT_TAIL(queue_of(f), f, link);
}

void
sts_resolver_park(struct sts_flight *f)
{
	struct sts_resolver *r = f->resolver;

	leave_place(f);
	sts_rate_give_back(&r->rate);
	f->phase = STS_FLIGHT_PARKED;
	f->look_at_ms = sts_resolver_mono_ms(r) + STS_RESOLVER_POLL_MS;
	TAILQ_INSERT_TAIL(&r->parked, f, link);
}

static struct sts_flight *
first_queued(const struct sts_resolver *r)
{
	struct sts_flight *f = TAILQ_FIRST(&r->asked);

	return f != NULL ? f : TAILQ_FIRST(&r->background);
}

static void
admit(struct sts_resolver *r, int64_t now_ms)
{
	struct sts_flight *f;

	while ((f = first_queued(r)) != NULL && r->places_taken < r->params.concurrency) {
		if (!sts_rate_take(&r->rate, now_ms))
			return;
		TAILQ_REMOVE(queue_of(f), f, link);
		f->phase = STS_FLIGHT_AWAY;
		f->has_place = true;
		r->places_taken++;
		sts_flight_admitted(f);
	}
}

static void
look_at_parked(struct sts_resolver *r, int64_t now_ms)
{
	struct sts_flight *f;

	while ((f = TAILQ_FIRST(&r->parked)) != NULL && f->look_at_ms <= now_ms) {
		TAILQ_REMOVE(&r->parked, f, link);
		f->phase = STS_FLIGHT_AWAY;
		sts_flight_look(f);
	}
}

/* ---- questions ---- */

static void
turn_away(struct sts_resolver *r, struct sts_waiter *waiter)
{
	unsigned long held;

	if (waiter == NULL)
		return;
	r->counts.overloads++;
	if (sts_log_allowed(&r->overload_log, sts_resolver_mono_ms(r), OVERLOAD_LOG_MS, &held))
		sts_warn("resolver overload flights=%u waiters=%zu unreported=%lu", HASH_COUNT(r->flights), r->waiters, held);
	waiter->answer(waiter, NULL, STS_REASON_OVERLOAD, STS_SOURCE_NOWHERE);
}

/* A mail that waits goes before refreshes that nobody waits for. */
static void
promote(struct sts_flight *f)
{
	if (!f->in_background)
		return;
	if (f->phase == STS_FLIGHT_QUEUED)
		TAILQ_REMOVE(&f->resolver->background, f, link);
	f->in_background = false;
	if (f->phase == STS_FLIGHT_QUEUED)
		TAILQ_INSERT_TAIL(&f->resolver->asked, f, link);
}

static void
join(struct sts_flight *f, struct sts_waiter *waiter)
{
	struct sts_resolver *r = f->resolver;

	if (waiter == NULL)
		return;
	if (f->previous != NULL && sts_entry_is_live(f->previous, sts_resolver_now(r))) {
		waiter->answer(waiter, f->previous, STS_REASON_NONE, STS_SOURCE_MEMORY);
		return;
	}
	if (r->waiters >= r->max_waiters) {
		turn_away(r, waiter);
		return;
	}
	waiter->next = NULL;
	*f->waiters_end = waiter;
	f->waiters_end = &waiter->next;
	r->waiters++;
	promote(f);
}

/* previous is dead, and its domain must not be asked yet. */
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

/* Answers from memory what can be. True: there is nothing more to do. *waiter is NULL once answered. */
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
	/* Half of the room is for those who wait. */
	size_t room = waiter == NULL ? r->max_flights / 2 : r->max_flights;
	struct sts_flight *f = NULL;

	if (HASH_COUNT(r->flights) < room && r->waiters < r->max_waiters)
		f = begin(r, domain, previous);
	if (f == NULL) {
		turn_away(r, waiter);
		return;
	}
	join(f, waiter);
	sts_flight_look(f);
}

void
sts_resolver_ask(struct sts_resolver *resolver, const char *domain, struct sts_waiter *waiter)
{
	struct sts_flight *f = find(resolver, domain);
	struct sts_entry *previous;

	if (resolver->stopped) {
		if (waiter != NULL)
			waiter->answer(waiter, NULL, STS_REASON_PENDING, STS_SOURCE_NOWHERE);
		return;
	}
	if (f != NULL) {
		join(f, waiter);
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
	struct sts_entry *previous = resolver->stopped || find(resolver, domain) != NULL ? NULL :
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
	struct sts_flight *f = find(resolver, domain);

	sts_l1_forget(resolver->env.l1, domain);
	/* Or else a flight that only confirms the old policy would bring it back. */
	if (f != NULL)
		sts_entry_unref(&f->previous);
}

/* ---- what time brings ---- */

/* Only the fetch is done ahead of time: a policy in use must not expire unrefreshed. The cheap check of the id can wait for
 * the next message, so that a domain that wrote once is not asked about every hour. */
static void
refresh_ahead(struct sts_resolver *r, struct sts_l1_chunk *chunk)
{
	int64_t now = sts_resolver_now(r);

	for (size_t i = 0; i < chunk->count; i++) {
		if (sts_entry_fetch_due(chunk->entries[i], &r->params.rules.intervals, now))
			sts_resolver_ask(r, chunk->entries[i]->domain, NULL);
		sts_entry_unref(&chunk->entries[i]);
	}
}

static void
sweep(struct sts_resolver *r, int64_t now_ms)
{
	int64_t now = sts_resolver_now(r);
	struct sts_l1_chunk chunk;
	struct sts_l1_state l1;
	size_t visited;

	if (now_ms < r->sweep_at_ms)
		return;
	visited = sts_l1_sweep(r->env.l1, now, now - 2 * r->params.rules.intervals.refresh_s, &chunk);
	refresh_ahead(r, &chunk);
	sts_l1_state(r->env.l1, &l1);
	r->swept += visited;
	if (visited == STS_L1_CHUNK && r->swept < l1.entries) {
		r->sweep_at_ms = now_ms + SWEEP_STEP_MS;
		return;
	}
	r->swept = 0;
	r->sweep_at_ms = now_ms + STS_RESOLVER_SWEEP_MS;
}

static int64_t
earlier(int64_t a, int64_t b)
{
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
	look_at_parked(resolver, now_ms);
	sweep(resolver, now_ms);
	admit(resolver, now_ms);
	wait = earlier(wait, resolver->sweep_at_ms - now_ms);
	if ((parked = TAILQ_FIRST(&resolver->parked)) != NULL)
		wait = earlier(wait, parked->look_at_ms - now_ms);
	/* Without a free place it is a callback that makes one. */
	if (first_queued(resolver) != NULL && resolver->places_taken < resolver->params.concurrency)
		wait = earlier(wait, sts_rate_wait_ms(&resolver->rate, now_ms));
	return wait < 0 ? 0 : wait;
}

void
sts_resolver_stop(struct sts_resolver *resolver)
{
	struct sts_flight *f, *next;

	resolver->stopped = true;
	HASH_ITER(hh, resolver->flights, f, next) {
		if (f->phase != STS_FLIGHT_AWAY) {
			sts_resolver_end(f);
			continue;
		}
		sts_resolver_answer(f, NULL, STS_REASON_PENDING, STS_SOURCE_NOWHERE);
		unlock(f);
	}
	TAILQ_INIT(&resolver->asked);
	TAILQ_INIT(&resolver->background);
	TAILQ_INIT(&resolver->parked);
}

void
sts_resolver_state(const struct sts_resolver *resolver, struct sts_resolver_state *out)
{
	*out = resolver->counts;
	out->flights = HASH_COUNT(resolver->flights);
}
