/* SPDX-License-Identifier: ISC */
/* tripwire.c - rings of sixty seconds, and the keys counted in them. Knows neither mail nor settings. */
#include "config.h"

#include "milter/service/tripwire.h"

#include <string.h>

enum { PROBES = 64 };	/* places that are tried for a key */

/* Clears the seconds that have passed since the last call. Returns the current second. */
static int64_t
advance(struct tripwire_window *window, int64_t now_ms)
{
	int64_t second = now_ms / 1000, gone = second - window->second;

	if (gone <= 0)
		return window->second;
	if (gone > TRIPWIRE_SECONDS)
		gone = TRIPWIRE_SECONDS;
	for (int64_t i = 0; i < gone; i++)
		window->counts[(second - i) % TRIPWIRE_SECONDS] = 0;
	window->second = second;
	return second;
}

static uint64_t
sum(struct tripwire_window *window, int64_t now_ms)
{
	uint64_t total = 0;

	(void)advance(window, now_ms);
	for (size_t i = 0; i < TRIPWIRE_SECONDS; i++)
		total += window->counts[i];
	return total;
}

static bool
is_in_window(const struct tripwire_key *place, int64_t second)
{
	return place->key != 0 && place->second > second - TRIPWIRE_SECONDS;
}

/* The key's place, or one that it may use; NULL if all that were tried are in use, which happens only far beyond any limit. */
static struct tripwire_key *
find_place(struct tripwire_set *set, uint64_t key, int64_t second)
{
	struct tripwire_key *spare = NULL;

	for (uint64_t i = 0; i < PROBES; i++) {
		struct tripwire_key *place = &set->places[(key + i) % TRIPWIRE_PLACES];

		if (place->key == key)
			return place;
		if (spare == NULL && !is_in_window(place, second))
			spare = place;
		if (place->key == 0)
			break;
	}
	return spare;
}

/* A key that was counted before moves to this second. */
static void
note(struct tripwire_set *set, uint64_t key, int64_t now_ms)
{
	int64_t second = advance(&set->window, now_ms);
	struct tripwire_key *place;

	key |= 1;	/* 0 means a free place */
	place = find_place(set, key, second);
	if (place == NULL)
		return;
	if (place->key == key && is_in_window(place, second))
		set->window.counts[place->second % TRIPWIRE_SECONDS]--;
	*place = (struct tripwire_key){ key, second };
	set->window.counts[second % TRIPWIRE_SECONDS]++;
}

uint64_t
tripwire_count(struct tripwire *wire, int64_t now_ms)
{
	return sum(&wire->messages, now_ms);
}

bool
tripwire_allow(struct tripwire *wire, const struct tripwire_message *message, int64_t limit, int64_t now_ms)
{
	int64_t second;

	if (limit > TRIPWIRE_LIMIT_MAX)
		limit = TRIPWIRE_LIMIT_MAX;
	if (wire->tripped)
		return false;
	note(&wire->domains, message->domain, now_ms);
	note(&wire->networks, message->network, now_ms);
	if (limit > 0 && sum(&wire->domains.window, now_ms) > (uint64_t)limit &&
	    sum(&wire->networks.window, now_ms) > (uint64_t)limit) {
		wire->tripped = true;
		return false;
	}
	second = advance(&wire->messages, now_ms);
	wire->messages.counts[second % TRIPWIRE_SECONDS]++;
	return true;
}

void
tripwire_reset(struct tripwire *wire)
{
	memset(wire, 0, sizeof(*wire));
}
