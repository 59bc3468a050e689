/* SPDX-License-Identifier: ISC */
/* human_numbers.h - numbers as people read them: shares, times, ages, small graphs. Pure. Any thread. */
#ifndef STSCTL_TERMINAL_HUMAN_NUMBERS_H
#define STSCTL_TERMINAL_HUMAN_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/text.h"

/* "12.5%"; "<0.1%" and ">99.9%" for what rounding would make nothing or all; "-" where there is no whole, or a part that is
 * greater. */
enum { HUMAN_PERCENT_CAP = 8 };
const char *human_percent(int64_t n, int64_t of, char out[HUMAN_PERCENT_CAP]);

/* Seconds since the epoch as UTC by ISO 8601, "2026-11-23T23:40:17Z", the one form of a point in time that commands print; "-" for 0
 * and for what lies beyond the year 9999. */
enum { HUMAN_TIME_CAP = 24 };
const char *human_time(int64_t seconds, char out[HUMAN_TIME_CAP]);
/* How long ago, or in how long: "3 s ago", "5 min ago", "30 h ago", "4 d ago", "in 3 s"; "-" for 0. Cut, not rounded. */
enum { HUMAN_AGE_CAP = 32 };
const char *human_age(int64_t seconds, int64_t now, char out[HUMAN_AGE_CAP]);

/* Appends a graph of count numbers (none negative) in at most width columns: one for each number, or one for the sum of several
 * neighbours. A dot is nothing at all; the highest is the greatest of them. Without utf8, the digits 1 to 8. */
struct human_graph {
	const int64_t *n;
	size_t count;
	size_t width;	/* at least 1 */
	bool utf8;
};
void human_add_graph(struct sts_text *text, const struct human_graph *graph);
/* How many neighbours a column is the sum of. */
size_t human_graph_step(const struct human_graph *graph);

#endif
