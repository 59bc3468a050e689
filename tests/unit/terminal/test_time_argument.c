/* SPDX-License-Identifier: ISC */
/* test_time_argument.c - times as the command line takes them. */
#include "config.h"

#include "stsctl/terminal/time_argument.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { NOW = 1709208000 };	/* 2024-02-29T12:00:00Z */

static void
test_moments(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;	/* -1: none */
	} rows[] = {
		{ "2024-02-29T12:00:00Z", NOW },
		{ "2024-02-29T12:00:00", NOW },
		{ "2024-02-29 12:00:00", NOW },
		{ "2024-02-29T12:00Z", NOW },
		{ "2024-02-29T11:59:59Z", NOW - 1 },
		{ "2024-02-29", NOW - 12 * 3600 },
		{ "1970-01-01", 0 },
		{ "90s", NOW - 90 },
		{ "30m", NOW - 1800 },
		{ "2h", NOW - 7200 },
		{ "7d", NOW - 7 * 86400 },
		{ "0s", NOW },
		{ "999999999d", -1 },
		{ "2h30m", -1 },
		{ "-2h", -1 },
		{ "h", -1 },
		{ "2w", -1 },
		{ "2", -1 },
		{ "", -1 },
		{ "2024-02-30", -1 },
		{ "2024-02-29Z", -1 },
		{ "2024-02-29T", -1 },
		{ "2024-02-29TZ", -1 },
		{ "2024-02-29T24:00:00Z", -1 },
		{ "2024-02-29T12:60:00Z", -1 },
		{ "2024-02-29T12:00:60Z", -1 },
		{ "2024-02-29T12-00-00Z", -1 },
		{ "2024-02-29T12:00:00+01", -1 },
		{ "2024-02-29T12:00:00ZZ", -1 },
		{ "yesterday", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t out = -2;
		bool good = time_argument_parse(rows[i].text, NOW, &out);

		if (good != (rows[i].seconds >= 0) || (good && out != rows[i].seconds))
			fail_msg("%s: %d, %lld", rows[i].text, good, (long long)out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
