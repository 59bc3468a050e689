/* SPDX-License-Identifier: ISC */
/* clock.c - reads the system's clocks. */
#include "config.h"

#include "shared-cache/base/clock.h"

#include <time.h>

static int64_t
read_ms(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
sts_clock_mono_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

int64_t
sts_clock_now_ms(void)
{
	return read_ms(CLOCK_REALTIME);
}

int64_t
sts_clock_now(void)
{
	return read_ms(CLOCK_REALTIME) / 1000;
}
