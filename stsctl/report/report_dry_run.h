/* SPDX-License-Identifier: ISC */
/*
 * report_dry_run.h - report import --dry-run: what is in a report, for people, or as JSON, an object a report, each on its line:
 *
 *   {"valid":true,"org":"...","report_id":"...","domains":["..."],"success":N,"failure":N,"by_result_type":{"...":N},...}
 *   {"valid":false,"error":"..."}
 *
 * Of a report about a time that is not believed, both: it is not valid, and what it says is told all the same.
 */
#ifndef STSCTL_REPORT_REPORT_DRY_RUN_H
#define STSCTL_REPORT_REPORT_DRY_RUN_H

#include <stdint.h>

#include "stsctl/report/own_names.h"
#include "stsctl/intake/report_intake.h"
#include "stsctl/terminal/command.h"

struct report_dry_run {
	const struct cmd_context *context;
	enum cmd_exit code;
	bool any;
};

void report_dry_run_begin(struct report_dry_run *run, const struct cmd_context *context);
/* names has been told of the report (own_names_begin). */
enum sts_status report_dry_run_report(struct report_dry_run *run, const struct report_found *found, struct own_names *names,
    int64_t now);
void report_dry_run_junk(struct report_dry_run *run, const char *name, const char *why);
/* CMD_FINE when all were reports, CMD_NO when something was not, or there was nothing. */
enum cmd_exit report_dry_run_end(const struct report_dry_run *run);

#endif
