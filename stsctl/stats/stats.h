/* SPDX-License-Identifier: ISC */
/* stats.h - what `stsctl stats` was asked, and its answers: counters, and lists of domains. */
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
	const char *below;		/* a version of TLS; NULL: not asked */
	bool csv;
};

/* Each prints its report. */
enum cmd_exit stats_counters(const struct cmd_context *context, const struct settings_redis *redis,
    const struct stats_request *request);
enum cmd_exit stats_top(const struct cmd_context *context, const struct settings_redis *redis,
    const struct stats_request *request);
enum cmd_exit stats_outbound(const struct cmd_context *context, const struct settings_redis *redis,
    const struct stats_request *request);
enum cmd_exit stats_at_risk(const struct cmd_context *context, const struct settings_redis *redis,
    const struct stats_request *request);
enum cmd_exit stats_below(const struct cmd_context *context, const struct settings_redis *redis,
    const struct stats_request *request);
/* How many versions are older than this one, of those that are counted; 0: it is none that one could ask about. */
size_t stats_older_than(const char *version);

/* Adds the counters of all mail in the request's period. */
enum sts_status stats_read_totals(const struct settings_redis *redis, const struct stats_request *request, struct sts_tally *out);
/* The period in words, and an empty line. */
void stats_print_period(const struct stats_request *request);
/* Each is a number of anybody's, and there may be many: no overflow. */
void stats_add(int64_t *sum, int64_t n);

#endif
