/* SPDX-License-Identifier: ISC */
/*
 * show_view.h - what `report show' has found out about one domain, and the forms in which it is printed.
 */
#ifndef STSCTL_REPORT_SHOW_VIEW_H
#define STSCTL_REPORT_SHOW_VIEW_H

#include <stdint.h>

#include "stsctl/summary/published_policies.h"
#include "stsctl/summary/summary.h"
#include "stsctl/summary/web_log.h"
#include "stsctl/terminal/command.h"

enum { SHOW_SILENT_MAX = 10 };

/* A sender domain whose own mail comes over TLS, and that sends no reports. */
struct show_silent {
	char domain[STS_DOMAIN_CAP];
	int64_t messages;	/* over TLS, of aligned clients */
};

struct show_view {
	const struct cmd_context *context;
	const char *domain;
	size_t days;
	struct summary verified, unverified;
	struct published_policies published;
	struct web_log log;
	struct show_silent silent[SHOW_SILENT_MAX];
	size_t silent_count;
};

/* CMD_NO when something that was reported and verified wants to be acted upon. */
enum cmd_exit show_exit(const struct show_view *view);

void show_print(const struct show_view *view);
enum cmd_exit show_json(const struct cmd_context *context, const struct show_view *view);
/* A line of names first, RFC 4180. */
void show_csv(const struct show_view *view);

/* What is typed next, for a failure: the table's command with its %d and %m filled in, and with this run's settings. */
enum { SHOW_NEXT_CAP = 4096 };
const char *show_next(const struct show_view *view, const struct summary_failure *failure, char out[SHOW_NEXT_CAP]);

#endif
