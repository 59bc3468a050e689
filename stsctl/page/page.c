/* SPDX-License-Identifier: ISC */
/* page.c - prints blocks as HTML. */
#include "config.h"

#include "stsctl/page/page.h"

#include <string.h>

#include <openssl/evp.h>

#include "stsctl/page/markup.h"
#include "stsctl/page/number_format.h"
#include "stsctl/terminal/human_numbers.h"

enum { EACH_MAX = 8, DAY_LEN = 10, YEAR_LEN = 5 };	/* up to EACH_MAX columns have a label each: "11-29" */

void
page_hash(const char *text, char out[PAGE_HASH_CAP])
{
	enum { DIGEST = 32, BASE64 = 48 };
	unsigned char digest[DIGEST] = { 0 }, base64[BASE64];

	(void)EVP_Digest(text, strlen(text), digest, NULL, EVP_sha256(), NULL);
	(void)EVP_EncodeBlock(base64, digest, DIGEST);
	snprintf(out, PAGE_HASH_CAP, "'sha256-%s'", (const char *)base64);
}

/* ---- legends ---- */

static void
put_key(FILE *to, enum document_tone tone)
{
	fprintf(to, "<svg class=\"key\" viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect class=\"f-%s\" width=\"10\" height=\"10\"/></svg>",
	    markup_tone(tone));
}

/* Prints the legend, for numbers with sums and percentages; percentages have no sum. */
static void
put_legend(const struct document_block *block, FILE *to)
{
	char number[NUMBER_FORMAT_CAP], share[HUMAN_PERCENT_CAP];
	int64_t sums[DOCUMENT_SERIES] = { 0 }, all = 0;

	for (size_t i = 0; i < block->series_count; i++) {
		for (size_t k = 0; k < block->row_count; k++)
			sums[i] = block->rows[k].parts[i] > INT64_MAX - sums[i] ? INT64_MAX : sums[i] + block->rows[k].parts[i];
		all = sums[i] > INT64_MAX - all ? INT64_MAX : all + sums[i];
	}
	fputs("<ul class=\"legend\">", to);
	for (size_t i = 0; i < block->series_count; i++) {
		fputs("<li>", to);
		put_key(to, block->series[i].tone);
		markup_text(to, block->series[i].name);
		if (!block->percent && block->kind == DOCUMENT_COLUMNS)
			fprintf(to, " <b>%s</b> (%s)", number_format(sums[i], number), *human_percent(sums[i], all, share) == '<' ?
			    "&lt;0.1%" : *share == '>' ? "&gt;99.9%" : share);
		fputs("</li>", to);
	}
	fputs("</ul>\n", to);
}

/* ---- columns ---- */

static void
put_y_axis(const struct document_block *block, FILE *to)
{
	int64_t end = number_axis_end(document_greatest(block));
	char text[NUMBER_FORMAT_CAP];
	const char *(*say)(int64_t, char[NUMBER_FORMAT_CAP]) = block->percent ? number_format_hundredths : number_format_short;

	fprintf(to, "<div class=\"y\" aria-hidden=\"true\"><span>%s</span>", say(end, text));
	fprintf(to, "<span>%s</span><span>0</span></div>\n", say(end / 2, text));
}

/* Prints a label below each column or, if they are many, below the first and the last. */
static void
put_x_axis(const struct document_block *block, FILE *to)
{
	bool each = block->row_count <= EACH_MAX;

	fprintf(to, "<div class=\"x%s\" aria-hidden=\"true\">", each ? " each" : "");
	for (size_t i = 0; i < block->row_count; i++) {
		const char *label = block->rows[i].cells[0];

		if (label != NULL && each && block->row_count > 2 && strlen(label) == DAY_LEN)
			label += YEAR_LEN;
		if (each || i == 0 || i + 1 == block->row_count)
			markup_between(to, "<span>", label, "</span>");
	}
	fputs("</div>\n", to);
}

static void
put_details(const struct document_block *block, FILE *to)
{
	char text[NUMBER_FORMAT_CAP];

	fputs("<details><summary>The figures</summary>\n<table role=\"table\"><thead><tr role=\"row\">", to);
	markup_between(to, "<th scope=\"col\" role=\"columnheader\">", block->heads != NULL ? block->heads[0] : "", "</th>");
	for (size_t k = 0; k < block->series_count; k++)
		markup_between(to, "<th scope=\"col\" role=\"columnheader\">", block->series[k].name, "</th>");
	fputs("</tr></thead><tbody>\n", to);
	for (size_t i = 0; i < block->row_count; i++) {
		markup_between(to, "<tr role=\"row\"><th scope=\"row\" role=\"rowheader\">", block->rows[i].cells[0], "</th>");
		for (size_t k = 0; k < block->series_count; k++) {
			markup_between(to, "<td role=\"cell\" data-head=\"", block->series[k].name, "\">");
			markup_between(to, "", block->percent ? number_format_hundredths(block->rows[i].parts[k], text) :
			    number_format(block->rows[i].parts[k], text), "</td>");
		}
		fputs("</tr>\n", to);
	}
	fputs("</tbody></table></details>\n", to);
}

static void
put_columns(const struct document_block *block, unsigned number, FILE *to)
{
	markup_between(to, "<figure><figcaption>", block->text, "</figcaption>\n<div class=\"plot\">\n");
	put_y_axis(block, to);
	markup_columns(to, block, number);
	put_x_axis(block, to);
	fputs("</div>\n", to);
	put_legend(block, to);
	put_details(block, to);
	fputs("</figure>\n", to);
}

/* ---- tables ---- */

static void
put_row(const struct document_block *block, const struct document_row *row, size_t columns, FILE *to)
{
	markup_between(to, "<tr role=\"row\"><th scope=\"row\" role=\"rowheader\">", row->cells[0], "");
	if (row->remark != NULL)
		markup_between(to, "<span class=\"remark\">", row->remark, "</span>");
	if (block->series_count > 0)
		markup_bar(to, block, row);
	fputs("</th>", to);
	for (size_t i = 1; i < columns; i++) {
		markup_between(to, "<td role=\"cell\" data-head=\"", block->heads[i], "\">");
		markup_between(to, "", row->cells[i], "</td>");
	}
	fputs("</tr>\n", to);
}

static void
put_table(const struct document_block *block, FILE *to)
{
	size_t columns = document_columns(block);

	markup_between(to, "<table role=\"table\"><caption>", block->text, "</caption><thead><tr role=\"row\">");
	for (size_t i = 0; i < columns; i++)
		markup_between(to, "<th scope=\"col\" role=\"columnheader\">", block->heads[i], "</th>");
	fputs("</tr></thead><tbody>\n", to);
	for (size_t i = 0; i < block->row_count; i++)
		put_row(block, &block->rows[i], columns, to);
	fputs("</tbody></table>\n", to);
	if (block->series_count > 1)
		put_legend(block, to);
}

/* ---- the page ---- */

static void
put_tiles(const struct document_block *block, FILE *to)
{
	fputs("<ul class=\"tiles\">\n", to);
	for (size_t i = 0; i < block->row_count; i++) {
		markup_between(to, "<li><span>", block->rows[i].cells[0], "</span>");
		markup_between(to, "<b>", block->rows[i].cells[1], "</b>");
		markup_between(to, "<span>", block->rows[i].cells[2], "</span></li>\n");
	}
	fputs("</ul>\n", to);
}

/* in_section: whether a <section> is open. */
static void
put_block(const struct document_block *block, unsigned number, bool *in_section, FILE *to)
{
	switch (block->kind) {
	case DOCUMENT_HEADING:
		fputs(*in_section ? "</section>\n" : "", to);
		*in_section = true;
		markup_between(to, "<section><h2>", block->text, "</h2>\n");
		break;
	case DOCUMENT_TEXT:
		markup_between(to, "<p>", block->text, "</p>\n");
		break;
	case DOCUMENT_NOTE:
		markup_between(to, "<p class=\"note\">", block->text, "</p>\n");
		break;
	case DOCUMENT_TILES:
		put_tiles(block, to);
		break;
	case DOCUMENT_TABLE:
		put_table(block, to);
		break;
	case DOCUMENT_COLUMNS:
		put_columns(block, number, to);
		break;
	}
}

void
page_print(const struct document *document, FILE *to)
{
	char hash[PAGE_HASH_CAP];
	bool in_section = false;

	page_hash(page_style, hash);
	fprintf(to, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src %s; base-uri 'none'; "
	    "form-action 'none'\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
	    "<meta name=\"robots\" content=\"noindex\">\n", hash);
	markup_between(to, "<title>", document->title, "</title>\n");
	fprintf(to, "<style>%s</style>\n</head>\n<body>\n<main>\n", page_style);
	markup_between(to, "<h1>", document->title, "</h1>\n");
	markup_between(to, "<p class=\"soft\">", document->period, "<br>");
	markup_between(to, "", document->made, "</p>\n");
	for (size_t i = 0; i < document->count; i++)
		put_block(&document->blocks[i], (unsigned)i, &in_section, to);
	fputs(in_section ? "</section>\n" : "", to);
	fputs("</main>\n</body>\n</html>\n", to);
}
