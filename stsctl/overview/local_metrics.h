/* SPDX-License-Identifier: ISC */
/* local_metrics.h - what the milter of this machine says itself (metrics_listen), also while Redis is away. One thread. */
#ifndef STSCTL_OVERVIEW_LOCAL_METRICS_H
#define STSCTL_OVERVIEW_LOCAL_METRICS_H

#include <stdbool.h>
#include <stdint.h>

enum { LOCAL_METRICS_WHY_CAP = 160 };

struct local_metrics {
	bool answered;
	char why[LOCAL_METRICS_WHY_CAP];	/* why not */
	int64_t pending_messages, pending_rows;	/* counters_pending_...; -1: it does not say */
	int64_t store_up;			/* of counters: 1, 0, -1 */
};

/* listen: HOST:PORT, as the setting has it. Takes WAIT_MS at most. */
void local_metrics_read(const char *listen, struct local_metrics *out);

/* The value of a line "NAME VALUE", a whole number not below 0; -1: there is none. Pure. */
int64_t local_metrics_find(const char *text, const char *name);

#endif
