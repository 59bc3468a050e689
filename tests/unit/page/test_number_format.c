/* SPDX-License-Identifier: ISC */
/* test_number_format.c - formats, shares, and the ends of axes. */
#include "config.h"

#include "stsctl/page/number_format.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
test_number(void **state)
{
	static const struct {
		int64_t n;
		const char *full, *brief, *hundredths;
	} cases[] = {
		{ 0, "0", "0", "0%" },
		{ 7, "7", "7", "0.07%" },
		{ 50, "50", "50", "0.5%" },
		{ 999, "999", "999", "9.99%" },
		{ 1000, "1,000", "1k", "10%" },
		{ 1500, "1,500", "1.5k", "15%" },
		{ 1099, "1,099", "1k", "10.99%" },
		{ 15500, "15,500", "15k", "155%" },
		{ 3000000, "3,000,000", "3M", "30000%" },
		{ 1234567, "1,234,567", "1.2M", "12345.67%" },
		{ 999999999999999, "999,999,999,999,999", "999T", "9999999999999.99%" },
		{ INT64_MAX, "9,223,372,036,854,775,807", "9.2E", "92233720368547758.07%" },
	};
	char out[NUMBER_FORMAT_CAP];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_string_equal(number_format(cases[i].n, out), cases[i].full);
		assert_string_equal(number_format_short(cases[i].n, out), cases[i].brief);
		assert_string_equal(number_format_hundredths(cases[i].n, out), cases[i].hundredths);
	}
}

static void
test_parts(void **state)
{
	static const struct {
		int64_t n, whole, parts;
	} cases[] = {
		{ 0, 0, 0 }, { 0, 5, 0 }, { 5, 0, 0 }, { 1, 2, 5000 }, { 1, 3, 3333 }, { 2, 3, 6667 }, { 5, 5, 10000 }, { 6, 5, 10000 },
		{ 1, 1000000, 1 }, { INT64_MAX, INT64_MAX, 10000 }, { INT64_MAX / 2, INT64_MAX, 5000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(number_share(cases[i].n, cases[i].whole), cases[i].parts);
}

static void
test_axis_end(void **state)
{
	static const struct {
		int64_t greatest, end;
	} cases[] = {
		{ 0, 2 }, { 1, 2 }, { 2, 2 }, { 3, 4 }, { 5, 6 }, { 7, 8 }, { 9, 10 }, { 10, 10 }, { 11, 20 }, { 21, 30 }, { 45, 50 },
		{ 61, 80 }, { 81, 100 }, { 2580, 3000 }, { 10000, 10000 }, { 999999999999999, 1000000000000000 },
		{ INT64_MAX, INT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(number_axis_end(cases[i].greatest), cases[i].end);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_number),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_axis_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
