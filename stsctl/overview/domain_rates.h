/* SPDX-License-Identifier: ISC */
/* domain_rates.h - sender domains of the last minutes, with today's counters and how fast these grow. Pure. One thread. */
#ifndef STSCTL_OVERVIEW_DOMAIN_RATES_H
#define STSCTL_OVERVIEW_DOMAIN_RATES_H

#include <stddef.h>
#include <stdint.h>

#include "shared-cache/query/query.h"

enum domain_column { DOMAIN_RATE, DOMAIN_MESSAGES, DOMAIN_PLAINTEXT, DOMAIN_FAIL, DOMAIN_SEEN, DOMAIN_NAME, DOMAIN_COLUMNS };
/* In the order of the enum: what the columns are called, NULL behind the last. */
extern const char *const domain_columns[];

struct domain_rate {
	char domain[STS_DOMAIN_CAP];
	int64_t messages, plaintext, fail, last_seen;
	double rate;			/* messages a second; negative: not known */
};

struct domain_rates {
	struct domain_rate *list;
	size_t count, cap;
	int64_t mono_ms;		/* when they were read */
	char day[STS_DAY_CAP];
};

/* False when memory ran out. A domain may come twice: it is seen while it is read. */
bool domain_rates_add(struct domain_rates *rates, const struct domain_rate *row);
/* Computes rates against an earlier reading (empty: none), and leaves out what is there twice. */
void domain_rates_settle(struct domain_rates *rates, const struct domain_rates *before);
/* The greatest first, names from a on. */
void domain_rates_sort(struct domain_rates *rates, enum domain_column by);
void domain_rates_fini(struct domain_rates *rates);

/* How much a counter grows, in a second; negative: not known, because it began anew. */
double domain_rates_of(int64_t before, int64_t now, int64_t elapsed_ms);

#endif
