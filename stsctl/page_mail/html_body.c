/* SPDX-License-Identifier: ISC */
/* html_body.c - prints blocks as HTML for mail programs: bars are coloured table cells. */
#include "config.h"

#include "stsctl/page_mail/page_mail.h"

#include <string.h>

#include "stsctl/page/markup.h"
#include "stsctl/page/number_format.h"

#define SOFT "color:#545d68"
#define CELL "padding:6px 8px;border-top:1px solid #d5dae0;vertical-align:top;"

static const char *const colours[DOCUMENT_TONES] = {
	[TONE_TLS13] = "#1f5a96", [TONE_TLS12] = "#4a90cf", [TONE_OLD] = "#bd8200", [TONE_PLAIN] = "#a3260d",
	[TONE_UNKNOWN] = "#868c95", [TONE_GOOD] = "#1f5a96", [TONE_BAD] = "#a3260d",
};

/* Prints a bar as a row of cells; the rest is empty. Widths are whole percents: the numbers beside the bar are exact. */
static void
put_bar(const struct document_block *block, const struct document_row *row, int64_t whole, FILE *to)
{
	int ends[DOCUMENT_SERIES], at = 0;

	markup_stack(row->parts, block->series_count, whole, ends);
	fputs("<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" style=\"border-collapse:collapse\"><tr>", to);
	for (size_t i = 0; i < block->series_count; i++) {
		int end = (ends[i] + 50) / 100;

		if (row->parts[i] > 0 && end == at && at < 100)
			end = at + 1;
		if (end > at)
			fprintf(to, "<td width=\"%d%%\" bgcolor=\"%s\" style=\"height:10px;line-height:10px;font-size:1px\">&nbsp;</td>",
			    end - at, colours[block->series[i].tone]);
		at = end > at ? end : at;
	}
	if (at < 100)
		fprintf(to, "<td width=\"%d%%\" style=\"height:10px;line-height:10px;font-size:1px\">&nbsp;</td>", 100 - at);
	fputs("</tr></table>", to);
}

static void
put_legend(const struct document_block *block, FILE *to)
{
	fputs("<p style=\"font-size:13px;margin:4px 0 12px;" SOFT "\">", to);
	for (size_t i = 0; i < block->series_count; i++) {
		fprintf(to, "<span style=\"color:%s\">&#9632;</span> ", colours[block->series[i].tone]);
		markup_between(to, "", block->series[i].name, " &nbsp; ");
	}
	fputs("</p>\n", to);
}

static void
put_head_cell(FILE *to, bool first, const char *text)
{
	fprintf(to, "<th scope=\"col\" style=\"padding:6px 8px;font-weight:normal;font-size:13px;text-align:%s;" SOFT "\">",
	    first ? "left" : "right");
	markup_between(to, "", text, "</th>");
}

static void
put_cell(FILE *to, const char *text)
{
	markup_between(to, "<td style=\"" CELL "text-align:right\">", text, "</td>");
}

static void
put_first_cell(FILE *to, const struct document_row *row)
{
	markup_between(to, "<th scope=\"row\" style=\"" CELL "text-align:left;word-break:break-word\">", row->cells[0], "");
	if (row->remark != NULL)
		markup_between(to, "<br><span style=\"font-weight:normal;font-size:13px;" SOFT "\">", row->remark, "</span>");
}

static void
open_table(const char *caption, FILE *to)
{
	markup_between(to, "<p style=\"margin:16px 0 4px\">", caption, "</p>\n");
	fputs("<table width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" style=\"border-collapse:collapse;font-size:14px\"><tr>", to);
}

static void
put_table(const struct document_block *block, FILE *to)
{
	size_t columns = document_columns(block);

	open_table(block->text, to);
	for (size_t i = 0; i < columns; i++)
		put_head_cell(to, i == 0, block->heads[i]);
	fputs("</tr>\n", to);
	for (size_t i = 0; i < block->row_count; i++) {
		const struct document_row *row = &block->rows[i];

		fputs("<tr>", to);
		put_first_cell(to, row);
		if (block->series_count > 0)
			put_bar(block, row, document_bar_whole(block, row), to);
		fputs("</th>", to);
		for (size_t k = 1; k < columns; k++)
			put_cell(to, row->cells[k]);
		fputs("</tr>\n", to);
	}
	fputs("</table>\n", to);
	if (block->series_count > 1)
		put_legend(block, to);
}

/* Prints a chart's columns as rows, each with its bar and its numbers. */
static void
put_columns(const struct document_block *block, FILE *to)
{
	int64_t axis_end = document_greatest(block);
	char number[NUMBER_FORMAT_CAP];

	open_table(block->text, to);
	put_head_cell(to, true, block->heads != NULL ? block->heads[0] : "");
	for (size_t i = 0; i < block->series_count; i++)
		put_head_cell(to, false, block->series[i].name);
	fputs("</tr>\n", to);
	for (size_t i = 0; i < block->row_count; i++) {
		const struct document_row *row = &block->rows[i];

		fputs("<tr>", to);
		put_first_cell(to, row);
		put_bar(block, row, axis_end, to);
		fputs("</th>", to);
		for (size_t k = 0; k < block->series_count; k++)
			put_cell(to, block->percent ? number_format_hundredths(row->parts[k], number) : number_format(row->parts[k], number));
		fputs("</tr>\n", to);
	}
	fputs("</table>\n", to);
	put_legend(block, to);
	markup_between(to, "<p style=\"font-size:13px;" SOFT "\">", block->summary, "</p>\n");
}

static void
put_tiles(const struct document_block *block, FILE *to)
{
	fputs("<table cellpadding=\"0\" cellspacing=\"0\" style=\"border-collapse:collapse\">\n", to);
	for (size_t i = 0; i < block->row_count; i++) {
		markup_between(to, "<tr><td style=\"padding:4px 16px 4px 0\">", block->rows[i].cells[0], "</td>");
		markup_between(to, "<td style=\"padding:4px 16px 4px 0;text-align:right\"><b>", block->rows[i].cells[1], "</b></td>");
		markup_between(to, "<td style=\"padding:4px 0;" SOFT "\">", block->rows[i].cells[2], "</td></tr>\n");
	}
	fputs("</table>\n", to);
}

static void
put_block(const struct document_block *block, FILE *to)
{
	switch (block->kind) {
	case DOCUMENT_HEADING:
		markup_between(to, "<h2 style=\"font-size:19px;margin:32px 0 8px\">", block->text, "</h2>\n");
		break;
	case DOCUMENT_TEXT:
		markup_between(to, "<p>", block->text, "</p>\n");
		break;
	case DOCUMENT_NOTE:
		markup_between(to, "<p style=\"font-size:13px;" SOFT "\">", block->text, "</p>\n");
		break;
	case DOCUMENT_TILES:
		put_tiles(block, to);
		break;
	case DOCUMENT_TABLE:
		put_table(block, to);
		break;
	case DOCUMENT_COLUMNS:
		put_columns(block, to);
		break;
	}
}

void
page_mail_html(const struct document *document, FILE *to)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
	    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">", to);
	markup_between(to, "<title>", document->title, "</title></head>\n");
	fputs("<body style=\"margin:0;padding:16px;background:#ffffff;color:#1c2128;font-family:sans-serif;font-size:15px;line-height:1.5\">\n"
	    "<div style=\"max-width:700px;margin:0 auto\">\n", to);
	markup_between(to, "<h1 style=\"font-size:24px;line-height:1.25;margin:0 0 4px\">", document->title, "</h1>\n");
	markup_between(to, "<p style=\"margin:0 0 16px;" SOFT "\">", document->period, "<br>");
	markup_between(to, "", document->made, "</p>\n");
	for (size_t i = 0; i < document->count; i++)
		put_block(&document->blocks[i], to);
	fputs("</div>\n</body></html>\n", to);
}
