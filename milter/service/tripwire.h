/* SPDX-License-Identifier: ISC */
/*
 * tripwire.h - notices that mail is refused in masses, which is more likely a mistake of ours than of everybody else.
 *
 * What makes a mistake of ours is that it hits many: it counts how many sender domains, and how many client networks, messages were
 * refused from, in a window of a minute that moves by the second. The smaller of the two counts must stay within the limit. So
 * nobody trips it alone, by however many messages, in however many names: that would switch off for all what is there for all.
 * Once tripped it stays so until it is reset.
 * Pure: time is passed in. Not locked: service.c does that.
 */
#ifndef MILTER_SERVICE_TRIPWIRE_H
#define MILTER_SERVICE_TRIPWIRE_H

#include <stdbool.h>
#include <stdint.h>

enum {
	TRIPWIRE_SECONDS = 60,
	TRIPWIRE_LIMIT_MAX = 1000,		/* what it can count to, with room to spare */
	TRIPWIRE_PLACES = 4096,
};

/* A window of so many seconds, and how often each was counted. */
struct tripwire_window {
	int64_t second;				/* the latest that was counted in */
	uint32_t counts[TRIPWIRE_SECONDS];	/* by second modulo 60 */
};

/* Which keys there were in the last minute. Counted are keys, by the second in which they came last. */
struct tripwire_set {
	struct tripwire_window window;
	struct tripwire_key {
		uint64_t key;			/* 0: the place is free */
		int64_t second;
	} places[TRIPWIRE_PLACES];
};

/* Zeroed: nothing has happened. */
struct tripwire {
	bool tripped;
	struct tripwire_window messages;
	struct tripwire_set domains, networks;
};

/* Whose message it is: hashes, with keys that strangers do not know. */
struct tripwire_message {
	uint64_t domain, network;
};

/* A message is about to be refused at now_ms (a clock that does not jump). True: go ahead, it is counted. False: don't; with this one
 * there would be more than limit domains, and more than limit networks, in the last minute (and the wire has tripped), or it had
 * tripped before. limit 0: no bound; more than TRIPWIRE_LIMIT_MAX counts as that. */
bool tripwire_allow(struct tripwire *wire, const struct tripwire_message *message, int64_t limit, int64_t now_ms);

/* Messages that passed in the last minute. */
uint64_t tripwire_count(struct tripwire *wire, int64_t now_ms);

/* Begins anew, with nothing counted. */
void tripwire_reset(struct tripwire *wire);

#endif
