/* SPDX-License-Identifier: ISC */
/* date.h - calendar dates as days since 1970-01-01, in UTC. Pure. Any thread. */
#ifndef STS_BASE_DATE_H
#define STS_BASE_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads "YYYY-MM-DD", years 1970 to 9999, Gregorian. False for any other form, and when there is no such day. */
bool sts_date_parse(const char *text, size_t len, int32_t *out);

/* The day of a time in seconds since the epoch, clamped to the range of int32_t. */
int32_t sts_date_day_of(int64_t seconds);

#endif
