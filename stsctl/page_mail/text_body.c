/* SPDX-License-Identifier: ISC */
/* text_body.c - prints blocks as plain text. */
#include "config.h"

#include "stsctl/page_mail/page_mail.h"

#include <string.h>

#include "stsctl/page/number_format.h"
#include "stsctl/terminal/table.h"

/* Prints ASCII; control bytes and other bytes become `?'. */
static void
put_word(const char *text, size_t len, FILE *to)
{
	for (size_t i = 0; i < len; i++)
		putc(text[i] < ' ' || text[i] >= 0x7f ? '?' : text[i], to);
}

/* Fills lines with words; a word longer than a line gets a line of its own. */
static void
put_paragraph(const char *text, FILE *to)
{
	size_t column = 0;

	while (text != NULL && *text != '\0') {
		size_t len = strcspn(text, " ");

		if (column > 0 && column + 1 + len > PAGE_MAIL_WIDTH) {
			putc('\n', to);
			column = 0;
		} else if (column > 0) {
			putc(' ', to);
			column++;
		}
		put_word(text, len, to);
		column += len;
		text += len + strspn(text + len, " ");
	}
	putc('\n', to);
}

static void
put_heading(const char *text, char line, FILE *to)
{
	size_t len = text != NULL ? strlen(text) : 0;

	if (len > PAGE_MAIL_WIDTH)
		len = PAGE_MAIL_WIDTH;
	put_word(text != NULL ? text : "", len, to);
	putc('\n', to);
	for (size_t i = 0; i < len; i++)
		putc(line, to);
	fputs("\n\n", to);
}

static bool
finish(struct table *table, FILE *to)
{
	bool good = table_print(table, PAGE_MAIL_WIDTH, to);

	table_free(&table);
	return good;
}

static bool
put_table(const struct document_block *block, FILE *to)
{
	struct table *table = table_new(block->kind == DOCUMENT_TILES ? "lrl" : "lrrrrr");
	size_t columns = block->kind == DOCUMENT_TILES ? 3 : document_columns(block);

	if (block->heads != NULL) {
		table_row(table);
		for (size_t i = 0; i < columns; i++)
			table_text(table, block->heads[i]);
	}
	for (size_t i = 0; i < block->row_count; i++) {
		table_row(table);
		for (size_t k = 0; k < columns; k++)
			table_text(table, block->rows[i].cells[k] != NULL ? block->rows[i].cells[k] : "");
	}
	return finish(table, to);
}

static bool
put_columns(const struct document_block *block, FILE *to)
{
	struct table *table = table_new("lrrrrr");
	char number[NUMBER_FORMAT_CAP];

	put_paragraph(block->summary, to);
	putc('\n', to);
	table_row(table);
	table_text(table, block->heads != NULL ? block->heads[0] : "");
	for (size_t k = 0; k < block->series_count; k++)
		table_text(table, block->series[k].name);
	for (size_t i = 0; i < block->row_count; i++) {
		const struct document_row *row = &block->rows[i];

		table_row(table);
		table_text(table, row->cells[0] != NULL ? row->cells[0] : "");
		for (size_t k = 0; k < block->series_count; k++)
			table_text(table, block->percent ? number_format_hundredths(row->parts[k], number) : number_format(row->parts[k], number));
	}
	return finish(table, to);
}

static bool
put_block(const struct document_block *block, FILE *to)
{
	bool good = true;

	switch (block->kind) {
	case DOCUMENT_HEADING:
		putc('\n', to);
		put_heading(block->text, '-', to);
		return true;
	case DOCUMENT_TEXT:
	case DOCUMENT_NOTE:
		put_paragraph(block->text, to);
		break;
	case DOCUMENT_TILES:
		good = put_table(block, to);
		break;
	case DOCUMENT_TABLE:
		put_paragraph(block->text, to);
		putc('\n', to);
		good = put_table(block, to);
		break;
	case DOCUMENT_COLUMNS:
		put_paragraph(block->text, to);
		good = put_columns(block, to);
		break;
	}
	putc('\n', to);
	return good;
}

bool
page_mail_text(const struct document *document, FILE *to)
{
	bool good = true;

	put_heading(document->title, '=', to);
	put_paragraph(document->period, to);
	put_paragraph(document->made, to);
	putc('\n', to);
	for (size_t i = 0; i < document->count; i++)
		good = put_block(&document->blocks[i], to) && good;
	return good;
}
