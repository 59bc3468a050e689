/* SPDX-License-Identifier: ISC */
/* flight_limits.c - limits the number of flights, and chooses which is answered `overload` when there are too many. */
#include "config.h"

#include "shared-cache/cache/resolver_private.h"

enum { OVERLOAD_LOG_MS = 60000 };

void
sts_resolver_reject(struct sts_resolver *r, struct sts_waiter *waiter)
{
	unsigned long held;

	if (waiter == NULL)
		return;
	r->counts.overloads++;
	if (sts_log_allowed(&r->overload_log, sts_resolver_mono_ms(r), OVERLOAD_LOG_MS, &held))
		sts_warn("resolver overload flights=%u waiters=%zu unreported=%lu", HASH_COUNT(r->flights), r->waiters, held);
	waiter->answer(waiter, NULL, STS_REASON_OVERLOAD, STS_SOURCE_NOWHERE);
}

/* Chooses from the longer of the two queues. Within a queue, a flight that nobody waits for goes first (admission.h). */
static struct sts_flight *
victim(struct sts_resolver *r, uint32_t client)
{
	struct sts_ticket *dns = sts_admission_victim(r->dns, client);
	struct sts_ticket *web = sts_admission_victim(r->web, client);
	struct sts_ticket *chosen = dns;

	if (web != NULL && (dns == NULL || sts_admission_waiting(r->web) > sts_admission_waiting(r->dns)))
		chosen = web;
	return chosen == NULL ? NULL : sts_flight_of_ticket(chosen);
}

static void
drop(struct sts_flight *f)
{
	struct sts_resolver *r = f->resolver;

	if (sts_flight_is_wanted(f))
		r->counts.overloads++;
	sts_flight_answer(f, NULL, STS_REASON_OVERLOAD, STS_SOURCE_NOWHERE);
	sts_flight_end(f);
}

bool
sts_resolver_make_room(struct sts_resolver *r, const struct sts_waiter *waiter)
{
	struct sts_flight *f;
	unsigned long held;

	if (r->waiters >= r->max_waiters)
		return false;
	/* Half of the room is reserved for flights that somebody waits for. */
	if (waiter == NULL)
		return HASH_COUNT(r->flights) < r->max_flights / 2;
	if (HASH_COUNT(r->flights) < r->max_flights)
		return true;
	if ((f = victim(r, waiter->client)) == NULL)
		return false;
	if (sts_log_allowed(&r->overload_log, sts_resolver_mono_ms(r), OVERLOAD_LOG_MS, &held))
		sts_warn("resolver overload flights=%u waiters=%zu unreported=%lu", HASH_COUNT(r->flights), r->waiters, held);
	drop(f);
	return true;
}
