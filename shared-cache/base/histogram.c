/* SPDX-License-Identifier: ISC */
/* histogram.c - the bounds of the buckets. Does not know what is timed. */
#include "config.h"

#include "shared-cache/base/histogram.h"

#include <assert.h>

/* Clocks are read in milliseconds: a bucket below 5 would show rounding rather than durations. */
static const int64_t steps_ms[STS_HISTOGRAM_BUCKETS] = { 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 20000 };

int64_t
sts_histogram_bound_ms(size_t i)
{
	assert(i < STS_HISTOGRAM_BUCKETS);
	return steps_ms[i];
}

size_t
sts_histogram_index(int64_t ms)
{
	size_t i = 0;

	while (i < STS_HISTOGRAM_BUCKETS && ms > steps_ms[i])
		i++;
	return i;
}

void
sts_histogram_add(struct sts_histogram *histogram, int64_t ms)
{
	histogram->counts[sts_histogram_index(ms)]++;
	if (ms > 0)
		histogram->sum_ms += (uint64_t)ms;
}
