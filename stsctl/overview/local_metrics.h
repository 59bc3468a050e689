/* SPDX-License-Identifier: ISC */
/* local_metrics.h - asks the milter of this machine for its metrics (metrics_listen), which works without Redis, too. One thread. */
#ifndef STSCTL_OVERVIEW_LOCAL_METRICS_H
#define STSCTL_OVERVIEW_LOCAL_METRICS_H

#include <stdbool.h>
#include <stdint.h>

enum { LOCAL_METRICS_WHY_CAP = 160 };

struct local_metrics {
	bool answered;
	char why[LOCAL_METRICS_WHY_CAP];	/* why it did not answer */
	int64_t pending_messages, pending_rows;	/* counters_pending_...; -1: not in its metrics */
	int64_t store_up;			/* whether its counters reach Redis: 1, 0, -1: not in its metrics */
};

/* listen: HOST:PORT, the value of the setting. Takes at most WAIT_MS. */
void local_metrics_read(const char *listen, struct local_metrics *out);

/* The value of the line "NAME VALUE" in text, a whole number of at least 0; -1: there is none. Pure. */
int64_t local_metrics_find(const char *text, const char *name);

#endif
