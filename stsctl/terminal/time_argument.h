/* SPDX-License-Identifier: ISC */
/* time_argument.h - a point in time as people write it. Pure. Any thread. */
#ifndef STSCTL_TERMINAL_TIME_ARGUMENT_H
#define STSCTL_TERMINAL_TIME_ARGUMENT_H

#include <stdbool.h>
#include <stdint.h>

/* "2026-11-29", "2026-11-29T13:00Z", "2026-11-29T13:00:05Z" (UTC, the Z may be missing, a blank may stand for the T), or how long ago: "90s",
 * "30m", "2h", "7d". Seconds since the epoch into *out. False: it is none of these, or before the epoch. */
bool time_argument_parse(const char *text, int64_t now, int64_t *out);
#define TIME_ARGUMENT_FORMS "a time such as 2026-11-29T13:00:00Z or 2026-11-29, or how long ago: 90s, 30m, 2h, 7d"

#endif
