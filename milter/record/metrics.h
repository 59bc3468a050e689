/* SPDX-License-Identifier: ISC */
/*
 * metrics.h - the figures of this process for a monitoring system: which there are, counting, reading.
 *
 * A figure is a row of the table in metrics_table.c and a constant here. Figures of the mail path are counted with one
 * relaxed addition each and no lock; all others are asked of their owners when somebody reads (metrics_collect.h).
 * Labels have values from fixed sets, known by their index; an index beyond the set is its `other`. No domain, address or
 * other word of a stranger gets in here.
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
	/* mail */
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
	/* mail that goes out */
	METRICS_SOCKETMAP_CONNECTIONS, METRICS_SOCKETMAP_REFUSED, METRICS_SOCKETMAP_QUESTIONS, METRICS_SOCKETMAP_ANSWERS,
	METRICS_SOCKETMAP_LATE, METRICS_SENT_EVENTS, METRICS_SENT_POLICIES,
	/* the process */
	METRICS_BUILD, METRICS_UNHEALTHY, METRICS_RELOADS, METRICS_RELOAD_FAILED, METRICS_TRIPPED, METRICS_TRIPS,
	METRICS_START_TIME, METRICS_CPU, METRICS_RSS, METRICS_OPEN_FILES, METRICS_MAX_FILES, METRICS_THREADS,
	METRICS_COUNT
};

/* The most places that the labels of one figure need, or a histogram's. */
enum { METRICS_PLACES = 48 };
/* Places of a histogram, for each value of its label: the counts, then the sum. */
enum { METRICS_HISTOGRAM_PLACES = STS_HISTOGRAM_BUCKETS + 2 };

/* Zeroed: nothing has been counted. */
struct metrics {
	atomic_uint_least64_t values[METRICS_COUNT][METRICS_PLACES];
};

/* Adds 1, or takes it back, where the label has its value number `first`, and the second label, if there is one, its
 * `second`; 0 for a label that there is not. */
void metrics_count(struct metrics *metrics, enum metrics_id id, unsigned first, unsigned second);
void metrics_uncount(struct metrics *metrics, enum metrics_id id, unsigned first, unsigned second);
/* Sorts a time into a histogram. */
void metrics_time(struct metrics *metrics, enum metrics_id id, unsigned first, int64_t ms);

/* All values at about one moment. */
struct metrics_snapshot {
	uint64_t values[METRICS_COUNT][METRICS_PLACES];
};
void metrics_read(const struct metrics *metrics, struct metrics_snapshot *out);
/* For figures that others own: adds to what is there. */
void metrics_put(struct metrics_snapshot *snapshot, enum metrics_id id, unsigned first, uint64_t value);
void metrics_put_histogram(struct metrics_snapshot *snapshot, enum metrics_id id, unsigned first,
    const struct sts_histogram *histogram);

#endif
