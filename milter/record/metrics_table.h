/* SPDX-License-Identifier: ISC */
/*
 * metrics_table.h - what is known of each figure: name, kind, help, labels and their values. The only source of it.
 *
 * A new figure is a row here, a constant in metrics.h, the line that counts it (metrics_count, or metrics_put in
 * metrics_collect.c) and a row of doc/metrics.md; tests/check-metrics-doc misses the last one.
 * Pure. Any thread.
 */
#ifndef MILTER_RECORD_METRICS_TABLE_H
#define MILTER_RECORD_METRICS_TABLE_H

#include <stdbool.h>

#include "milter/record/metrics.h"
#include "shared-cache/policy/reason.h"

/* Before each name. */
#define METRICS_PREFIX "mta_sts_milter_"

enum metrics_kind { METRICS_COUNTER, METRICS_GAUGE, METRICS_HISTOGRAM };

/* A label and its fixed set of values. `other` comes after them; it is served when something was counted there, or always
 * where strangers choose the words. */
struct metrics_label {
	const char *name;
	unsigned count;
	const char *(*value)(unsigned i);	/* i < count */
	bool open;
};

enum { METRICS_LABELS = 2 };

struct metrics_row {
	const char *name;	/* without the prefix */
	enum metrics_kind kind;
	bool in_ms;		/* the values are milliseconds, and are served in seconds */
	const char *help;
	const struct metrics_label *labels[METRICS_LABELS];	/* NULL: no such label. A histogram has one at most */
};

extern const struct metrics_row metrics_table[METRICS_COUNT];

/* Where the value, or a histogram's first one, lies in an array of METRICS_PLACES. Each index beyond its label is `other`. */
size_t metrics_place(const struct metrics_row *row, unsigned first, unsigned second);

/* How many values there are of label 0 or 1, `other` among them; 1 when there is no such label. */
unsigned metrics_label_places(const struct metrics_row *row, unsigned label);

/* Which value of METRICS_DNS and METRICS_FETCHES a reason is. */
unsigned metrics_dns_outcome(enum sts_reason reason);
unsigned metrics_fetch_outcome(enum sts_reason reason);

/* Values of METRICS_RELOADS, METRICS_WAITING_LOOKUPS, METRICS_STORE_UP, METRICS_LOOKUP_TIME. */
enum { METRICS_RELOAD_DONE, METRICS_RELOAD_REFUSED };
enum { METRICS_QUEUE_DNS, METRICS_QUEUE_HTTPS };
enum { METRICS_STORE_POLICIES, METRICS_STORE_COUNTERS };
enum { METRICS_TIME_STORE, METRICS_TIME_NETWORK };

#endif
