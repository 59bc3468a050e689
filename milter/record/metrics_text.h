/* SPDX-License-Identifier: ISC */
/*
 * metrics_text.h - a snapshot -> what Prometheus reads (text format 0.0.4).
 * Pure. Any thread.
 */
#ifndef MILTER_RECORD_METRICS_TEXT_H
#define MILTER_RECORD_METRICS_TEXT_H

#include <stdbool.h>

#include "milter/record/metrics.h"
#include "milter/record/metrics_table.h"
#include "shared-cache/base/text.h"

/* Enough for all figures, whatever their values. */
enum { METRICS_TEXT_CAP = 64 * 1024 };

/* Both append. Every figure has its HELP and TYPE, and each value of its labels a line, those that are 0 too: what has not
 * happened yet must be there for rate() to see it happen. */
void metrics_text(const struct metrics_snapshot *snapshot, struct sts_text *out);
/* One figure, with its METRICS_PLACES values. */
void metrics_text_row(const struct metrics_row *row, const uint64_t *values, struct sts_text *out);

#endif
