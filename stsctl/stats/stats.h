/* SPDX-License-Identifier: ISC */
/* stats.h - the request of `stsctl stats`, and its reports: counters, and rankings of domains. */
#ifndef STSCTL_STATS_STATS_H
#define STSCTL_STATS_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "stsctl/context/settings.h"
#include "stsctl/terminal/command.h"

enum { STATS_DAYS_MAX = 3650, STATS_TOP_MAX = 1000, STATS_TOP_USUAL = 20 };

struct stats_request {
	char domain[STS_DOMAIN_CAP];	/* "": all mail */
	size_t day_count;		/* the last days, today included; 0: since counting began */
	char (*days)[STS_DAY_CAP];	/* the oldest first */
	int64_t since;			/* when the first day begins, in seconds; 0 without days */
	size_t top;
	const char *by;			/* the field to rank by */
	bool at_risk;
	const char *below;		/* a TLS version; NULL: not asked for */
	bool csv;
};

/* Each prints its report, and returns the exit code. */
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
/* How many of the counted TLS versions are older than this one; 0: not a version to ask about. */
size_t stats_older_than(const char *version);

/* Adds up the counters of all mail in the request's period. */
enum sts_status stats_read_totals(const struct settings_redis *redis, const struct stats_request *request, struct sts_tally *out);
/* Prints the period in words, and an empty line. */
void stats_print_period(const struct stats_request *request);
/* Adds without overflow: Redis may hold any numbers. */
void stats_add(int64_t *sum, int64_t n);

#endif
