/* SPDX-License-Identifier: ISC */
/* test_table.c - columns: aligned, within the terminal's width, and without escape sequences. */
#include "config.h"

#include "stsctl/terminal/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CELLS_MAX = 9 };

/* Prints a table of these cells, a row for each set of columns; a NULL cell ends a row early. */
static char *
print(const char *columns, size_t width, const char *const *cells, size_t count)
{
	struct table *table = table_new(columns);
	size_t in_row = 0, len;
	char *text = NULL;
	FILE *to = open_memstream(&text, &len);

	assert_non_null(to);
	for (size_t i = 0; i < count; i++) {
		if (in_row == 0)
			table_row(table);
		if (cells[i] != NULL)
			table_text(table, cells[i]);
		in_row = cells[i] == NULL || in_row + 1 == strlen(columns) ? 0 : in_row + 1;
	}
	assert_true(table_print(table, width, to));
	table_free(&table);
	assert_null(table);
	fclose(to);
	return text;
}

static void
test_print(void **state)
{
	static const struct {
		const char *row, *columns;
		size_t width, count;
		const char *cells[CELLS_MAX];
		const char *text;
	} rows[] = {
		{ "aligned", "lr", 80, 4, { "name", "n", "x", "1000" }, "name     n\nx     1000\n" },
		{ "left column last: no blanks behind", "ll", 80, 4, { "a", "b", "cc", "dd" }, "a   b\ncc  dd\n" },
		{ "short rows", "lrr", 80, 5, { "head", NULL, "a", "1", "2" }, "head\na     1  2\n" },
		{ "empty last cells", "lrr", 80, 3, { "a", "1", "" }, "a  1\n" },
		{ "the first column gives way", "lr", 20, 4, { "a-domain-that-is-long.example", "12345", "b", "1" },
		    "a-domain-th..  12345\nb                  1\n" },
		{ "but not below its least", "lr", 5, 2, { "a-domain-that-is-long.example", "12345" }, "a-domain-t..\n    12345\n" },
		{ "the last columns go down", "lrl", 22, 6, { "domain", "n", "last seen", "long.example", "12345", "2026-01-01" },
		    "domain            n\n    last seen\nlong.example  12345\n    2026-01-01\n" },
		{ "each to a line", "lrl", 14, 3, { "long.example", "12345", "2026-01-01" },
		    "long.example\n    12345\n    2026-01-01\n" },
		{ "several to a line", "lrrr", 14, 4, { "long.example", "12", "34", "56" }, "long.example\n    12  34  56\n" },
		{ "nothing that is empty goes down", "lrl", 20, 6, { "head", "n", "why it is", "a.example", "12345", "" },
		    "head           n\n    why it is\na.example  12345\n" },
		{ "what is left goes to the first", "lrl", 24, 3, { "domain.that.is.long.example", "123", "2026-01-01T00:00Z" },
		    "domain.that.is.lo..  123\n    2026-01-01T00:00Z\n" },
		{ "escape sequences", "l", 80, 1, { "a\033[2J\x9b\r\nb\x7f" }, "a?[2J???b?\n" },
		{ "nothing", "lr", 80, 0, { NULL }, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = print(rows[i].columns, rows[i].width, rows[i].cells, rows[i].count);

		if (strcmp(text, rows[i].text) != 0)
			fail_msg("%s:\n%s", rows[i].row, text);
		free(text);
	}
}

static void
test_too_much(void **state)
{
	struct table *table = table_new("lr");
	char cell[2 * TABLE_CELL_CAP];
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	(void)state;
	assert_non_null(to);
	memset(cell, 'a', sizeof(cell) - 1);
	cell[sizeof(cell) - 1] = '\0';
	table_text(table, "before any row");
	table_row(table);
	table_text(table, cell);
	table_number(table, -5);
	table_text(table, "one too many");
	assert_true(table_print(table, 1000, to));
	fclose(to);
	assert_int_equal(strlen(text), TABLE_CELL_CAP - 1 + 2 + 2 + 1);
	free(text);
	table_free(&table);
	assert_false(table_print(NULL, 80, stdout));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
