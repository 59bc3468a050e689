/* SPDX-License-Identifier: ISC */
/* csv.c - quotes and escapes fields. Knows nothing of their meaning. */
#include "config.h"

#include "stsctl/terminal/csv.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "shared-cache/base/text.h"
#include "stsctl/terminal/human_numbers.h"

enum { SHOWN_CAP = 4 * CSV_FIELD_MAX + 8 };

static void
separate(struct csv *csv)
{
	if (csv->fields++ > 0)
		putc(',', csv->to);
}

/* Readers keep blanks at either end of a quoted field. */
static void
put_quoted(struct csv *csv, const char *text)
{
	putc('"', csv->to);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			putc('"', csv->to);
		putc(*text, csv->to);
	}
	putc('"', csv->to);
}

/* A spreadsheet finds a formula behind leading blanks, too. */
static bool
is_formula(const char *bytes, size_t len)
{
	static const char signs[] = { '=', '+', '-', '@' };
	size_t i = 0;

	while (i < len && bytes[i] == ' ')
		i++;
	return i < len && memchr(signs, bytes[i], sizeof(signs)) != NULL;
}

void
csv_bytes(struct csv *csv, const char *bytes, size_t len)
{
	char shown[SHOWN_CAP];
	struct sts_text text;

	sts_text_init(&text, shown, sizeof(shown));
	if (is_formula(bytes, len))
		sts_text_add(&text, "'");
	sts_text_add_shown(&text, bytes, len, CSV_FIELD_MAX);
	separate(csv);
	if (strpbrk(shown, ",\"") != NULL || (text.len > 0 && (shown[0] == ' ' || shown[text.len - 1] == ' ')))
		put_quoted(csv, shown);
	else
		fputs(shown, csv->to);
}

void
csv_text(struct csv *csv, const char *text)
{
	csv_bytes(csv, text, strlen(text));
}

void
csv_number(struct csv *csv, int64_t n)
{
	separate(csv);
	fprintf(csv->to, "%" PRId64, n);
}

void
csv_time(struct csv *csv, int64_t seconds)
{
	char time[HUMAN_TIME_CAP];

	csv_text(csv, strcmp(human_time(seconds, time), "-") != 0 ? time : "");
}

void
csv_end(struct csv *csv)
{
	fputs("\r\n", csv->to);
	csv->fields = 0;
}

void
csv_head(struct csv *csv, const char *const *names)
{
	for (; *names != NULL; names++)
		csv_text(csv, *names);
	csv_end(csv);
}
