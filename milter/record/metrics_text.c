/* SPDX-License-Identifier: ISC */
/* metrics_text.c - the lines of the exposition format. Nothing needs escaping: all words come from the table. */
#include "config.h"

#include "milter/record/metrics_text.h"

#include <inttypes.h>

#include "milter/record/metrics_table.h"

enum { LABELS_CAP = 160 };

static const char *const kind_names[] = {
	[METRICS_COUNTER] = "counter", [METRICS_GAUGE] = "gauge", [METRICS_HISTOGRAM] = "histogram",
};

static void
add_seconds(struct sts_text *out, uint64_t ms)
{
	sts_text_addf(out, "%" PRIu64 ".%03u", ms / 1000, (unsigned)(ms % 1000));
}

static void
add_label(struct sts_text *out, const struct metrics_label *label, unsigned value)
{
	if (label == NULL)
		return;
	sts_text_addf(out, "%s%s=\"%s\"", out->len > 0 ? "," : "", label->name,
	    value < label->count ? label->value(value) : "other");
}

/* `other' of a closed set is served only if it is not 0. */
static bool
is_served(const struct metrics_row *row, unsigned first, unsigned second, uint64_t value)
{
	const unsigned values[METRICS_LABELS] = { first, second };

	for (unsigned i = 0; i < METRICS_LABELS; i++) {
		const struct metrics_label *label = row->labels[i];

		if (label != NULL && values[i] >= label->count && !label->open && value == 0)
			return false;
	}
	return true;
}

static void
add_value(struct sts_text *out, const struct metrics_row *row, const char *labels, uint64_t value)
{
	sts_text_addf(out, METRICS_PREFIX "%s%s%s%s ", row->name, labels[0] != '\0' ? "{" : "", labels,
	    labels[0] != '\0' ? "}" : "");
	if (row->in_ms)
		add_seconds(out, value);
	else
		sts_text_addf(out, "%" PRIu64, value);
	sts_text_add(out, "\n");
}

static void
add_bucket(struct sts_text *out, const struct metrics_row *row, const char *labels, size_t step, uint64_t count)
{
	sts_text_addf(out, METRICS_PREFIX "%s_bucket{%s%sle=\"", row->name, labels, labels[0] != '\0' ? "," : "");
	if (step < STS_HISTOGRAM_BUCKETS)
		sts_text_addf(out, "%g", (double)sts_histogram_bound_ms(step) / 1000);
	else
		sts_text_add(out, "+Inf");
	sts_text_addf(out, "\"} %" PRIu64 "\n", count);
}

static void
add_histogram(struct sts_text *out, const struct metrics_row *row, const char *labels, const uint64_t *values)
{
	const char *open = labels[0] != '\0' ? "{" : "", *close = labels[0] != '\0' ? "}" : "";
	uint64_t count = 0;

	for (size_t step = 0; step <= STS_HISTOGRAM_BUCKETS; step++) {
		count += values[step];
		add_bucket(out, row, labels, step, count);
	}
	sts_text_addf(out, METRICS_PREFIX "%s_sum%s%s%s ", row->name, open, labels, close);
	add_seconds(out, values[STS_HISTOGRAM_BUCKETS + 1]);
	sts_text_addf(out, "\n" METRICS_PREFIX "%s_count%s%s%s %" PRIu64 "\n", row->name, open, labels, close, count);
}

static void
add_values(struct sts_text *out, const struct metrics_row *row, const uint64_t *values)
{
	for (unsigned i = 0; i < metrics_label_places(row, 0); i++) {
		for (unsigned j = 0; j < metrics_label_places(row, 1); j++) {
			const uint64_t *at = &values[metrics_place(row, i, j)];
			char storage[LABELS_CAP];
			struct sts_text labels;

			if (!is_served(row, i, j, *at))
				continue;
			sts_text_init(&labels, storage, sizeof(storage));
			add_label(&labels, row->labels[0], i);
			add_label(&labels, row->labels[1], j);
			if (row->kind == METRICS_HISTOGRAM)
				add_histogram(out, row, storage, at);
			else
				add_value(out, row, storage, *at);
		}
	}
}

void
metrics_text_row(const struct metrics_row *row, const uint64_t *values, struct sts_text *out)
{
	sts_text_addf(out, "# HELP " METRICS_PREFIX "%s %s\n", row->name, row->help);
	sts_text_addf(out, "# TYPE " METRICS_PREFIX "%s %s\n", row->name, kind_names[row->kind]);
	add_values(out, row, values);
}

void
metrics_text(const struct metrics_snapshot *snapshot, struct sts_text *out)
{
	for (size_t id = 0; id < METRICS_COUNT; id++)
		metrics_text_row(&metrics_table[id], snapshot->values[id], out);
}
