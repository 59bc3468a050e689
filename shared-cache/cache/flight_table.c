/* SPDX-License-Identifier: ISC */
/* flight_table.c - starts and ends flights, keeps their waiters, and queues them for admission. Their steps are in flight.c. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "shared-cache/cache/resolver_private.h"

struct sts_flight *
sts_flight_of_ticket(struct sts_ticket *ticket)
{
	return (struct sts_flight *)(void *)((char *)ticket - offsetof(struct sts_flight, ticket));
}

struct sts_flight *
sts_flight_find(struct sts_resolver *r, const char *domain)
{
	struct sts_flight *f;

	HASH_FIND(hh, r->flights, domain, (unsigned)strlen(domain), f);
	return f;
}

/* ---- waiters ---- */

static bool
is_waiter_wanted(const struct sts_waiter *w)
{
	return w->is_wanted == NULL || w->is_wanted(w);
}

bool
sts_flight_is_wanted(const struct sts_flight *f)
{
	for (const struct sts_waiter *w = f->waiters; w != NULL; w = w->next) {
		if (is_waiter_wanted(w))
			return true;
	}
	return false;
}

static bool
is_ticket_wanted(const struct sts_ticket *ticket)
{
	return sts_flight_is_wanted((const struct sts_flight *)(const void *)((const char *)ticket -
	    offsetof(struct sts_flight, ticket)));
}

static struct sts_admission *
admission_of(const struct sts_flight *f)
{
	return f->state <= STS_FLIGHT_RESOLVING ? f->resolver->dns : f->resolver->web;
}

void
sts_flight_join(struct sts_flight *f, struct sts_waiter *waiter)
{
	struct sts_resolver *r = f->resolver;

	if (waiter == NULL)
		return;
	if (f->previous != NULL && sts_entry_is_live(f->previous, sts_resolver_now(r))) {
		waiter->answer(waiter, f->previous, STS_REASON_NONE, STS_SOURCE_MEMORY);
		return;
	}
	if (r->waiters >= r->max_waiters) {
		sts_resolver_reject(r, waiter);
		return;
	}
	if (!sts_flight_is_wanted(f))
		f->client = waiter->client;
	waiter->next = NULL;
	*f->waiters_end = waiter;
	f->waiters_end = &waiter->next;
	r->waiters++;
	/* A flight that mail waits for goes before refreshes that nobody waits for. */
	sts_admission_wanted(admission_of(f), &f->ticket, waiter->client, sts_resolver_mono_ms(r));
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
sts_flight_answer(struct sts_flight *f, struct sts_entry *entry, enum sts_reason reason, enum sts_source source)
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

/* ---- life cycle ---- */

struct sts_flight *
sts_flight_begin(struct sts_resolver *r, const char *domain, struct sts_entry *previous)
{
	struct sts_flight *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->resolver = r;
	f->state = STS_FLIGHT_READING;
	f->ticket.is_wanted = is_ticket_wanted;
	f->begun_ms = sts_resolver_mono_ms(r);
	f->waiters_end = &f->waiters;
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

/* The store works in order, and removes only locks of our own: so a lock that was only requested can be released, too. */
static void
unlock(const struct sts_flight *f)
{
	const struct sts_resolver_store *store = f->resolver->env.store;

	if (f->state == STS_FLIGHT_LOCKING || f->state == STS_FLIGHT_REREADING || f->state == STS_FLIGHT_FETCHING_LOCKED)
		store->unlock(store->self, f->domain);
}

static void
erase(struct sts_flight *f)
{
	struct sts_resolver *r = f->resolver;

	sts_admission_leave(admission_of(f), &f->ticket);
	if (f->state == STS_FLIGHT_PARKED)
		TAILQ_REMOVE(&r->parked, f, link);
	HASH_DEL(r->flights, f);
	sts_entry_unref(&f->previous);
	free(f);
}

void
sts_flight_end(struct sts_flight *f)
{
	sts_flight_answer(f, NULL, STS_REASON_PENDING, STS_SOURCE_NOWHERE);
	/* sts_flight_stop has already unlocked. */
	if (!f->resolver->stopped)
		unlock(f);
	erase(f);
}

void
sts_flight_stop(struct sts_flight *f)
{
	sts_flight_answer(f, NULL, STS_REASON_PENDING, STS_SOURCE_NOWHERE);
	unlock(f);
	if (f->state == STS_FLIGHT_QUEUED_DNS || f->state == STS_FLIGHT_QUEUED_WEB || f->state == STS_FLIGHT_PARKED)
		erase(f);
}

/* ---- queuing and parking ---- */

void
sts_flight_queue(struct sts_flight *f, enum sts_flight_state state, uint32_t group)
{
	int64_t now_ms = sts_resolver_mono_ms(f->resolver);

	sts_admission_leave(admission_of(f), &f->ticket);
	f->state = state;
	sts_admission_join(admission_of(f), &f->ticket, f->client, group, now_ms);
	/* Waiters that have come since may be from networks with shorter queues. */
	for (const struct sts_waiter *w = f->waiters; w != NULL; w = w->next)
		if (w->client != f->client && is_waiter_wanted(w))
			sts_admission_wanted(admission_of(f), &f->ticket, w->client, now_ms);
}

void
sts_flight_park(struct sts_flight *f)
{
	struct sts_resolver *r = f->resolver;

	sts_admission_leave_unused(admission_of(f), &f->ticket);
	f->state = STS_FLIGHT_PARKED;
	f->next_read_ms = sts_resolver_mono_ms(r) + STS_RESOLVER_POLL_MS;
	TAILQ_INSERT_TAIL(&r->parked, f, link);
}
