/* SPDX-License-Identifier: ISC */
/*
 * metrics.h - the metrics of this process: their list, counting, reading.
 *
 * A metric is a row of the table in metrics_table.c and a constant here. On the mail path, counting is one relaxed atomic addition,
 * without locks. All other values are asked of their owners when somebody reads them (metrics_collect.h).
 * Label values come from fixed sets and are given by index; an index beyond the set counts as `other'. No domain, address or other
 * hostile text ever gets in.
 * Any thread.
 */
#ifndef MILTER_RECORD_METRICS_H
#define MILTER_RECORD_METRICS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/histogram.h"

/* In the order in which they are served. */
enum metrics_id {
	/* incoming mail */
	METRICS_SESSIONS, METRICS_OPEN_SESSIONS, METRICS_MESSAGES, METRICS_MESSAGE_TLS, METRICS_MESSAGE_REASONS,
	METRICS_MESSAGE_ALIGNED, METRICS_MESSAGE_HISTORY, METRICS_MESSAGE_RCPT, METRICS_MESSAGE_ACTIONS, METRICS_MESSAGE_DELAY,
	METRICS_EXEMPT, METRICS_FORGED, METRICS_TROUBLES,
	/* policies */
	METRICS_LOOKUPS, METRICS_LOOKUP_TIME, METRICS_FLIGHTS, METRICS_WAITING_LOOKUPS, METRICS_REFUSED_LOOKUPS, METRICS_DNS,
	METRICS_FETCHES, METRICS_FETCHER_UP, METRICS_FETCHER_DEATHS,
	METRICS_CACHE_ENTRIES, METRICS_CACHE_BYTES, METRICS_CACHE_HITS, METRICS_CACHE_MISSES, METRICS_CACHE_EVICTED,
	/* Redis */
	METRICS_STORE_UP, METRICS_PENDING_ROWS, METRICS_ROOM, METRICS_PENDING_MESSAGES, METRICS_HELD_MESSAGES, METRICS_FOLDED,
	METRICS_UNCOUNTED, METRICS_BATCHES, METRICS_BATCHES_RETRIED, METRICS_EVIDENCE_DROPPED, METRICS_SPOOL_BYTES, METRICS_SPOOL_MESSAGES,
	METRICS_SPOOL_LATE, METRICS_SPOOL_MISSED, METRICS_LOG_LOST,
	/* outgoing mail */
	METRICS_SOCKETMAP_CONNECTIONS, METRICS_SOCKETMAP_REFUSED, METRICS_SOCKETMAP_QUESTIONS, METRICS_SOCKETMAP_ANSWERS,
	METRICS_SOCKETMAP_LATE, METRICS_SENT_EVENTS, METRICS_SENT_POLICIES,
	/* the process */
	METRICS_BUILD, METRICS_UNHEALTHY, METRICS_RELOADS, METRICS_RELOAD_FAILED, METRICS_TRIPPED, METRICS_TRIPS,
	METRICS_START_TIME, METRICS_CPU, METRICS_RSS, METRICS_OPEN_FILES, METRICS_MAX_FILES, METRICS_THREADS,
	METRICS_COUNT
};

/* The most values that a metric with its labels, or a histogram, needs. */
enum { METRICS_PLACES = 48 };
/* Values of a histogram for each value of its label: the counts, then the sum. */
enum { METRICS_HISTOGRAM_PLACES = STS_HISTOGRAM_BUCKETS + 2 };

/* Zeroed: all counters are 0. */
struct metrics {
	atomic_uint_least64_t values[METRICS_COUNT][METRICS_PLACES];
};

/* Adds 1, or subtracts it, for the label's value number `first', and for the second label's value number `second'. Pass 0 for a
 * label that the metric does not have. */
void metrics_count(struct metrics *metrics, enum metrics_id id, unsigned first, unsigned second);
void metrics_uncount(struct metrics *metrics, enum metrics_id id, unsigned first, unsigned second);
/* Adds a duration to a histogram. */
void metrics_time(struct metrics *metrics, enum metrics_id id, unsigned first, int64_t ms);

/* All values at roughly the same moment. */
struct metrics_snapshot {
	uint64_t values[METRICS_COUNT][METRICS_PLACES];
};
void metrics_read(const struct metrics *metrics, struct metrics_snapshot *out);
/* For metrics owned elsewhere: adds to the snapshot. */
void metrics_put(struct metrics_snapshot *snapshot, enum metrics_id id, unsigned first, uint64_t value);
void metrics_put_histogram(struct metrics_snapshot *snapshot, enum metrics_id id, unsigned first,
    const struct sts_histogram *histogram);

#endif
