/* SPDX-License-Identifier: ISC */
/*
 * respawn.h - when to restart a process that has died: soon, but ever later while it keeps dying.
 *
 * 100 ms after the first death, doubling up to 30 s, with a quarter of jitter either way. A process that was up for a minute resets
 * the back-off. Pure; the time is passed in.
 */
#ifndef STS_FETCHER_RESPAWN_H
#define STS_FETCHER_RESPAWN_H

#include <stdint.h>

enum { STS_RESPAWN_FIRST_MS = 100, STS_RESPAWN_MAX_MS = 30000, STS_RESPAWN_GOOD_MS = 60000 };

/* Zeroed: no deaths yet. */
struct sts_respawn {
	unsigned streak;		/* deaths in a row */
	int64_t next_ms;		/* no restart before this */
};

/* up_ms: how long the process was up. chance: any number, for the jitter. */
void sts_respawn_died(struct sts_respawn *respawn, int64_t now_ms, int64_t up_ms, uint32_t chance);

#endif
