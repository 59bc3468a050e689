/* SPDX-License-Identifier: ISC */
/* report_show_view.h - what `report show' found out about one domain, and how it is printed. One thread. */
#ifndef STSCTL_REPORT_REPORT_SHOW_VIEW_H
#define STSCTL_REPORT_REPORT_SHOW_VIEW_H

#include <stdint.h>

#include "stsctl/summary/published_policies.h"
#include "stsctl/summary/summary.h"
#include "stsctl/summary/web_log.h"
#include "stsctl/terminal/command.h"

enum { REPORT_SHOW_SILENT_MAX = 10 };

/* A sender domain whose own mail comes over TLS, but that sends no reports. */
struct report_show_silent {
	char domain[STS_DOMAIN_CAP];
	int64_t messages;	/* over TLS, from aligned clients */
};

struct report_show_view {
	const struct cmd_context *context;
	const char *domain;
	size_t days;
	struct summary verified, unverified;
	struct published_policies published;
	struct web_log log;
	struct report_show_silent silent[REPORT_SHOW_SILENT_MAX];
	size_t silent_count;
};

/* CMD_NO when a verified report calls for action. */
enum cmd_exit report_show_exit(const struct report_show_view *view);

void report_show_print(const struct report_show_view *view);
enum cmd_exit report_show_json(const struct cmd_context *context, const struct report_show_view *view);
/* Prints CSV (RFC 4180), with a line of names first. */
void report_show_csv(const struct report_show_view *view);

/* The command to run next for a failure: the advice's, with %d and %m filled in, and this run's -c and -o. */
enum { REPORT_SHOW_NEXT_CAP = 4096 };
const char *report_show_next(const struct report_show_view *view, const struct summary_failure *failure, char out[REPORT_SHOW_NEXT_CAP]);

#endif
