/* SPDX-License-Identifier: ISC */
/* test_date.c - parses dates, and converts seconds to days. */
#include "config.h"

#include "shared-cache/base/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void
test_parse(void **state)
{
	static const struct {
		const char *text;
		int32_t day;	/* -1: not a date */
	} rows[] = {
		{ "1970-01-01", 0 }, { "1970-01-02", 1 }, { "1970-12-31", 364 }, { "1971-01-01", 365 }, { "1972-02-29", 789 },
		{ "2000-02-29", 11016 }, { "2000-03-01", 11017 }, { "2026-11-24", 20781 }, { "2028-02-29", 21243 },
		{ "9999-12-31", 2932896 },
		{ "", -1 }, { "2026-11-2", -1 }, { "2026-11-244", -1 }, { "2026-1-024", -1 }, { "2026/11/24", -1 },
		{ "24-11-2026", -1 }, { "2026-11-24 ", -1 }, { " 2026-11-24", -1 }, { "2026-11-00", -1 }, { "2026-11-31", -1 },
		{ "2026-00-10", -1 }, { "2026-13-10", -1 }, { "2026-02-29", -1 }, { "2100-02-29", -1 }, { "1969-12-31", -1 },
		{ "0000-01-01", -1 }, { "-026-11-24", -1 }, { "2026-+1-24", -1 }, { "2026--1-24", -1 }, { "20x6-11-24", -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int32_t day = -1;
		bool good = sts_date_parse(rows[i].text, strlen(rows[i].text), &day);

		if (good != (rows[i].day >= 0) || (good && day != rows[i].day))
			fail_msg("\"%s\": got %d, day %d, want %d", rows[i].text, good, (int)day, (int)rows[i].day);
	}
}

/* Compares every day of 500 years with the C library. */
static void
test_all_days(void **state)
{
	(void)state;
	for (int32_t want = 0; want < 500 * 366; want++) {
		time_t t = (time_t)want * 86400 + 86399;
		char text[16];
		struct tm tm;
		int32_t day;

		assert_non_null(gmtime_r(&t, &tm));
		strftime(text, sizeof(text), "%Y-%m-%d", &tm);
		if (!sts_date_parse(text, strlen(text), &day) || day != want || sts_date_day_of(t) != want)
			fail_msg("%s: want %d", text, (int)want);
	}
}

static void
test_day_of(void **state)
{
	static const struct {
		int64_t seconds;
		int32_t day;
	} rows[] = {
		{ 0, 0 }, { 86399, 0 }, { 86400, 1 }, { -1, -1 }, { -86400, -1 }, { -86401, -2 },
		{ INT32_MAX * 86400LL + 86399, INT32_MAX }, { INT32_MAX * 86400LL + 86400, INT32_MAX }, { INT64_MAX, INT32_MAX },
		{ INT32_MIN * 86400LL, INT32_MIN }, { INT32_MIN * 86400LL - 1, INT32_MIN }, { INT64_MIN, INT32_MIN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(sts_date_day_of(rows[i].seconds), rows[i].day);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_all_days),
		cmocka_unit_test(test_day_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
