/* SPDX-License-Identifier: ISC */
/* contents.c - the document's head, and TLS versions over time. */
#include "config.h"

#include "stsctl/page/contents.h"

#include <stdio.h>
#include <string.h>

#include "stsctl/page/contents_private.h"
#include "stsctl/page/number_format.h"
#include "stsctl/terminal/human_numbers.h"

/* ---- columns over time ---- */

static void
add_day(struct page_data_day *sum, const struct page_data_day *day)
{
	page_data_add(&sum->messages, day->messages);
	for (size_t i = 0; i < PAGE_DATA_TLS; i++)
		page_data_add(&sum->tls[i], day->tls[i]);
	for (size_t i = 0; i < PAGE_DATA_OUTCOMES; i++) {
		page_data_add(&sum->reported[i], day->reported[i]);
		page_data_add(&sum->sent[i], day->sent[i]);
	}
}

static size_t
step_of(const struct page_data *data)
{
	return data->day_count > CONTENTS_DAYS_MAX ? CONTENTS_WEEK : 1;
}

const char *
contents_step(const struct page_data *data)
{
	return step_of(data) == 1 ? "day" : "week";
}

const char *const *
contents_heads(const struct page_data *data)
{
	static const char *const day[] = { "Day", NULL }, *const week[] = { "Week from", NULL };

	return step_of(data) == 1 ? day : week;
}

void
contents_columns(const struct page_data *data, struct document *document, struct document_block *block, contents_fill_fn *fill)
{
	size_t step = step_of(data), rest = data->day_count % step, end;

	/* weeks are counted back from the last day; the first column holds the rest */
	for (size_t first = 0; first < data->day_count; first = end) {
		struct page_data_day sum = { .messages = 0 };
		struct document_row *row = document_row(document, block);

		end = first + (first == 0 && rest > 0 ? rest : step);
		for (size_t i = first; i < end; i++)
			add_day(&sum, &data->days[i]);
		document_cell(document, row, "%s", data->days[first].day);
		fill(&sum, row->parts);
	}
}

/* ---- TLS over time ---- */

static const struct document_series tls_series[] = {
	{ "TLS 1.3", TONE_TLS13 }, { "TLS 1.2", TONE_TLS12 }, { "older TLS", TONE_OLD }, { "plaintext", TONE_PLAIN },
	{ "not known", TONE_UNKNOWN },
};
static const struct document_series weak_series[] = { { "older TLS", TONE_OLD }, { "plaintext", TONE_PLAIN } };

static void
fill_versions(const struct page_data_day *sum, int64_t parts[DOCUMENT_SERIES])
{
	memcpy(parts, sum->tls, sizeof(sum->tls));
}

/* Shares of the messages whose TLS is known. */
static void
fill_weak(const struct page_data_day *sum, int64_t parts[DOCUMENT_SERIES])
{
	int64_t known = page_data_sum(sum->tls, PAGE_DATA_UNKNOWN);

	parts[0] = number_share(sum->tls[PAGE_DATA_OLD], known);
	parts[1] = number_share(sum->tls[PAGE_DATA_PLAIN], known);
}

static void
versions(const struct page_data *f, struct document *doc)
{
	char n[5][NUMBER_FORMAT_CAP], share[4][HUMAN_PERCENT_CAP];
	struct document_block *block;

	document_add(doc, DOCUMENT_HEADING, "TLS versions over time");
	if (f->messages == 0) {
		document_add(doc, DOCUMENT_TEXT, "No message was judged in these days.");
		return;
	}
	block = document_add(doc, DOCUMENT_COLUMNS, "Messages per %s, by how they came in", contents_step(f));
	block->heads = contents_heads(f);
	block->series = tls_series;
	block->series_count = PAGE_DATA_TLS;
	document_set(doc, &block->summary, "%s messages from %s to %s: TLS 1.3 %s, TLS 1.2 %s, older TLS %s, plaintext %s.",
	    number_format(f->messages, n[0]), f->days[0].day, f->days[f->day_count - 1].day,
	    human_percent(f->tls[PAGE_DATA_TLS13], f->messages, share[0]), human_percent(f->tls[PAGE_DATA_TLS12], f->messages, share[1]),
	    human_percent(f->tls[PAGE_DATA_OLD], f->messages, share[2]), human_percent(f->tls[PAGE_DATA_PLAIN], f->messages, share[3]));
	contents_columns(f, doc, block, fill_versions);
	block = document_add(doc, DOCUMENT_COLUMNS, "Share that came in plaintext or over TLS before 1.2, per %s", contents_step(f));
	block->heads = contents_heads(f);
	block->series = weak_series;
	block->series_count = 2;
	block->percent = true;
	document_set(doc, &block->summary, "Of %s messages whose TLS is known, %s came in plaintext and %s over TLS before 1.2.",
	    number_format(page_data_sum(f->tls, PAGE_DATA_UNKNOWN), n[1]), number_format(f->tls[PAGE_DATA_PLAIN], n[2]),
	    number_format(f->tls[PAGE_DATA_OLD], n[3]));
	contents_columns(f, doc, block, fill_weak);
	if (f->day_count % step_of(f) == 1)
		document_add(doc, DOCUMENT_NOTE, "The first column of such a chart is a single day: weeks are counted back from the last.");
	else if (f->day_count % step_of(f) > 0)
		document_add(doc, DOCUMENT_NOTE, "The first column of such a chart is %zu days: weeks are counted back from the last.",
		    f->day_count % step_of(f));
}

/* ---- the head ---- */

static void
tile(struct document *doc, struct document_block *tiles, const char *what, const char *number, const char *word)
{
	struct document_row *row = document_row(doc, tiles);

	document_cell(doc, row, "%s", what);
	document_cell(doc, row, "%s", number);
	document_cell(doc, row, "%s", word);
}

static void
tiles(const struct page_data *f, struct document *doc)
{
	int64_t good = f->tls[PAGE_DATA_TLS13], reported = f->reported.n[PAGE_DATA_SUCCESS];
	struct document_block *block = document_add(doc, DOCUMENT_TILES, "In short");
	char n[NUMBER_FORMAT_CAP], more[2 * NUMBER_FORMAT_CAP + 32], share[HUMAN_PERCENT_CAP];

	page_data_add(&good, f->tls[PAGE_DATA_TLS12]);
	page_data_add(&reported, f->reported.n[PAGE_DATA_FAILURE]);
	snprintf(more, sizeof(more), "of %s sender domain%s", number_format(f->domains, n), f->domains == 1 ? "" : "s");
	tile(doc, block, "Messages", number_format(f->messages, n), more);
	tile(doc, block, "TLS 1.2 or later", human_percent(good, f->messages, share), "of the messages");
	snprintf(more, sizeof(more), "%s messages", number_format(f->tls[PAGE_DATA_PLAIN], n));
	tile(doc, block, "Plaintext", human_percent(f->tls[PAGE_DATA_PLAIN], f->messages, share), more);
	if (reported == 0)
		tile(doc, block, "Failures reported", "-", "no verified TLS report");
	else {
		snprintf(more, sizeof(more), "of %s sessions to you", number_format(reported, n));
		tile(doc, block, "Failures reported", number_format(f->reported.n[PAGE_DATA_FAILURE], n), more);
	}
}

/* Says which days have data: Redis forgets old ones, and the milter may not have run. */
static void
coverage(const struct page_data *f, struct document *doc)
{
	size_t empty = 0;
	char n[NUMBER_FORMAT_CAP];

	for (size_t i = 0; i < f->day_count; i++)
		empty += f->days[i].messages == 0;
	if (empty == 0 || empty == f->day_count)
		return;
	document_add(doc, DOCUMENT_NOTE, "On %s of the %zu days no message was counted: there was none, no milter was running, or Redis "
	    "has forgotten them (domain_stats_days).", number_format((int64_t)empty, n), f->day_count);
}

void
contents_write(const struct page_data *f, struct document *doc)
{
	char now[HUMAN_TIME_CAP];

	document_set(doc, &doc->title, "Mail and TLS at %s", f->host);
	document_set(doc, &doc->made, "Made %s by stsctl report, mta-sts-milter %s.", human_time(f->now, now), PACKAGE_VERSION);
	if (f->day_count == 0)
		document_set(doc, &doc->period, "No day.");
	else if (f->day_count == 1)
		document_set(doc, &doc->period, "%s (UTC), not yet over", f->days[0].day);
	else
		document_set(doc, &doc->period, "%s to %s, %zu days (UTC), the last not yet over", f->days[0].day,
		    f->days[f->day_count - 1].day, f->day_count);
	tiles(f, doc);
	coverage(f, doc);
	versions(f, doc);
	contents_senders(f, doc);
	contents_postures(f, doc);
	contents_reports(f, doc);
	contents_sent(f, doc);
	contents_certificates(f, doc);
	contents_nodes(f, doc);
}
