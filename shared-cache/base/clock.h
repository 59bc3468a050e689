/* SPDX-License-Identifier: ISC */
/* clock.h - the only two clocks. Only loops and threads read them; code that makes decisions gets the time as an argument. Any thread. */
#ifndef STS_BASE_CLOCK_H
#define STS_BASE_CLOCK_H

#include <stdint.h>

int64_t sts_clock_mono_ms(void);	/* milliseconds; never jumps */
int64_t sts_clock_now(void);		/* seconds since the epoch */
int64_t sts_clock_now_ms(void);		/* milliseconds since the epoch */

#endif
