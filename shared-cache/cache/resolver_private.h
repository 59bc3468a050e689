/* SPDX-License-Identifier: ISC */
/*
 * resolver_private.h - shared by the files of the resolver, and by nobody else:
 *
 *  resolver.c        takes lookups from callers; the periodic work
 *  flight_limits.c   limits the number of flights; which one to drop
 *  flight_table.c    starts and ends flights; their waiters; queuing
 *  flight.c          one domain's way through the states
 *  flight_result.c   passes on the result
 *  refresh_ahead.c   refreshes policies in use before they expire
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
 * What a flight is doing. It may end in each of these states; the arrows are the ways on.
 *
 *                 no store                  TXT says that there is a policy to fetch
 *   READING --------+---> QUEUED_DNS ---> QUERYING -> RESOLVING        admitted to DNS: QUERYING, RESOLVING
 *      |  not found |                                    | addresses
 *      +------------+                                    v
 *                              +-------------------> QUEUED_WEB <------------+
 *                              |                    |     | no store         | not found
 *                              |                    v     |                  |
 *                              |                LOCKING   |               POLLING
 *                              |   held by      |  |  |   |                  ^
 *                              |   another node |  |  +---+---> FETCHING     | 200 ms
 *                              |                v  |    away, or waited      |
 *                              |             PARKED|    too long             |
 *                              |                +--|-------------------------+
 *                              |                   v  not found
 *                              |        REREADING -------> FETCHING_LOCKED
 *
 *   admitted to the web servers: LOCKING, REREADING, FETCHING, FETCHING_LOCKED
 *   holds the fleet's lock: REREADING, FETCHING_LOCKED; perhaps LOCKING
 *   a callback is outstanding: all but QUEUED_DNS, QUEUED_WEB, PARKED
 */
enum sts_flight_state {
	STS_FLIGHT_READING,		/* reads the store */
	STS_FLIGHT_QUEUED_DNS,		/* waits for admission to DNS */
	STS_FLIGHT_QUERYING,		/* asks DNS for the TXT record */
	STS_FLIGHT_RESOLVING,		/* asks DNS for the policy host's addresses */
	STS_FLIGHT_QUEUED_WEB,		/* waits for admission to the web servers */
	STS_FLIGHT_LOCKING,		/* asks the store for the lock */
	STS_FLIGHT_REREADING,		/* reads the store again, under the lock */
	STS_FLIGHT_FETCHING,		/* asks the web server */
	STS_FLIGHT_FETCHING_LOCKED,	/* likewise, under the lock */
	STS_FLIGHT_PARKED,		/* another node holds the lock; waits for the next read */
	STS_FLIGHT_POLLING,		/* reads the store, to see whether that node is done */
};

struct sts_flight {
	struct sts_resolver *resolver;
	char domain[STS_DOMAIN_CAP];	/* the key */
	enum sts_flight_state state;
	struct sts_ticket ticket;	/* of DNS up to RESOLVING, of the web servers from then on */
	uint32_t client;		/* of the first of those who still wait */
	struct sts_entry *previous;	/* a reference, or NULL */
	struct sts_waiter *waiters;
	struct sts_waiter **waiters_end;
	bool without_store;		/* the store was away once, and is not asked again */
	int64_t begun_ms;
	/* from QUERYING on */
	char id[STS_ID_CAP];		/* from the TXT record */
	/* from RESOLVING on */
	int64_t resolving_ms;		/* since when */
	int64_t fetch_left_ms;		/* what is left of fetch_timeout, for HTTPS */
	struct sts_ipaddr addrs[STS_HOST_ADDRS];
	size_t addr_count;
	/* from PARKED on */
	int64_t next_read_ms;		/* when to read the store next */
	int64_t met_lock_ms;		/* since when it respects another node's lock; 0: it met none */
	TAILQ_ENTRY(sts_flight) link;	/* in the list of parked flights */
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
	struct sts_flight_list parked;	/* in order of next_read_ms */
	size_t waiters;
	int64_t sweep_at_ms;
	struct sts_log_limit overload_log, local_log;
	struct sts_resolver_state counts; /* `flights' and the numbers of waiting ones are not kept here */
};

/* ---- resolver.c ---- */

int64_t sts_resolver_now(const struct sts_resolver *r);
int64_t sts_resolver_mono_ms(const struct sts_resolver *r);
/* Puts an entry into memory, with its next refresh time. */
void sts_resolver_remember(struct sts_resolver *r, struct sts_entry *entry);

/* ---- flight_limits.c ---- */

/* Makes room for one more flight, if necessary by dropping another; waiter NULL: nobody waits for it. False: there is no room. */
bool sts_resolver_make_room(struct sts_resolver *r, const struct sts_waiter *waiter);
/* Answers `overload'. waiter may be NULL. */
void sts_resolver_reject(struct sts_resolver *r, struct sts_waiter *waiter);

/* ---- flight_table.c ---- */

struct sts_flight *sts_flight_find(struct sts_resolver *r, const char *domain);
/* NULL without memory. previous may be NULL; a reference to it is taken. */
struct sts_flight *sts_flight_begin(struct sts_resolver *r, const char *domain, struct sts_entry *previous);
/* waiter may be NULL. Answers at once if the flight only refreshes a live entry. */
void sts_flight_join(struct sts_flight *f, struct sts_waiter *waiter);
/* Answers all waiters of the flight. */
void sts_flight_answer(struct sts_flight *f, struct sts_entry *entry, enum sts_reason reason, enum sts_source source);
/* Ends the flight: gives up its slot, lock and memory. Waiters that are left get nothing, with the reason pending. */
void sts_flight_end(struct sts_flight *f);
/* Answers with nothing, and unlocks. Ends the flight, unless a callback is outstanding, which then ends it. */
void sts_flight_stop(struct sts_flight *f);
/* Queues for admission; sts_flight_admitted comes later. group: as in admission.h. */
void sts_flight_queue(struct sts_flight *f, enum sts_flight_state state, uint32_t group);
/* Gives up its slot, unused; sts_flight_read_store comes later. */
void sts_flight_park(struct sts_flight *f);
bool sts_flight_is_wanted(const struct sts_flight *f);
struct sts_flight *sts_flight_of_ticket(struct sts_ticket *ticket);

/* ---- flight.c ---- */

void sts_flight_read_store(struct sts_flight *f);	/* if there is one: at the start, and after each pause while parked */
void sts_flight_admitted(struct sts_flight *f);	/* it has been admitted */

/* ---- flight_result.c: all but the last end the flight ---- */

/* The flight has found out what spec says. */
void sts_flight_finish(struct sts_flight *f, const struct sts_entry_spec *spec);
/* A failure of this machine says nothing about the domain: other nodes are not told, and it is tried again soon. A policy that
 * is still valid stays. */
void sts_flight_fail_locally(struct sts_flight *f, const char *why);
/* Logs a change of a domain's policy, for the operator. before may be NULL. */
void sts_flight_log_change(const struct sts_entry *before, const struct sts_entry *after);

/* ---- refresh_ahead.c ---- */

/* Starts refreshes that are due. */
void sts_resolver_refresh_ahead(struct sts_resolver *r, int64_t now_ms);

#endif
