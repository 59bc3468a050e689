/* SPDX-License-Identifier: ISC */
/* table.c - lays out rows of cells. Knows nothing of what they hold. */
#include "config.h"

#include "stsctl/terminal/table.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { GAP = 2, FOLD_INDENT = 4 };

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

/* The layout of the columns. A row may need several lines: starts_line is true for a column that begins another one. */
struct layout {
	size_t widths[TABLE_COLUMNS_MAX];
	bool starts_line[TABLE_COLUMNS_MAX + 1];
};

static void
measure_cells(const struct table *table, size_t widths[TABLE_COLUMNS_MAX])
{
	for (size_t i = 0; i < table->count; i++)
		for (size_t k = 0; k < table->rows[i].count; k++)
			if (strlen(table->rows[i].cells[k]) > widths[k])
				widths[k] = strlen(table->rows[i].cells[k]);
}

/* The first column gets its minimum. Columns that do not fit behind it move to further lines; what is then left of the first line goes
 * back to the first column. */
static void
fold(size_t column_count, size_t width, struct layout *out)
{
	size_t full = out->widths[0], column, first_line = 0;

	out->widths[0] = full < TABLE_FIRST_MIN ? full : TABLE_FIRST_MIN;
	column = out->widths[0];
	for (size_t k = 1; k < column_count; k++) {
		column += GAP + out->widths[k];
		if (column <= width)
			continue;
		out->starts_line[k] = true;
		if (first_line == 0)
			first_line = column - GAP - out->widths[k];
		column = FOLD_INDENT + out->widths[k];
	}
	if (first_line == 0)
		first_line = column;
	if (first_line < width)
		out->widths[0] += width - first_line;
	if (out->widths[0] > full)
		out->widths[0] = full;
}

static void
lay_out(const struct table *table, size_t width, struct layout *out)
{
	size_t sum = 0;

	memset(out, 0, sizeof(*out));
	measure_cells(table, out->widths);
	for (size_t k = 0; k < table->column_count; k++)
		sum += (k > 0 ? GAP : 0) + out->widths[k];
	if (sum > width)
		fold(table->column_count, width, out);
}

static size_t
last_cell(const struct row *row)
{
	size_t last = row->count;

	while (last > 0 && row->cells[last - 1][0] == '\0')
		last--;
	return last;
}

/* A truncated cell ends with two dots. The last cell is not padded. */
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

static void
print_row(const struct table *table, const struct row *row, const struct layout *layout, FILE *to)
{
	size_t last = last_cell(row);

	for (size_t k = 0; k < last; k++) {
		if (layout->starts_line[k])
			fprintf(to, "\n%*s", FOLD_INDENT, "");
		else if (k > 0)
			fprintf(to, "%*s", GAP, "");
		print_cell(row->cells[k], layout->widths[k], table->columns[k] == 'r',
		    k + 1 == last || layout->starts_line[k + 1], to);
	}
	putc('\n', to);
}

bool
table_print(const struct table *table, size_t width, FILE *to)
{
	struct layout layout;

	if (table == NULL || table->no_memory)
		return false;
	lay_out(table, width, &layout);
	for (size_t i = 0; i < table->count; i++)
		print_row(table, &table->rows[i], &layout, to);
	return true;
}
