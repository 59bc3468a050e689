/* SPDX-License-Identifier: ISC */
/*
 * metrics_table.h - the definition of each metric: name, kind, help, labels and their values. The only source of them.
 *
 * To add a metric: a row here, a constant in metrics.h, the line that counts it (metrics_count, or metrics_put in
 * metrics_collect.c), and a row in doc/metrics.md, which tests/check-metrics-doc compares.
 * Pure. Any thread.
 */
#ifndef MILTER_RECORD_METRICS_TABLE_H
#define MILTER_RECORD_METRICS_TABLE_H

#include <stdbool.h>

#include "milter/record/metrics.h"
#include "shared-cache/policy/reason.h"

/* In front of each name. */
#define METRICS_PREFIX "mta_sts_milter_"

enum metrics_kind { METRICS_COUNTER, METRICS_GAUGE, METRICS_HISTOGRAM };

/* A label and its fixed set of values. `other' follows them; it is served if something was counted there, and always if
 * strangers choose the words (open). */
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
	bool in_ms;		/* values are in milliseconds, and served in seconds */
	const char *help;
	const struct metrics_label *labels[METRICS_LABELS];	/* NULL: no such label. A histogram has at most one */
};

extern const struct metrics_row metrics_table[METRICS_COUNT];

/* The index of a value, or of a histogram's first value, among METRICS_PLACES. A value beyond its label's set gives `other'. */
size_t metrics_place(const struct metrics_row *row, unsigned first, unsigned second);

/* The number of values of label 0 or 1, including `other'; 1 without such a label. */
unsigned metrics_label_places(const struct metrics_row *row, unsigned label);

/* The value of METRICS_DNS or METRICS_FETCHES for a reason. */
unsigned metrics_dns_outcome(enum sts_reason reason);
unsigned metrics_fetch_outcome(enum sts_reason reason);

/* Values of METRICS_RELOADS, METRICS_WAITING_LOOKUPS, METRICS_STORE_UP, METRICS_LOOKUP_TIME. */
enum { METRICS_RELOAD_DONE, METRICS_RELOAD_REFUSED };
enum { METRICS_QUEUE_DNS, METRICS_QUEUE_HTTPS };
enum { METRICS_STORE_POLICIES, METRICS_STORE_COUNTERS };
enum { METRICS_TIME_STORE, METRICS_TIME_NETWORK };

#endif
