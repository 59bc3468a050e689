/* SPDX-License-Identifier: ISC */
/* human_numbers.c - formats numbers. Knows nothing of what they count. */
#include "config.h"

#include "stsctl/terminal/human_numbers.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { LEVELS = 8 };

static const int64_t year_10000 = INT64_C(253402300800);

const char *
human_percent(int64_t n, int64_t of, char out[HUMAN_PERCENT_CAP])
{
	double share;

	if (of <= 0 || n < 0 || n > of) {
		strcpy(out, "-");
		return out;
	}
	share = 100.0 * (double)n / (double)of;
	if (n > 0 && share < 0.1)
		strcpy(out, "<0.1%");
	else if (n < of && share > 99.9)
		strcpy(out, ">99.9%");
	else
		snprintf(out, HUMAN_PERCENT_CAP, "%.1f%%", share);
	return out;
}

const char *
human_time(int64_t seconds, char out[HUMAN_TIME_CAP])
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (seconds <= 0 || seconds >= year_10000 || gmtime_r(&t, &tm) == NULL ||
	    strftime(out, HUMAN_TIME_CAP, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		strcpy(out, "-");
	return out;
}

const char *
human_age(int64_t seconds, int64_t now, char out[HUMAN_AGE_CAP])
{
	/* a unit is used below two of the next one */
	static const struct { const char *name; int64_t seconds, below; } units[] = {
		{ "s", 1, 120 }, { "min", 60, 2 * 3600 }, { "h", 3600, 2 * 86400 }, { "d", 86400, INT64_MAX },
	};
	int64_t away = seconds > now ? seconds - now : now - seconds;
	size_t i = 0;

	if (seconds <= 0 || seconds >= year_10000) {
		strcpy(out, "-");
		return out;
	}
	while (away >= units[i].below)
		i++;
	snprintf(out, HUMAN_AGE_CAP, seconds > now ? "in %" PRId64 " %s" : "%" PRId64 " %s ago", away / units[i].seconds,
	    units[i].name);
	return out;
}

/* ---- graphs ---- */

size_t
human_graph_step(const struct human_graph *graph)
{
	return graph->count <= graph->width ? 1 : (graph->count + graph->width - 1) / graph->width;
}

/* Steps are counted from the end, so that the last column sums as many numbers as the others. */
static int64_t
column_sum(const struct human_graph *graph, size_t column, size_t columns)
{
	size_t step = human_graph_step(graph), behind = (columns - 1 - column) * step;
	size_t end = graph->count - behind, begin = end > step ? end - step : 0;
	int64_t sum = 0;

	for (size_t i = begin; i < end; i++)
		sum += graph->n[i];
	return sum;
}

static void
add_column(struct sts_text *text, int64_t n, int64_t highest, bool utf8)
{
	char bar[4] = "\xe2\x96\x80";	/* U+2580, the code point before the eight bars */
	int level;

	if (n <= 0) {
		sts_text_add(text, ".");
		return;
	}
	level = (int)((double)n / (double)highest * (double)LEVELS + 0.5);
	level = level < 1 ? 1 : level > LEVELS ? LEVELS : level;
	if (utf8) {
		bar[2] = (char)(bar[2] + level);
		sts_text_add(text, bar);
	} else {
		sts_text_addf(text, "%d", level);
	}
}

void
human_add_graph(struct sts_text *text, const struct human_graph *graph)
{
	size_t step = human_graph_step(graph), columns = (graph->count + step - 1) / step;
	int64_t highest = 0;

	for (size_t i = 0; i < columns; i++)
		if (column_sum(graph, i, columns) > highest)
			highest = column_sum(graph, i, columns);
	for (size_t i = 0; i < columns; i++)
		add_column(text, column_sum(graph, i, columns), highest, graph->utf8);
}
