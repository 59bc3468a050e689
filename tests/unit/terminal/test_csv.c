/* SPDX-License-Identifier: ISC */
/* test_csv.c - a spreadsheet reads each field as text, whatever it holds. */
#include "config.h"

#include "stsctl/terminal/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
test_fields(void **state)
{
	static const struct {
		const char *row, *bytes;
		size_t len;
		const char *text;
	} rows[] = {
		{ "plain", "a.example", 9, "a.example" },
		{ "empty", "", 0, "" },
		{ "comma", "a,b", 3, "\"a,b\"" },
		{ "quote", "a\"b", 3, "\"a\"\"b\"" },
		{ "formula", "=1+1", 4, "'=1+1" },
		{ "plus", "+1", 2, "'+1" },
		{ "minus", "-1", 2, "'-1" },
		{ "at", "@SUM(A1)", 8, "'@SUM(A1)" },
		{ "formula behind blanks", "  =1", 4, "'  =1" },
		{ "formula with a comma", "=HYPERLINK(\"x\",1)", 17, "\"'=HYPERLINK(\"\"x\"\",1)\"" },
		{ "not in front", "a=b", 3, "a=b" },
		{ "blank at the end", "a ", 2, "\"a \"" },
		{ "line end", "a\r\nb", 4, "a\\x0d\\x0ab" },
		{ "tab in front of a formula", "\t=1", 3, "\\x09=1" },
		{ "escape", "\x1b[2J", 4, "\\x1b[2J" },
		{ "NUL", "a\0b", 3, "a\\x00b" },
		{ "not ASCII", "\xef\xbc\x9d" "1", 4, "\\xef\\xbc\\x9d1" },
		{ "without a NUL behind", "==", 1, "'=" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = NULL;
		size_t len = 0;
		struct csv csv = { .to = open_memstream(&text, &len) };

		assert_non_null(csv.to);
		csv_bytes(&csv, rows[i].bytes, rows[i].len);
		fclose(csv.to);
		if (strcmp(text, rows[i].text) != 0)
			fail_msg("%s: %s, not %s", rows[i].row, text, rows[i].text);
		free(text);
	}
}

static void
test_records(void **state)
{
	char *text = NULL;
	size_t len = 0;
	struct csv csv = { .to = open_memstream(&text, &len) };

	(void)state;
	assert_non_null(csv.to);
	csv_head(&csv, (const char *const[]){ "a", "b", NULL });
	csv_text(&csv, "");
	csv_number(&csv, 7);
	csv_end(&csv);
	csv_time(&csv, 1709208000);
	csv_time(&csv, 0);
	csv_end(&csv);
	fclose(csv.to);
	assert_string_equal(text, "a,b\r\n,7\r\n2024-02-29T12:00:00Z,\r\n");
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
