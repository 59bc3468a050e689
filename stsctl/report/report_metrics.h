/* SPDX-License-Identifier: ISC */
/* report_metrics.h - report show --metrics FILE: the counters of reports, for the textfile collector of Prometheus' node_exporter. */
#ifndef STSCTL_REPORT_REPORT_METRICS_H
#define STSCTL_REPORT_REPORT_METRICS_H

#include "stsctl/context/settings.h"
#include "stsctl/terminal/command.h"

/* Replaces file with sums over all of local_domains since counting began. Label values come from fixed sets. */
enum cmd_exit report_metrics(const struct cmd_context *context, const struct settings_redis *redis, const char *file);

#endif
