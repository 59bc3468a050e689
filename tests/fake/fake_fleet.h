/* SPDX-License-Identifier: ISC */
/*
 * fake_fleet.h - a store shared with imaginary other nodes: a few entries, locks that others may hold, and an off
 * switch. Answers come on fake_fleet_deliver, exactly once, never from inside the call.
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
	bool down;			/* all answers are STS_EUNAVAILABLE */
	bool deaf;			/* calls are not even accepted */
	bool locked_by_other;		/* another node holds every domain's lock */
	bool forgets;			/* drops entries that are put */
	bool same_for_all;		/* every domain has the first entry's contents */
	struct sts_entry *late;		/* another node puts it just before the resolver gets its next lock */
	unsigned locks_held;		/* by the resolver */
	unsigned gets, locks, puts, unlocks, published;
	int64_t last_ttl_ms;
	struct fake_call *first, **end;
};

void fake_fleet_init(struct fake_fleet *fleet);
void fake_fleet_fini(struct fake_fleet *fleet);

/* Puts entry as another node would; takes over the reference. */
void fake_fleet_set(struct fake_fleet *fleet, struct sts_entry *entry);

size_t fake_fleet_deliver(struct fake_fleet *fleet);

#endif
