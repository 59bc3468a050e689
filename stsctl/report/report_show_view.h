/* SPDX-License-Identifier: ISC */
/*
 * report_show_view.h - what `report show' has found out about one domain, and the forms in which it is printed.
 */
#ifndef STSCTL_REPORT_REPORT_SHOW_VIEW_H
#define STSCTL_REPORT_REPORT_SHOW_VIEW_H

#include <stdint.h>

#include "stsctl/summary/published_policies.h"
#include "stsctl/summary/summary.h"
#include "stsctl/summary/web_log.h"
#include "stsctl/terminal/command.h"

enum { REPORT_SHOW_SILENT_MAX = 10 };

/* A sender domain whose own mail comes over TLS, and that sends no reports. */
struct report_show_silent {
	char domain[STS_DOMAIN_CAP];
	int64_t messages;	/* over TLS, of aligned clients */
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

/* CMD_NO when something that was reported and verified wants to be acted upon. */
enum cmd_exit report_show_exit(const struct report_show_view *view);

void report_show_print(const struct report_show_view *view);
enum cmd_exit report_show_json(const struct cmd_context *context, const struct report_show_view *view);
/* A line of names first, RFC 4180. */
void report_show_csv(const struct report_show_view *view);

/* What is typed next, for a failure: the table's command with its %d and %m filled in, and with this run's settings. */
enum { REPORT_SHOW_NEXT_CAP = 4096 };
const char *report_show_next(const struct report_show_view *view, const struct summary_failure *failure, char out[REPORT_SHOW_NEXT_CAP]);

#endif
