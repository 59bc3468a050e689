/* SPDX-License-Identifier: ISC */
/*
 * resolver_private.h - shared by resolver.c (who asks, how many, when) and flight.c (one domain's way), and
 * by nobody else.
 */
#ifndef STS_CACHE_RESOLVER_PRIVATE_H
#define STS_CACHE_RESOLVER_PRIVATE_H

#include <stdbool.h>
#include <sys/queue.h>

#include "shared-cache/base/hash.h"
#include "shared-cache/base/log.h"
#include "shared-cache/cache/rate.h"
#include "shared-cache/cache/resolver.h"
#include "shared-cache/names/domain.h"

enum sts_flight_phase {
	STS_FLIGHT_QUEUED,	/* waits for a place on the network */
	STS_FLIGHT_PARKED,	/* another node holds the lock; waits for the next look */
	STS_FLIGHT_AWAY,	/* a callback is to come: store, DNS or HTTPS */
};

struct sts_flight {
	struct sts_resolver *resolver;
	char domain[STS_DOMAIN_CAP];	/* the key */
	char id[STS_ID_CAP];		/* what the TXT record said */
	enum sts_flight_phase phase;
	struct sts_entry *previous;	/* a reference, or NULL */
	struct sts_waiter *waiters;
	struct sts_waiter **waiters_end;
	bool in_background;		/* nobody has asked yet */
	bool has_place;			/* counts as one on the network */
	bool has_lock;			/* or has asked for it: what is told later is done later, and only own locks go */
	bool without_store;		/* the store was away once: not asked again */
	int64_t begun_ms;
	int64_t look_at_ms;		/* PARKED: when to look next */
	int64_t patience_ms;		/* until when another node's lock is respected; 0: met none yet */
	TAILQ_ENTRY(sts_flight) link;	/* QUEUED: in a queue; PARKED: among the parked */
	UT_hash_handle hh;
};
TAILQ_HEAD(sts_flight_list, sts_flight);

struct sts_resolver {
	struct sts_resolver_params params;
	struct sts_resolver_env env;
	size_t max_flights, max_waiters;
	int64_t lock_ttl_ms;
	bool stopped;
	struct sts_flight *flights;	/* hash table */
	struct sts_flight_list asked, background; /* queues for the network; asked first */
	struct sts_flight_list parked;	/* in order of look_at_ms */
	size_t places_taken;
	size_t waiters;
	struct sts_rate rate;
	int64_t sweep_at_ms;
	size_t swept;			/* entries looked at in this walk */
	struct sts_log_limit overload_log;
	struct sts_resolver_state counts; /* `flights` not kept here */
};

/* ---- resolver.c, for flights ---- */

int64_t sts_resolver_now(const struct sts_resolver *r);
int64_t sts_resolver_mono_ms(const struct sts_resolver *r);
/* Puts an entry into memory, with the time of its next refresh. */
void sts_resolver_remember(struct sts_resolver *r, struct sts_entry *entry);
/* Waits for a place: sts_flight_admitted comes later. */
void sts_resolver_enqueue(struct sts_flight *f);
/* Gives the place back unused; sts_flight_look comes later. */
void sts_resolver_park(struct sts_flight *f);
/* Answers all who wait for the flight. */
void sts_resolver_answer(struct sts_flight *f, struct sts_entry *entry, enum sts_reason reason, enum sts_source source);
/* Ends the flight: its place, lock and memory are given back; whoever still waits gets nothing, for the reason pending. */
void sts_resolver_end(struct sts_flight *f);

/* ---- flight.c, for the resolver ---- */

void sts_flight_look(struct sts_flight *f);	/* into the store, if there is one */
void sts_flight_admitted(struct sts_flight *f);	/* has a place on the network */

#endif
