/* SPDX-License-Identifier: ISC */
/* number_format.h - formats numbers for the page, independently of the locale. Pure. Any thread. */
#ifndef STSCTL_PAGE_NUMBER_FORMAT_H
#define STSCTL_PAGE_NUMBER_FORMAT_H

#include <stddef.h>
#include <stdint.h>

enum { NUMBER_FORMAT_CAP = 32 };

/* "1,234,567". These functions return out. */
const char *number_format(int64_t n, char out[NUMBER_FORMAT_CAP]);
/* For an axis: "400", "1.5k", "20k", "3M"; at most three digits, truncated. */
const char *number_format_short(int64_t n, char out[NUMBER_FORMAT_CAP]);
/* n in hundredths of a percent: "12.34%", "2%". */
const char *number_format_hundredths(int64_t n, char out[NUMBER_FORMAT_CAP]);

/* n / whole in 1/DOCUMENT_WHOLE, rounded, but never to 0 unless n is 0. 0 if whole is 0. */
int64_t number_share(int64_t n, int64_t whole);

/* The end of an axis that reaches greatest: 2, 3, 4, 5, 6, 8 or 10 times a power of ten, and even, for its middle has a label, too. */
int64_t number_axis_end(int64_t greatest);

#endif
