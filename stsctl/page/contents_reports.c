/* SPDX-License-Identifier: ISC */
/* contents_reports.c - the sections about TLS reports received, and about outgoing mail. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "stsctl/page/contents_private.h"
#include "stsctl/page/number_format.h"
#include "stsctl/terminal/human_numbers.h"

static const struct document_series outcome_series[] = { { "success", TONE_GOOD }, { "failure", TONE_BAD } };
static const struct document_series failure_series[] = { { "sessions", TONE_BAD } };

static void
fill_reported(const struct page_data_day *sum, int64_t parts[DOCUMENT_SERIES])
{
	memcpy(parts, sum->reported, sizeof(sum->reported));
}

static void
fill_sent(const struct page_data_day *sum, int64_t parts[DOCUMENT_SERIES])
{
	memcpy(parts, sum->sent, sizeof(sum->sent));
}

static void
over_time(const struct page_data *f, struct document *doc, const struct page_data_peers *peers, contents_fill_fn *fill)
{
	struct document_block *block = document_add(doc, DOCUMENT_COLUMNS, "Sessions a %s", contents_step(f));
	char n[2][NUMBER_FORMAT_CAP];

	block->heads = contents_heads(f);
	block->series = outcome_series;
	block->series_count = PAGE_DATA_OUTCOMES;
	document_set(doc, &block->summary, "%s sessions succeeded, %s failed.", number_format(peers->n[PAGE_DATA_SUCCESS], n[0]),
	    number_format(peers->n[PAGE_DATA_FAILURE], n[1]));
	contents_columns(f, doc, block, fill);
}

static void
failures(struct document *doc, const struct page_data_peers *peers)
{
	static const char *const heads[] = { "Type of failure", "Sessions", NULL };
	struct document_block *block;
	char n[NUMBER_FORMAT_CAP];

	if (peers->failure_count == 0)
		return;
	block = document_add(doc, DOCUMENT_TABLE, "Failures by type (RFC 8460)");
	block->heads = heads;
	block->series = failure_series;
	block->series_count = 1;
	block->by_greatest = true;
	for (size_t i = 0; i < peers->failure_count; i++) {
		struct document_row *row = document_row(doc, block);

		document_cell(doc, row, "%s", peers->failures[i].result);
		document_cell(doc, row, "%s", number_format(peers->failures[i].n, n));
		row->parts[0] = peers->failures[i].n;
	}
}

/* heads: five columns, or four if the table has no reports. */
static void
peers_table(const struct page_data *f, struct document *doc, const struct page_data_peers *peers, const char *caption,
    const char *const *heads)
{
	size_t shown = peers->count < f->limit ? peers->count : f->limit;
	struct document_block *block = document_add(doc, DOCUMENT_TABLE, "%s", caption);
	char n[NUMBER_FORMAT_CAP], share[HUMAN_PERCENT_CAP];

	block->heads = heads;
	for (size_t i = 0; i < shown; i++) {
		const struct page_data_peer *peer = &peers->list[i];
		struct document_row *row = document_row(doc, block);
		int64_t all = page_data_sum(peer->n, PAGE_DATA_OUTCOMES);

		document_cell(doc, row, "%s", peer->domain);
		if (heads[4] != NULL)
			document_cell(doc, row, "%s", number_format(peer->reports, n));
		document_cell(doc, row, "%s", number_format(peer->n[PAGE_DATA_SUCCESS], n));
		document_cell(doc, row, "%s", number_format(peer->n[PAGE_DATA_FAILURE], n));
		document_cell(doc, row, "%s", human_percent(peer->n[PAGE_DATA_FAILURE], all, share));
	}
	if (shown < peers->count)
		document_add(doc, DOCUMENT_NOTE, "And %s more.", number_format((int64_t)(peers->count - shown), n));
}

static void
dane(struct document *doc, const struct page_data_peers *peers)
{
	char n[2][NUMBER_FORMAT_CAP];

	if (page_data_sum(peers->dane, PAGE_DATA_OUTCOMES) > 0)
		document_add(doc, DOCUMENT_TEXT, "Under DANE, which may be the same sessions, %s succeeded and %s failed.",
		    number_format(peers->dane[PAGE_DATA_SUCCESS], n[0]), number_format(peers->dane[PAGE_DATA_FAILURE], n[1]));
}

void
contents_reports(const struct page_data *f, struct document *doc)
{
	static const char *const heads[] = { "Your domain", "Reports", "Success", "Failure", "Failed", NULL };

	document_add(doc, DOCUMENT_HEADING, "TLS reports about your domains");
	if (f->reported.reports == 0) {
		document_add(doc, DOCUMENT_TEXT, f->own_domains ? "No verified report about these days has come in." :
		    "Not known: local_domains does not say which domains are yours.");
		return;
	}
	over_time(f, doc, &f->reported, fill_reported);
	peers_table(f, doc, &f->reported, "Sessions under MTA-STS, in verified reports", heads);
	failures(doc, &f->reported);
	dane(doc, &f->reported);
	document_add(doc, DOCUMENT_NOTE, "Reports about a day arrive one to three days later. stsctl report show DOMAIN explains each failure, and "
	    "says what to do.");
}

void
contents_sent(const struct page_data *f, struct document *doc)
{
	static const char *const heads[] = { "Destination", "Success", "Failure", "Failed", NULL };

	if (f->sent.count == 0)
		return;
	document_add(doc, DOCUMENT_HEADING, "Outgoing mail");
	over_time(f, doc, &f->sent, fill_sent);
	peers_table(f, doc, &f->sent, "TLS sessions as Postfix reported them", heads);
	failures(doc, &f->sent);
}
