/* SPDX-License-Identifier: ISC */
/*
 * breaker.h - a circuit breaker: stops calls to a service that fails, and tries it again later.
 *
 * Closed: calls go through. One clear fault (no connection, "I am loading") opens it, and so do two unclear ones (timeout, garbage)
 * in a row: a single one may be a lost packet or a restart. Open: no call goes through until a wait is over. The wait is 1 s at
 * first and doubles with every further fault up to 30 s; each is shortened by up to a quarter, so that the nodes of a fleet do not
 * return in step. Then it is half open: calls go through, the first fault opens it again, a success closes it.
 * A service that refuses only writes (out of memory, a replica) still answers reads. After a refused write, only a successful write
 * closes the breaker; otherwise each read would report the service back, and each write away again.
 * Pure: the time is passed in, in milliseconds of a monotonic clock. The owner of a connection owns its breaker.
 */
#ifndef STS_REDIS_BREAKER_H
#define STS_REDIS_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

enum sts_breaker_fault {
	STS_BREAKER_AWAY,	/* no connection, or the service says itself that it cannot serve */
	STS_BREAKER_TROUBLE,	/* timeout, broken connection, or a malformed reply */
	STS_BREAKER_READ_ONLY,	/* refuses writes */
};

enum sts_breaker_position { STS_BREAKER_CLOSED, STS_BREAKER_OPEN, STS_BREAKER_HALF_OPEN };

struct sts_breaker {
	enum sts_breaker_position position;
	bool wants_write;	/* only a successful write closes it */
	unsigned troubles;	/* in a row, while closed */
	int64_t wait_ms;	/* the latest wait, before jitter */
	int64_t until_ms;	/* open: when it becomes half open */
	int64_t opened_ms;	/* when it left CLOSED */
	int64_t closed_ms;	/* when it was closed again */
	uint32_t random;
};

/* seed: any number; different seeds give different jitter. */
void sts_breaker_init(struct sts_breaker *breaker, uint32_t seed);

/* Whether a call may be made now. An open breaker whose wait is over becomes half open. */
bool sts_breaker_allows(struct sts_breaker *breaker, int64_t now_ms);

/* Records a failed call. True when this moved the breaker out of CLOSED: log one line. */
bool sts_breaker_failed(struct sts_breaker *breaker, enum sts_breaker_fault fault, int64_t now_ms);

/* Records a successful call; wrote: it was a write. True when this closed the breaker; *away_ms is how long it was not closed. */
bool sts_breaker_succeeded(struct sts_breaker *breaker, bool wrote, int64_t now_ms, int64_t *away_ms);

/* Makes an open breaker half open at once. */
void sts_breaker_try_now(struct sts_breaker *breaker);

#endif
