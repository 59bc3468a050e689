/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/commandline/suggest.h"

static void
test_distances(void **state)
{
	static const struct { const char *a, *b; size_t want; } rows[] = {
		{ "", "", 0 }, { "check", "check", 0 }, { "", "abc", 3 }, { "abc", "", 3 }, { "chekc", "check", 1 },
		{ "chck", "check", 1 }, { "cheeck", "check", 1 }, { "cherk", "check", 1 }, { "doktor", "doctor", 1 },
		{ "ab", "ba", 1 }, { "abcd", "badc", 2 }, { "kitten", "sitting", 3 },
		{ "0123456789012345678901234567890123", "check", 32 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (suggest_distance(rows[i].a, rows[i].b) != rows[i].want || suggest_distance(rows[i].b, rows[i].a) != rows[i].want)
			fail_msg("%s %s: %zu", rows[i].a, rows[i].b, suggest_distance(rows[i].a, rows[i].b));
}

static void
test_suggestions(void **state)
{
	static const char *const known[] = { "lint", "lookup", "cache", "check", "doctor", "history", "stats", "tail", NULL };
	static const struct { const char *word, *want; } rows[] = {
		{ "chekc", "check" }, { "doktor", "doctor" }, { "look", "lookup" }, { "stat", "stats" }, { "statistics", NULL },
		{ "x", NULL }, { "", NULL }, { "lnit", "lint" }, { "publish", NULL }, { "cach", "cache" }, { "tial", "tail" },
		{ "historyy", "history" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct suggestion s;

		suggest_init(&s, rows[i].word);
		for (size_t k = 0; known[k] != NULL; k++)
			suggest_consider(&s, known[k]);
		if ((s.best == NULL) != (rows[i].want == NULL) || (s.best != NULL && strcmp(s.best, rows[i].want) != 0))
			fail_msg("%s: %s", rows[i].word, s.best != NULL ? s.best : "nothing");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_distances),
		cmocka_unit_test(test_suggestions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
