/* SPDX-License-Identifier: ISC */
/* time_argument.h - parses a point in time from the command line. Pure. Any thread. */
#ifndef STSCTL_TERMINAL_TIME_ARGUMENT_H
#define STSCTL_TERMINAL_TIME_ARGUMENT_H

#include <stdbool.h>
#include <stdint.h>

/* Accepts "2026-11-29", "2026-11-29T13:00Z", "2026-11-29T13:00:05Z" (always UTC; the Z is optional, a blank may replace the T), and
 * ages: "90s", "30m", "2h", "7d". now and *out: seconds since the epoch. False: none of these, or before the epoch. */
bool time_argument_parse(const char *text, int64_t now, int64_t *out);
#define TIME_ARGUMENT_FORMS "a time such as 2026-11-29T13:00:00Z or 2026-11-29, or how long ago: 90s, 30m, 2h, 7d"

#endif
