/* SPDX-License-Identifier: ISC */
/* metrics.c - the storage of the metrics, and counting. Knows neither what is counted nor how it is served. */
#include "config.h"

#include "milter/record/metrics.h"

#include <string.h>

#include "milter/record/metrics_table.h"

static void
add(struct metrics *metrics, enum metrics_id id, size_t place, uint64_t n)
{
	atomic_fetch_add_explicit(&metrics->values[id][place], n, memory_order_relaxed);
}

void
metrics_count(struct metrics *metrics, enum metrics_id id, unsigned first, unsigned second)
{
	add(metrics, id, metrics_place(&metrics_table[id], first, second), 1);
}

void
metrics_uncount(struct metrics *metrics, enum metrics_id id, unsigned first, unsigned second)
{
	add(metrics, id, metrics_place(&metrics_table[id], first, second), UINT64_MAX);
}

void
metrics_time(struct metrics *metrics, enum metrics_id id, unsigned first, int64_t ms)
{
	size_t place = metrics_place(&metrics_table[id], first, 0);

	add(metrics, id, place + sts_histogram_index(ms), 1);
	if (ms > 0)
		add(metrics, id, place + STS_HISTOGRAM_BUCKETS + 1, (uint64_t)ms);
}

void
metrics_read(const struct metrics *metrics, struct metrics_snapshot *out)
{
	for (size_t id = 0; id < METRICS_COUNT; id++) {
		for (size_t i = 0; i < METRICS_PLACES; i++)
			out->values[id][i] = atomic_load_explicit(&metrics->values[id][i], memory_order_relaxed);
	}
}

void
metrics_put(struct metrics_snapshot *snapshot, enum metrics_id id, unsigned first, uint64_t value)
{
	snapshot->values[id][metrics_place(&metrics_table[id], first, 0)] += value;
}

void
metrics_put_histogram(struct metrics_snapshot *snapshot, enum metrics_id id, unsigned first,
    const struct sts_histogram *histogram)
{
	uint64_t *values = &snapshot->values[id][metrics_place(&metrics_table[id], first, 0)];

	memcpy(values, histogram->counts, sizeof(histogram->counts));
	values[STS_HISTOGRAM_BUCKETS + 1] = histogram->sum_ms;
}
