/* SPDX-License-Identifier: ISC */
/*
 * histogram.h - a histogram of durations: counts in fixed buckets, and the sum.
 *
 * All histograms have the same buckets, from imperceptible to the longest policy_wait, so that graphs can be compared.
 * Pure. Not locked: belongs to one thread, or to the holder of a lock.
 */
#ifndef STS_BASE_HISTOGRAM_H
#define STS_BASE_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

enum { STS_HISTOGRAM_BUCKETS = 12 };

struct sts_histogram {
	uint64_t counts[STS_HISTOGRAM_BUCKETS + 1];	/* durations up to each bound and above the one before; last, the rest */
	uint64_t sum_ms;
};

/* The upper bound, inclusive, of bucket i < STS_HISTOGRAM_BUCKETS. Ascending. */
int64_t sts_histogram_bound_ms(size_t i);
/* The index into counts of a duration. A negative one (a clock was wrong) counts as 0. */
size_t sts_histogram_index(int64_t ms);

void sts_histogram_add(struct sts_histogram *histogram, int64_t ms);

#endif
