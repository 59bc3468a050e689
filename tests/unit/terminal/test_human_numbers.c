/* SPDX-License-Identifier: ISC */
/* test_human_numbers.c - percentages, times and graphs as they are printed. */
#include "config.h"

#include "stsctl/terminal/human_numbers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
test_percent(void **state)
{
	static const struct {
		const char *row;
		int64_t n, of;
		const char *text;
	} rows[] = {
		{ "none", 0, 10, "0.0%" },
		{ "half", 5, 10, "50.0%" },
		{ "all", 10, 10, "100.0%" },
		{ "a third", 1, 3, "33.3%" },
		{ "nearly none is not none", 1, 100000, "<0.1%" },
		{ "nearly all is not all", 99999, 100000, ">99.9%" },
		{ "of nothing", 0, 0, "-" },
		{ "more than all", 11, 10, "-" },
		{ "negative", -1, 10, "-" },
		{ "greatest", 999999999999999, 999999999999999, "100.0%" },
	};
	char out[HUMAN_PERCENT_CAP];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(human_percent(rows[i].n, rows[i].of, out), rows[i].text) != 0)
			fail_msg("%s: %s, not %s", rows[i].row, out, rows[i].text);
}

static void
test_time(void **state)
{
	static const struct {
		const char *row;
		int64_t seconds;
		const char *text;
	} rows[] = {
		{ "never", 0, "-" },
		{ "before all", -1, "-" },
		{ "first day", 60, "1970-01-01T00:01:00Z" },
		{ "leap day", 1709208000, "2024-02-29T12:00:00Z" },
		{ "last minute", 253402300799, "9999-12-31T23:59:59Z" },
		{ "beyond", 253402300800, "-" },
		{ "far beyond", INT64_MAX, "-" },
	};
	char out[HUMAN_TIME_CAP];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(human_time(rows[i].seconds, out), rows[i].text) != 0)
			fail_msg("%s: %s, not %s", rows[i].row, out, rows[i].text);
}

static void
test_ages(void **state)
{
	enum { NOW = 1000000000 };
	static const struct { int64_t ago; const char *text; } ages[] = {
		{ 0, "0 s ago" }, { 3, "3 s ago" }, { 119, "119 s ago" }, { 120, "2 min ago" }, { 7199, "119 min ago" },
		{ 7200, "2 h ago" }, { 172799, "47 h ago" }, { 172800, "2 d ago" }, { 900000000, "10416 d ago" },
		{ -3, "in 3 s" }, { -300, "in 5 min" }, { NOW, "-" }, { INT64_C(-253402300799), "-" },
	};
	char out[HUMAN_AGE_CAP];

	(void)state;
	for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++)
		if (strcmp(human_age(NOW - ages[i].ago, NOW, out), ages[i].text) != 0)
			fail_msg("%lld: %s, not %s", (long long)ages[i].ago, out, ages[i].text);
}

static void
test_graph(void **state)
{
	static const struct {
		const char *row;
		int64_t n[8];
		size_t count, width;
		bool utf8;
		const char *text;
	} rows[] = {
		{ "empty", { 0 }, 0, 10, false, "" },
		{ "nothing", { 0, 0, 0 }, 3, 10, false, "..." },
		{ "levels", { 1, 2, 3, 4, 5, 6, 7, 8 }, 8, 10, false, "12345678" },
		{ "little is not nothing", { 1, 0, 10000 }, 3, 10, false, "1.8" },
		{ "bars", { 1, 0, 8 }, 3, 10, true, "\xe2\x96\x81.\xe2\x96\x88" },
		{ "two a column", { 1, 1, 2, 2, 0, 0, 4, 4 }, 8, 4, false, "24.8" },
		{ "the odd one is in front", { 8, 1, 1, 4, 4 }, 5, 3, false, "828" },
		{ "one column", { 1, 2, 3 }, 3, 1, false, "8" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct human_graph graph = { rows[i].n, rows[i].count, rows[i].width, rows[i].utf8 };
		char out[64];
		struct sts_text text;

		sts_text_init(&text, out, sizeof(out));
		human_add_graph(&text, &graph);
		if (strcmp(out, rows[i].text) != 0)
			fail_msg("%s: %s, not %s", rows[i].row, out, rows[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_percent),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_ages),
		cmocka_unit_test(test_graph),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
