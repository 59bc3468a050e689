/* SPDX-License-Identifier: ISC */
/*
 * histogram.h - how many took how long: times sorted into a fixed set of steps, and their sum.
 *
 * One set of steps for all, from what nobody notices to policy_wait at its largest, so that graphs can be laid side by side.
 * Pure. Not locked: belongs to one thread, or to who holds the lock.
 */
#ifndef STS_BASE_HISTOGRAM_H
#define STS_BASE_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

enum { STS_HISTOGRAM_BUCKETS = 12 };

struct sts_histogram {
	uint64_t counts[STS_HISTOGRAM_BUCKETS + 1];	/* times up to each step, and above the step before; then the rest */
	uint64_t sum_ms;
};

/* The upper end of step i < STS_HISTOGRAM_BUCKETS, which belongs to it. Ascending. */
int64_t sts_histogram_bound_ms(size_t i);
/* Which of the counts a time belongs to. A negative one (a clock that was wrong) is none at all. */
size_t sts_histogram_index(int64_t ms);

void sts_histogram_add(struct sts_histogram *histogram, int64_t ms);

#endif
