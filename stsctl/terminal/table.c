/* SPDX-License-Identifier: ISC */
/* table.c - rows of cells. Knows nothing of what is in them. */
#include "config.h"

#include "stsctl/terminal/table.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { GAP = 2 };

struct row {
	char *cells[TABLE_COLUMNS_MAX];
	size_t count;
};

struct table {
	char columns[TABLE_COLUMNS_MAX + 1];
	size_t column_count;
	struct row *rows;
	size_t count, cap;
	bool no_memory;
};

struct table *
table_new(const char *columns)
{
	struct table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
	table->column_count = strnlen(columns, TABLE_COLUMNS_MAX);
	memcpy(table->columns, columns, table->column_count);
	return table;
}

void
table_free(struct table **table)
{
	if (*table == NULL)
		return;
	for (size_t i = 0; i < (*table)->count; i++)
		for (size_t k = 0; k < (*table)->rows[i].count; k++)
			free((*table)->rows[i].cells[k]);
	free((*table)->rows);
	free(*table);
	*table = NULL;
}

void
table_row(struct table *table)
{
	size_t cap;
	struct row *grown;

	if (table == NULL || table->no_memory)
		return;
	if (table->count == table->cap) {
		cap = table->cap > 0 ? 2 * table->cap : 16;
		if ((grown = realloc(table->rows, cap * sizeof(*grown))) == NULL) {
			table->no_memory = true;
			return;
		}
		table->rows = grown;
		table->cap = cap;
	}
	memset(&table->rows[table->count++], 0, sizeof(table->rows[0]));
}

void
table_text(struct table *table, const char *text)
{
	struct row *row;
	char *cell;

	if (table == NULL || table->no_memory || table->count == 0)
		return;
	row = &table->rows[table->count - 1];
	if (row->count == table->column_count)
		return;
	if ((cell = strndup(text, TABLE_CELL_CAP - 1)) == NULL) {
		table->no_memory = true;
		return;
	}
	for (char *c = cell; *c != '\0'; c++)
		if (*c < ' ' || *c >= 0x7f)
			*c = '?';
	row->cells[row->count++] = cell;
}

void
table_number(struct table *table, int64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, n);
	table_text(table, text);
}

/* ---- printing ---- */

static void
measure(const struct table *table, size_t width, size_t widths[TABLE_COLUMNS_MAX])
{
	size_t others = 0;

	memset(widths, 0, TABLE_COLUMNS_MAX * sizeof(widths[0]));
	for (size_t i = 0; i < table->count; i++)
		for (size_t k = 0; k < table->rows[i].count; k++)
			if (strlen(table->rows[i].cells[k]) > widths[k])
				widths[k] = strlen(table->rows[i].cells[k]);
	for (size_t k = 1; k < table->column_count; k++)
		others += GAP + widths[k];
	if (widths[0] + others <= width)
		return;
	width = width > others + TABLE_FIRST_MIN ? width - others : TABLE_FIRST_MIN;
	if (widths[0] > width)
		widths[0] = width;
}

static size_t
last_cell(const struct row *row)
{
	size_t last = row->count;

	while (last > 0 && row->cells[last - 1][0] == '\0')
		last--;
	return last;
}

/* What is cut ends with two dots. Nothing is printed behind the last cell. */
static void
print_cell(const char *text, size_t width, bool right, bool last, FILE *to)
{
	int wide = (int)width;

	if (strlen(text) > width)
		fprintf(to, "%.*s..", wide - 2, text);
	else if (right)
		fprintf(to, "%*s", wide, text);
	else if (last)
		fputs(text, to);
	else
		fprintf(to, "%-*s", wide, text);
}

bool
table_print(const struct table *table, size_t width, FILE *to)
{
	size_t widths[TABLE_COLUMNS_MAX];

	if (table == NULL || table->no_memory)
		return false;
	measure(table, width, widths);
	for (size_t i = 0; i < table->count; i++) {
		const struct row *row = &table->rows[i];
		size_t last = last_cell(row);

		for (size_t k = 0; k < last; k++) {
			if (k > 0)
				fprintf(to, "%*s", GAP, "");
			print_cell(row->cells[k], widths[k], table->columns[k] == 'r', k + 1 == last, to);
		}
		putc('\n', to);
	}
	return true;
}
