/* SPDX-License-Identifier: ISC */
/* domain_rates.h - sender domains seen in the last minutes: today's counters, and how fast they grow. Pure. One thread. */
#ifndef STSCTL_OVERVIEW_DOMAIN_RATES_H
#define STSCTL_OVERVIEW_DOMAIN_RATES_H

#include <stddef.h>
#include <stdint.h>

#include "shared-cache/query/query.h"

enum domain_column { DOMAIN_RATE, DOMAIN_MESSAGES, DOMAIN_PLAINTEXT, DOMAIN_FAIL, DOMAIN_SEEN, DOMAIN_NAME, DOMAIN_COLUMNS };
/* The columns' names in the order of the enum; ends with NULL. */
extern const char *const domain_columns[];

struct domain_rate {
	char domain[STS_DOMAIN_CAP];
	int64_t messages, plaintext, fail, last_seen;
	double rate;			/* messages per second; negative: unknown */
};

struct domain_rates {
	struct domain_rate *list;
	size_t count, cap;
	int64_t mono_ms;		/* when they were read, monotonic */
	char day[STS_DAY_CAP];
};

/* Adds a row. The same domain may come twice, if its counters change while they are read. False when memory ran out. */
bool domain_rates_add(struct domain_rates *rates, const struct domain_rate *row);
/* Removes duplicates, and computes rates against an earlier reading (empty: none). */
void domain_rates_settle(struct domain_rates *rates, const struct domain_rates *before);
/* Sorts: numbers with the greatest first, names from a to z. */
void domain_rates_sort(struct domain_rates *rates, enum domain_column by);
void domain_rates_fini(struct domain_rates *rates);

/* A counter's growth per second; negative: unknown, because the counter was reset or no time has passed. */
double domain_rates_of(int64_t before, int64_t now, int64_t elapsed_ms);

#endif
