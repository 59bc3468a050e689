/* SPDX-License-Identifier: ISC */
/* report_metrics.h - report show --metrics FILE: what was reported, for the textfile collector of Prometheus' node_exporter. */
#ifndef STSCTL_REPORT_REPORT_METRICS_H
#define STSCTL_REPORT_REPORT_METRICS_H

#include "stsctl/context/settings.h"
#include "stsctl/terminal/command.h"

/* Sums of all of local_domains since the start; label values are of fixed sets. Replaces the file. */
enum cmd_exit report_metrics(const struct cmd_context *context, const struct settings_redis *redis, const char *file);

#endif
