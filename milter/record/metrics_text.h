/* SPDX-License-Identifier: ISC */
/*
 * metrics_text.h - formats a snapshot for Prometheus (text format 0.0.4).
 * Pure. Any thread.
 */
#ifndef MILTER_RECORD_METRICS_TEXT_H
#define MILTER_RECORD_METRICS_TEXT_H

#include <stdbool.h>

#include "milter/record/metrics.h"
#include "milter/record/metrics_table.h"
#include "shared-cache/base/text.h"

/* Enough for all metrics, whatever their values. */
enum { METRICS_TEXT_CAP = 64 * 1024 };

/* Both append. Every metric gets HELP and TYPE, and a line for each label value, also for those that are 0: rate() cannot see a
 * counter appear. */
void metrics_text(const struct metrics_snapshot *snapshot, struct sts_text *out);
/* A single metric, with its METRICS_PLACES values. */
void metrics_text_row(const struct metrics_row *row, const uint64_t *values, struct sts_text *out);

#endif
