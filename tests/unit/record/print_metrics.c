/* SPDX-License-Identifier: ISC */
/* print_metrics.c - prints what /metrics serves before anything has happened, for tests/check-metrics-doc. */
#include "config.h"

#include <stdio.h>

#include "milter/record/metrics_text.h"

int
main(void)
{
	static const struct metrics_snapshot nothing;
	static char storage[METRICS_TEXT_CAP];
	struct sts_text text;

	sts_text_init(&text, storage, sizeof(storage));
	metrics_text(&nothing, &text);
	return fputs(storage, stdout) == EOF || text.overflow ? 1 : 0;
}
