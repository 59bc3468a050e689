/* SPDX-License-Identifier: ISC */
/*
 * metrics_collect.h - collects the values that others own, when somebody reads the metrics.
 * Takes the short locks of cache and writer, which must exist. Any thread.
 */
#ifndef MILTER_MONITOR_METRICS_COLLECT_H
#define MILTER_MONITOR_METRICS_COLLECT_H

#include "milter/record/health.h"
#include "milter/record/metrics.h"
#include "milter/service/service.h"

void metrics_collect(struct service *service, struct metrics_snapshot *out, struct health_facts *health);

#endif
