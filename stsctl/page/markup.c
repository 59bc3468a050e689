/* SPDX-License-Identifier: ISC */
/* markup.c - escapes text, and draws charts. Charts hold no text: they are stretched to any width, and text would be, too. */
#include "config.h"

#include "stsctl/page/markup.h"

#include <stdint.h>

#include "stsctl/page/number_format.h"

/* ---- text ---- */

/* The length of the valid UTF-8 sequence at s, or 0. Surrogates and overlong forms are invalid. */
static size_t
sequence(const unsigned char *s)
{
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		return (s[1] & 0xc0) == 0x80 && s[1] >= (s[0] == 0xc2 ? 0xa0 : 0x80) ? 2 : 0;
	if (s[0] >= 0xe0 && s[0] <= 0xef) {
		if (s[1] < (s[0] == 0xe0 ? 0xa0 : 0x80) || s[1] > (s[0] == 0xed ? 0x9f : 0xbf))
			return 0;
		return (s[2] & 0xc0) == 0x80 ? 3 : 0;
	}
	if (s[0] >= 0xf0 && s[0] <= 0xf4) {
		if (s[1] < (s[0] == 0xf0 ? 0x90 : 0x80) || s[1] > (s[0] == 0xf4 ? 0x8f : 0xbf))
			return 0;
		return (s[2] & 0xc0) == 0x80 && (s[3] & 0xc0) == 0x80 ? 4 : 0;
	}
	return 0;
}

static void
put_byte(FILE *to, unsigned char c)
{
	switch (c) {
	case '&':
		fputs("&amp;", to);
		break;
	case '<':
		fputs("&lt;", to);
		break;
	case '>':
		fputs("&gt;", to);
		break;
	case '"':
		fputs("&quot;", to);
		break;
	case '\'':
		fputs("&#39;", to);
		break;
	default:
		putc(c < ' ' || c == 0x7f ? ' ' : c, to);
	}
}

void
markup_text(FILE *to, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	while (s != NULL && *s != '\0') {
		size_t len = *s < 0x80 ? 1 : sequence(s);

		if (*s < 0x80)
			put_byte(to, *s);
		else if (len > 0)
			fwrite(s, 1, len, to);
		else
			fputs("\xef\xbf\xbd", to);
		s += len > 0 ? len : 1;
	}
}

void
markup_between(FILE *to, const char *before, const char *text, const char *after)
{
	fputs(before, to);
	markup_text(to, text);
	fputs(after, to);
}

const char *
markup_tone(enum document_tone tone)
{
	static const char *const names[DOCUMENT_TONES] = {
		[TONE_TLS13] = "tls13", [TONE_TLS12] = "tls12", [TONE_OLD] = "old", [TONE_PLAIN] = "plain",
		[TONE_UNKNOWN] = "unknown", [TONE_GOOD] = "good", [TONE_BAD] = "bad",
	};

	return names[tone];
}

void
markup_parts(FILE *to, const struct document_block *block, const struct document_row *row)
{
	char text[NUMBER_FORMAT_CAP];
	bool any = false;

	for (size_t i = 0; i < block->series_count; i++) {
		if (row->parts[i] == 0)
			continue;
		fprintf(to, "%s%s %s", any ? ", " : "", block->series[i].name,
		    block->percent ? number_format_hundredths(row->parts[i], text) : number_format(row->parts[i], text));
		any = true;
	}
	if (!any)
		fputs("nothing", to);
}

/* ---- charts ---- */

void
markup_stack(const int64_t *parts, size_t count, int64_t axis_end, int ends[DOCUMENT_SERIES])
{
	int64_t sum = 0;

	for (size_t i = 0; i < count; i++) {
		sum = parts[i] > INT64_MAX - sum ? INT64_MAX : sum + parts[i];
		if (axis_end <= 0)
			ends[i] = 0;
		else if (sum >= axis_end)
			ends[i] = DOCUMENT_WHOLE;
		else
			ends[i] = (int)((double)sum / (double)axis_end * (double)DOCUMENT_WHOLE + 0.5);
	}
}

enum { STEP = 10, BAR = 8, NARROW = 4, ALONE = 2 };	/* units of the viewBox; few columns are narrow, or they would look like blocks */

static void
put_column(FILE *to, const struct document_block *block, const struct document_row *row, size_t at, int64_t axis_end)
{
	int width = block->row_count < 3 ? ALONE : block->row_count < 5 ? NARROW : BAR, below = 0, ends[DOCUMENT_SERIES];

	markup_stack(row->parts, block->series_count, axis_end, ends);
	fputs("<g><title>", to);
	markup_text(to, row->cells[0]);
	fputs(": ", to);
	markup_parts(to, block, row);
	fputs("</title>", to);
	for (size_t i = 0; i < block->series_count; i++) {
		if (ends[i] > below)
			fprintf(to, "<rect class=\"f-%s\" x=\"%zu\" y=\"%d\" width=\"%d\" height=\"%d\"/>",
			    markup_tone(block->series[i].tone), at * STEP + (size_t)(STEP - width) / 2,
			    DOCUMENT_WHOLE - ends[i], width, ends[i] - below);
		below = ends[i];
	}
	fputs("</g>\n", to);
}

void
markup_columns(FILE *to, const struct document_block *block, unsigned number)
{
	int64_t axis_end = number_axis_end(document_greatest(block));
	size_t width = STEP * block->row_count;

	fprintf(to, "<svg class=\"columns\" viewBox=\"0 0 %zu %d\" preserveAspectRatio=\"none\" role=\"img\" "
	    "aria-labelledby=\"c%ut c%ud\">\n<title id=\"c%ut\">", width, DOCUMENT_WHOLE, number, number, number);
	markup_text(to, block->text);
	fprintf(to, "</title>\n<desc id=\"c%ud\">", number);
	markup_text(to, block->summary);
	fprintf(to, "</desc>\n<path class=\"grid\" d=\"M0 0H%zuM0 %dH%zu\"/>\n", width, DOCUMENT_WHOLE / 2, width);
	for (size_t i = 0; i < block->row_count; i++)
		put_column(to, block, &block->rows[i], i, axis_end);
	fprintf(to, "<path class=\"base\" d=\"M0 %dH%zu\"/>\n</svg>\n", DOCUMENT_WHOLE, width);
}

void
markup_bar(FILE *to, const struct document_block *block, const struct document_row *row)
{
	int64_t whole = document_bar_whole(block, row);
	int before = 0, ends[DOCUMENT_SERIES];

	markup_stack(row->parts, block->series_count, whole, ends);
	fprintf(to, "<svg class=\"bar\" viewBox=\"0 0 %d 10\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"", DOCUMENT_WHOLE);
	markup_parts(to, block, row);
	fputs("\">", to);
	for (size_t i = 0; i < block->series_count; i++) {
		if (ends[i] > before)
			fprintf(to, "<rect class=\"f-%s\" x=\"%d\" y=\"0\" width=\"%d\" height=\"10\"/>",
			    markup_tone(block->series[i].tone), before, ends[i] - before);
		before = ends[i];
	}
	fputs("</svg>", to);
}
