/* SPDX-License-Identifier: ISC */
/* respawn.c - back-off between starts. */
#include "config.h"

#include "shared-cache/fetcher/respawn.h"

enum { DOUBLINGS_MAX = 16 };

void
sts_respawn_died(struct sts_respawn *respawn, int64_t now_ms, int64_t up_ms, uint32_t chance)
{
	int64_t delay;

	if (up_ms >= STS_RESPAWN_GOOD_MS)
		respawn->streak = 0;
	delay = (int64_t)STS_RESPAWN_FIRST_MS << (respawn->streak < DOUBLINGS_MAX ? respawn->streak : DOUBLINGS_MAX);
	if (delay > STS_RESPAWN_MAX_MS)
		delay = STS_RESPAWN_MAX_MS;
	respawn->streak++;
	respawn->next_ms = now_ms + delay * 3 / 4 + (int64_t)(chance % (uint32_t)(delay / 2 + 1));
}
