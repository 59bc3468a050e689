/* SPDX-License-Identifier: ISC */
/*
 * breaker.h - when to leave a service alone that fails.
 *
 * Closed: calls go through. One fault that leaves no doubt (no connection, "I am loading") opens it, and so do two others
 * (time ran out, garbage) in a row: one alone may be a lost packet or a restart. Open: no call goes through until a wait is
 * over, 1 s at first, doubled with every further fault up to 30 s, each shortened by up to a quarter so that a fleet does not
 * come back in step. Then it is half open: calls go through, the first fault opens it again, a success closes it.
 * A service that refuses writes only (out of memory, a replica) answers reads all the while. What a refused write has opened
 * is closed by a successful write alone; otherwise each read would report the service back, and each write away again.
 * Pure: time comes in, in milliseconds of a clock that never steps. Whoever owns the connection owns its breaker.
 */
#ifndef STS_REDIS_BREAKER_H
#define STS_REDIS_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

enum sts_breaker_fault {
	STS_BREAKER_AWAY,	/* not there, or says so itself */
	STS_BREAKER_TROUBLE,	/* no answer in time, a broken connection, an answer that is none */
	STS_BREAKER_READ_ONLY,	/* refuses writes */
};

enum sts_breaker_position { STS_BREAKER_CLOSED, STS_BREAKER_OPEN, STS_BREAKER_HALF_OPEN };

struct sts_breaker {
	enum sts_breaker_position position;
	bool wants_write;	/* only a write closes it */
	unsigned troubles;	/* in a row, while closed */
	int64_t wait_ms;	/* the latest, before jitter */
	int64_t until_ms;	/* open: when it becomes half open */
	int64_t opened_ms;	/* when it left CLOSED */
	int64_t closed_ms;	/* when it came back */
	uint32_t random;
};

/* seed: any; different ones jitter differently. */
void sts_breaker_init(struct sts_breaker *breaker, uint32_t seed);

/* Whether a call may be made now. An open breaker whose wait is over becomes half open. */
bool sts_breaker_allows(struct sts_breaker *breaker, int64_t now_ms);

/* The call failed. True when the breaker has left CLOSED by it: time for the one log line. */
bool sts_breaker_failed(struct sts_breaker *breaker, enum sts_breaker_fault fault, int64_t now_ms);

/* The call succeeded; wrote: and it was a write. True when the breaker is CLOSED by it; *away_ms is for how long it was not. */
bool sts_breaker_succeeded(struct sts_breaker *breaker, bool wrote, int64_t now_ms, int64_t *away_ms);

/* An open breaker becomes half open at once. */
void sts_breaker_try_now(struct sts_breaker *breaker);

#endif
