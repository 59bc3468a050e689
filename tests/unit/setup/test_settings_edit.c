/* SPDX-License-Identifier: ISC */
/* test_settings_edit.c - changing one setting in a text (settings_edit), and showing the difference (unified_diff). */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/setup/settings_edit.h"
#include "stsctl/setup/unified_diff.h"

static void
edits(void **state)
{
	static const struct { const char *text, *name, *value, *want; } rows[] = {
		{ "", "user", "x", "user = x\n" },
		{ "a = 1\n", "user", "x", "a = 1\nuser = x\n" },
		{ "a = 1", "user", "x", "a = 1\nuser = x\n" },
		{ "a = 1\nuser = y\nb = 2\n", "user", "x", "a = 1\nuser = x\nb = 2\n" },
		{ "user=y", "user", "x", "user = x\n" },
		{ "user\t =y\n", "user", "", "user =\n" },
		{ "# user = z\nuser = y\n", "user", "x", "# user = z\nuser = x\n" },
		{ "user_agent = y\n", "user", "x", "user_agent = y\nuser = x\n" },
		{ " user = y\n", "user", "x", " user = y\nuser = x\n" },
		{ "l = a,\n  b,\n\tc\nm = 1\n", "l", "d", "l = d\nm = 1\n" },
		/* comments in between neither end the value nor belong to it */
		{ "l = a,\n# one\n\n  b,\n  # two\n  c\n# three\nm = 1\n", "l", "d", "l = d\n# one\n\n  # two\n# three\nm = 1\n" },
		/* a file with a mistake keeps it */
		{ "l = a\nl = b\n", "l", "d", "l = d\nl = b\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *got = settings_edit(rows[i].text, rows[i].name, rows[i].value), *again;

		assert_non_null(got);
		assert_string_equal(got, rows[i].want);
		again = settings_edit(got, rows[i].name, rows[i].value);
		assert_string_equal(again, rows[i].want);
		free(got);
		free(again);
	}
}

/* The output of diff -u, without the times. */
static void
differences(void **state)
{
	static const struct { const char *before, *after, *want; } rows[] = {
		{ "a\n", "a\n", "" },
		{ "", "", "" },
		{ NULL, "a\nb\n", "--- /dev/null\n+++ f\n@@ -0,0 +1,2 @@\n+a\n+b\n" },
		{ "a\n", "", "--- f\n+++ f\n@@ -1 +0,0 @@\n-a\n" },
		{ "a\nb\nc\n", "a\nx\nc\n", "--- f\n+++ f\n@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n" },
		{ "a", "a\n", "--- f\n+++ f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n" },
		{ "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\n6\n7\n8\n9\nx\n",
		    "--- f\n+++ f\n@@ -7,3 +7,4 @@\n 7\n 8\n 9\n+x\n" },
		/* six lines between: one hunk; seven: two */
		{ "a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n",
		    "--- f\n+++ f\n@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n" },
		{ "a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n",
		    "--- f\n+++ f\n@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *got = NULL;
		size_t len = 0;
		FILE *to = open_memstream(&got, &len);

		assert_non_null(to);
		assert_true(unified_diff("f", rows[i].before, rows[i].after, to));
		fclose(to);
		assert_string_equal(got, rows[i].want);
		free(got);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(edits), cmocka_unit_test(differences) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
