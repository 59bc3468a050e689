/* SPDX-License-Identifier: ISC */
/*
 * tripwire.h - notices that mail is refused in masses, which is more likely a mistake of ours than of everybody else.
 *
 * Counts messages in a window of a minute that moves by the second. Once tripped it stays so until it is reset.
 * Pure: time is passed in. Not locked: service.c does that.
 */
#ifndef MILTER_SERVICE_TRIPWIRE_H
#define MILTER_SERVICE_TRIPWIRE_H

#include <stdbool.h>
#include <stdint.h>

enum { TRIPWIRE_SECONDS = 60 };

/* Zeroed: nothing has happened. */
struct tripwire {
	bool tripped;
	int64_t second;			/* the latest that was counted in */
	uint32_t counts[TRIPWIRE_SECONDS]; /* by second modulo 60 */
};

/* A message is about to be refused at now_ms (a clock that does not jump). True: go ahead, it is counted. False: don't; this one
 * would be more than limit in the last minute (and the wire has tripped), or it had tripped before. limit 0: no bound. */
bool tripwire_pass(struct tripwire *wire, int64_t limit, int64_t now_ms);

/* Messages that passed in the last minute. */
uint64_t tripwire_count(struct tripwire *wire, int64_t now_ms);

/* Begins anew, with nothing counted. */
void tripwire_reset(struct tripwire *wire);

#endif
