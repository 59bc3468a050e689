/* SPDX-License-Identifier: ISC */
/* breaker.c - the circuit breaker's states and waits. Knows no sockets, no clocks, no logs. */
#include "config.h"

#include "shared-cache/redis/breaker.h"

#include <string.h>

enum {
	TROUBLES_MAX = 2,
	WAIT_MIN_MS = 1000,
	WAIT_MAX_MS = 30000,
	STEADY_MS = 60000,	/* after so long in CLOSED, earlier failures are forgotten */
};

void
sts_breaker_init(struct sts_breaker *breaker, uint32_t seed)
{
	memset(breaker, 0, sizeof(*breaker));
	breaker->random = seed | 1;	/* xorshift stays at zero once there */
}

static uint32_t
next_random(struct sts_breaker *b)
{
	b->random ^= b->random << 13;
	b->random ^= b->random >> 17;
	b->random ^= b->random << 5;
	return b->random;
}

static void
open_for_longer(struct sts_breaker *b, int64_t now_ms)
{
	b->wait_ms = b->wait_ms == 0 ? WAIT_MIN_MS : b->wait_ms * 2;
	if (b->wait_ms > WAIT_MAX_MS)
		b->wait_ms = WAIT_MAX_MS;
	b->until_ms = now_ms + b->wait_ms - (int64_t)(next_random(b) % (uint32_t)(b->wait_ms / 4));
	b->position = STS_BREAKER_OPEN;
}

bool
sts_breaker_allows(struct sts_breaker *breaker, int64_t now_ms)
{
	if (breaker->position == STS_BREAKER_OPEN && now_ms >= breaker->until_ms)
		breaker->position = STS_BREAKER_HALF_OPEN;
	return breaker->position != STS_BREAKER_OPEN;
}

bool
sts_breaker_failed(struct sts_breaker *breaker, enum sts_breaker_fault fault, int64_t now_ms)
{
	bool was_closed = breaker->position == STS_BREAKER_CLOSED;

	if (was_closed && fault == STS_BREAKER_TROUBLE && ++breaker->troubles < TROUBLES_MAX)
		return false;
	/* A connection lost meanwhile does not tell whether writes are accepted again. */
	if (was_closed || fault == STS_BREAKER_READ_ONLY)
		breaker->wants_write = fault == STS_BREAKER_READ_ONLY;
	if (was_closed) {
		breaker->opened_ms = now_ms;
		if (now_ms - breaker->closed_ms >= STEADY_MS)
			breaker->wait_ms = 0;
	}
	breaker->troubles = 0;
	open_for_longer(breaker, now_ms);
	return was_closed;
}

bool
sts_breaker_succeeded(struct sts_breaker *breaker, bool wrote, int64_t now_ms, int64_t *away_ms)
{
	breaker->troubles = 0;
	if (breaker->position == STS_BREAKER_CLOSED || (breaker->wants_write && !wrote))
		return false;
	breaker->position = STS_BREAKER_CLOSED;
	breaker->wants_write = false;
	breaker->closed_ms = now_ms;
	*away_ms = now_ms - breaker->opened_ms;
	return true;
}

void
sts_breaker_try_now(struct sts_breaker *breaker)
{
	if (breaker->position == STS_BREAKER_OPEN)
		breaker->position = STS_BREAKER_HALF_OPEN;
}
