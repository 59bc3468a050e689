/* SPDX-License-Identifier: ISC */
/* stats.h - what `stsctl stats` was asked, and its two kinds of answers: counters, and lists of domains. */
#ifndef STSCTL_STATS_STATS_H
#define STSCTL_STATS_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "stsctl/context/settings.h"
#include "stsctl/terminal/command.h"

enum { STATS_DAYS_MAX = 3650, STATS_TOP_MAX = 1000, STATS_TOP_USUAL = 20 };

struct stats_request {
	char domain[STS_DOMAIN_CAP];	/* "": all mail */
	size_t day_count;		/* 0: since the start; else the last days, today included */
	char (*days)[STS_DAY_CAP];	/* the first one first */
	int64_t since;			/* when they begin, in seconds; 0 */
	size_t top;
	const char *by;			/* a field */
	bool at_risk;
};

/* Each prints its report. */
enum cmd_exit stats_counters(const struct cmd_context *context, const struct settings_redis *redis,
    const struct stats_request *request);
enum cmd_exit stats_top(const struct cmd_context *context, const struct settings_redis *redis,
    const struct stats_request *request);
enum cmd_exit stats_at_risk(const struct cmd_context *context, const struct settings_redis *redis,
    const struct stats_request *request);

#endif
