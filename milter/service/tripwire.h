/* SPDX-License-Identifier: ISC */
/*
 * tripwire.h - stops refusals when mail is refused in masses, which is more likely our mistake than everybody else's.
 *
 * A mistake of ours hits many. So it counts the sender domains, and the client networks, whose messages were refused, in a window
 * of one minute that moves by the second. The smaller of the two counts must stay within the limit. So nobody can trip it alone,
 * with however many messages in however many names, and so switch off enforcement for all.
 * Once tripped, it stays so until it is reset.
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

/* A window of one minute: events by the second. */
struct tripwire_window {
	int64_t second;				/* the latest with an event */
	uint32_t counts[TRIPWIRE_SECONDS];	/* by second modulo 60 */
};

/* The keys of the last minute, each counted in the second of its latest event. */
struct tripwire_set {
	struct tripwire_window window;
	struct tripwire_key {
		uint64_t key;			/* 0: free place */
		int64_t second;
	} places[TRIPWIRE_PLACES];
};

/* Zeroed: no events, not tripped. */
struct tripwire {
	bool tripped;
	struct tripwire_window messages;
	struct tripwire_set domains, networks;
};

/* The sender domain and the client network of a message: hashes, with keys that strangers do not know. */
struct tripwire_message {
	uint64_t domain, network;
};

/* A message is about to be refused at now_ms (monotonic). True: it may be, and is counted. False: it must not be. Either the
 * last minute would have more than limit domains and more than limit networks with it, and the wire has tripped; or it had
 * tripped before. limit 0: none; at most TRIPWIRE_LIMIT_MAX. */
bool tripwire_allow(struct tripwire *wire, const struct tripwire_message *message, int64_t limit, int64_t now_ms);

/* Messages that were allowed in the last minute. */
uint64_t tripwire_count(struct tripwire *wire, int64_t now_ms);

/* Resets the wire, with all counts at 0. */
void tripwire_reset(struct tripwire *wire);

#endif
