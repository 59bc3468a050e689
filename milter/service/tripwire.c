/* SPDX-License-Identifier: ISC */
/* tripwire.c - a ring of sixty seconds. Knows neither mail nor settings. */
#include "config.h"

#include "milter/service/tripwire.h"

#include <string.h>

/* Empties the seconds that nobody counted in since the last call. */
static void
move_on(struct tripwire *wire, int64_t now_ms)
{
	int64_t second = now_ms / 1000, gone = second - wire->second;

	if (gone <= 0)
		return;
	if (gone > TRIPWIRE_SECONDS)
		gone = TRIPWIRE_SECONDS;
	for (int64_t i = 0; i < gone; i++)
		wire->counts[(second - i) % TRIPWIRE_SECONDS] = 0;
	wire->second = second;
}

uint64_t
tripwire_count(struct tripwire *wire, int64_t now_ms)
{
	uint64_t sum = 0;

	move_on(wire, now_ms);
	for (size_t i = 0; i < TRIPWIRE_SECONDS; i++)
		sum += wire->counts[i];
	return sum;
}

bool
tripwire_pass(struct tripwire *wire, int64_t limit, int64_t now_ms)
{
	if (wire->tripped)
		return false;
	if (limit > 0 && tripwire_count(wire, now_ms) >= (uint64_t)limit) {
		wire->tripped = true;
		return false;
	}
	move_on(wire, now_ms);
	wire->counts[wire->second % TRIPWIRE_SECONDS]++;
	return true;
}

void
tripwire_reset(struct tripwire *wire)
{
	memset(wire, 0, sizeof(*wire));
}
