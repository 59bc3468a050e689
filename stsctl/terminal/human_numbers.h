/* SPDX-License-Identifier: ISC */
/* human_numbers.h - formats numbers for people: percentages, times, ages, small graphs. Pure. Any thread. */
#ifndef STSCTL_TERMINAL_HUMAN_NUMBERS_H
#define STSCTL_TERMINAL_HUMAN_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/text.h"

/* "12.5%". "<0.1%" and ">99.9%" where rounding would give 0% or 100%. "-" when of is 0 or n is greater. */
enum { HUMAN_PERCENT_CAP = 8 };
const char *human_percent(int64_t n, int64_t of, char out[HUMAN_PERCENT_CAP]);

/* Seconds since the epoch as ISO 8601 in UTC, "2026-11-23T23:40:17Z": the only form in which commands print a time. "-" for 0 and
 * beyond the year 9999. */
enum { HUMAN_TIME_CAP = 24 };
const char *human_time(int64_t seconds, char out[HUMAN_TIME_CAP]);
/* The time from seconds to now, truncated: "3 s ago", "5 min ago", "30 h ago", "4 d ago", "in 3 s"; "-" for 0. */
enum { HUMAN_AGE_CAP = 32 };
const char *human_age(int64_t seconds, int64_t now, char out[HUMAN_AGE_CAP]);

/* Appends a bar graph of count numbers, none negative, in at most width columns. A column shows one number, or the sum of several
 * neighbours. A dot stands for 0, the highest bar for the greatest column. Without utf8, bars are the digits 1 to 8. */
struct human_graph {
	const int64_t *n;
	size_t count;
	size_t width;	/* at least 1 */
	bool utf8;
};
void human_add_graph(struct sts_text *text, const struct human_graph *graph);
/* How many numbers one column sums up. */
size_t human_graph_step(const struct human_graph *graph);

#endif
