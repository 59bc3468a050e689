/* SPDX-License-Identifier: ISC */
/*
 * resolver_private.h - shared by the files that are the resolver, and by nobody else:
 *
 *   resolver.c   who asks; what time brings
 *   flight_limits.c       how many flights there may be, and who has to go when there are too many
 *   flight_table.c    how flights begin and end; who waits for them
 *   flight.c     one domain's way
 *   flight_result.c    what comes of it, to whom it is told
 *   refresh_ahead.c      policies in use are refreshed ahead of time
 */
#ifndef STS_CACHE_RESOLVER_PRIVATE_H
#define STS_CACHE_RESOLVER_PRIVATE_H

#include <stdbool.h>
#include <sys/queue.h>

#include "shared-cache/base/hash.h"
#include "shared-cache/base/log.h"
#include "shared-cache/admission/admission.h"
#include "shared-cache/admission/rate.h"
#include "shared-cache/cache/resolver.h"
#include "shared-cache/names/domain.h"

/*
 * What a flight is doing. It ends from each of these states; the arrows are the ways on.
 *
 *                 no store                  TXT says that there is a policy to fetch
 *   LOOKING --------+---> QUEUED_DNS ---> ASKING ---> FINDING          a place with DNS: ASKING, FINDING
 *      |  not found |                                    | addresses
 *      +------------+                                    v
 *                              +-------------------> QUEUED_WEB <------------+
 *                              |                    |     | no store         | not found
 *                              |                    v     |                  |
 *                              |                LOCKING   |               POLLING
 *                              |   held by      |  |  |   |                  ^
 *                              |   another node |  |  +---+---> FETCHING     | 200 ms
 *                              |                v  |    away, or tired of    |
 *                              |             PARKED|    waiting              |
 *                              |                +--|-------------------------+
 *                              |                   v  not found
 *                              |        LOOKING_AGAIN ---> FETCHING_LOCKED
 *
 *   a place with the web servers: LOCKING, LOOKING_AGAIN, FETCHING, FETCHING_LOCKED
 *   the fleet's lock: LOOKING_AGAIN, FETCHING_LOCKED; perhaps LOCKING
 *   a callback is to come: all but QUEUED_DNS, QUEUED_WEB, PARKED
 */
enum sts_flight_state {
	STS_FLIGHT_LOOKING,		/* the store was asked */
	STS_FLIGHT_QUEUED_DNS,		/* waits for a place with DNS */
	STS_FLIGHT_ASKING,		/* DNS was asked for the TXT record */
	STS_FLIGHT_FINDING,		/* DNS was asked for the policy host's addresses */
	STS_FLIGHT_QUEUED_WEB,		/* waits for a place with the web servers */
	STS_FLIGHT_LOCKING,		/* the store was asked for the lock */
	STS_FLIGHT_LOOKING_AGAIN,	/* the store was asked once more, under the lock */
	STS_FLIGHT_FETCHING,		/* the web server was asked */
	STS_FLIGHT_FETCHING_LOCKED,	/* likewise, under the lock */
	STS_FLIGHT_PARKED,		/* another node holds the lock; waits for the next look */
	STS_FLIGHT_POLLING,		/* the store was asked whether that node is done */
};

struct sts_flight {
	struct sts_resolver *resolver;
	char domain[STS_DOMAIN_CAP];	/* the key */
	enum sts_flight_state state;
	struct sts_ticket ticket;	/* for DNS up to FINDING, for the web servers from then on */
	uint32_t client;		/* of who asked first of those who still wait */
	struct sts_entry *previous;	/* a reference, or NULL */
	struct sts_waiter *waiters;
	struct sts_waiter **waiters_end;
	bool without_store;		/* the store was away once: not asked again */
	int64_t begun_ms;
	/* from ASKING on */
	char id[STS_ID_CAP];		/* what the TXT record said */
	/* from FINDING on */
	int64_t finding_ms;		/* since when */
	int64_t fetch_left_ms;		/* of fetch_timeout, for HTTPS */
	struct sts_ipaddr addrs[STS_HOST_ADDRS];
	size_t addr_count;
	/* from PARKED on */
	int64_t look_at_ms;		/* when to look next */
	int64_t met_lock_ms;		/* since when another node's lock is respected; 0: met none yet */
	TAILQ_ENTRY(sts_flight) link;	/* among the parked */
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
	struct sts_admission *dns, *web;
	struct sts_rate negative_puts;	/* into the store */
	struct sts_flight_list parked;	/* in order of look_at_ms */
	size_t waiters;
	int64_t sweep_at_ms;
	struct sts_log_limit overload_log, local_log;
	struct sts_resolver_state counts; /* `flights` and who waits are not kept here */
};

/* ---- resolver.c ---- */

int64_t sts_resolver_now(const struct sts_resolver *r);
int64_t sts_resolver_mono_ms(const struct sts_resolver *r);
/* Puts an entry into memory, with the time of its next refresh. */
void sts_resolver_remember(struct sts_resolver *r, struct sts_entry *entry);

/* ---- flight_limits.c ---- */

/* Makes room for one more flight of waiter (NULL: nobody waits), by dropping another where there must be. False: there is none. */
bool sts_resolver_make_room(struct sts_resolver *r, const struct sts_waiter *waiter);
/* Answers `overload`. waiter may be NULL. */
void sts_resolver_reject(struct sts_resolver *r, struct sts_waiter *waiter);

/* ---- flight_table.c ---- */

struct sts_flight *sts_flight_find(struct sts_resolver *r, const char *domain);
/* NULL without memory. previous may be NULL; a reference of it is taken. */
struct sts_flight *sts_flight_begin(struct sts_resolver *r, const char *domain, struct sts_entry *previous);
/* waiter may be NULL. Answers at once when the flight only refreshes something that is live. */
void sts_flight_join(struct sts_flight *f, struct sts_waiter *waiter);
/* Answers all who wait for the flight. */
void sts_flight_answer(struct sts_flight *f, struct sts_entry *entry, enum sts_reason reason, enum sts_source source);
/* Ends the flight: its place, lock and memory are given back; whoever still waits gets nothing, for the reason pending. */
void sts_flight_end(struct sts_flight *f);
/* Answers with nothing and unlocks; ends the flight unless a callback is to come, which then ends it. */
void sts_flight_stop(struct sts_flight *f);
/* Waits for a place: sts_flight_admitted comes later. group: of the admission. */
void sts_flight_queue(struct sts_flight *f, enum sts_flight_state state, uint32_t group);
/* Gives the place back unused; sts_flight_read_store comes later. */
void sts_flight_park(struct sts_flight *f);
bool sts_flight_is_wanted(const struct sts_flight *f);
struct sts_flight *sts_flight_of_ticket(struct sts_ticket *ticket);

/* ---- flight.c ---- */

void sts_flight_read_store(struct sts_flight *f);	/* into the store, if there is one: when begun, and when parked for long enough */
void sts_flight_admitted(struct sts_flight *f);	/* has a place */

/* ---- flight_result.c: all but the last end the flight ---- */

/* The flight has found out what spec says. */
void sts_flight_finish(struct sts_flight *f, const struct sts_entry_spec *spec);
/* What this machine lacks is no news of the domain: nobody else is told, and soon it is tried again. A policy that is still good stays
 * as it is. */
void sts_flight_fail_locally(struct sts_flight *f, const char *why);
/* The line an operator wants when a correspondent's behaviour changes. before may be NULL. */
void sts_flight_log_change(const struct sts_entry *before, const struct sts_entry *after);

/* ---- refresh_ahead.c ---- */

/* Asks for what is due by now. */
void sts_resolver_refresh_ahead(struct sts_resolver *r, int64_t now_ms);

#endif
