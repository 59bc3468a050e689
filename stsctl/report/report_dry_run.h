/* SPDX-License-Identifier: ISC */
/*
 * report_dry_run.h - report import --dry-run: prints what a report holds, as text, or with --json as one object a line:
 *
 *   {"valid":true,"org":"...","report_id":"...","domains":["..."],"success":N,"failure":N,"by_result_type":{"...":N},...}
 *   {"valid":false,"error":"..."}
 *
 * A report about an implausible time is not valid, but has both the error and its contents.
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
/* Prints a report. own_names_begin has been called for it. */
enum sts_status report_dry_run_report(struct report_dry_run *run, const struct report_found *found, struct own_names *names,
    int64_t now);
void report_dry_run_junk(struct report_dry_run *run, const char *name, const char *why);
/* CMD_FINE: all pieces were reports. CMD_NO: one was not, or there was none. */
enum cmd_exit report_dry_run_end(const struct report_dry_run *run);

#endif
