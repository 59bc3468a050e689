/* SPDX-License-Identifier: ISC */
/*
 * fake_fleet.h - a store shared with other nodes that exist only in the test's mind: a few entries, locks that others
 * may hold, and an off switch. Answers come when told, exactly once, never from inside the question.
 */
#ifndef FAKE_FLEET_H
#define FAKE_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/cache/resolver.h"

enum { FAKE_FLEET_ENTRIES = 16 };

struct fake_call;

struct fake_fleet {
	struct sts_resolver_store store;
	struct sts_entry *entries[FAKE_FLEET_ENTRIES];
	bool down;			/* every answer is STS_EUNAVAILABLE */
	bool deaf;			/* not even questions are taken */
	bool locked_by_other;		/* every domain */
	bool forgets;			/* what is put */
	bool same_for_all;		/* whatever domain is asked about, the first entry's contents are its own */
	struct sts_entry *late;		/* put by another node just before the resolver gets its next lock */
	unsigned locks_held;		/* by the resolver */
	unsigned gets, locks, puts, unlocks, published;
	int64_t last_ttl_ms;
	struct fake_call *first, **end;
};

void fake_fleet_init(struct fake_fleet *fleet);
void fake_fleet_fini(struct fake_fleet *fleet);

/* Another node has put entry; takes the reference over. */
void fake_fleet_set(struct fake_fleet *fleet, struct sts_entry *entry);

size_t fake_fleet_deliver(struct fake_fleet *fleet);

#endif
