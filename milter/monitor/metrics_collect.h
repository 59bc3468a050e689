/* SPDX-License-Identifier: ISC */
/*
 * metrics_collect.h - asks everybody who owns figures, when somebody reads them.
 * Takes the short locks of cache and writer, which must be there. Any thread.
 */
#ifndef MILTER_MONITOR_METRICS_COLLECT_H
#define MILTER_MONITOR_METRICS_COLLECT_H

#include "milter/record/health.h"
#include "milter/record/metrics.h"
#include "milter/service/service.h"

void metrics_collect(struct service *service, struct metrics_snapshot *out, struct health_facts *health);

#endif
