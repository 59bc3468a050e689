/* SPDX-License-Identifier: ISC */
/* test_histogram.c - which bucket a duration belongs to. */
#include "config.h"

#include "shared-cache/base/histogram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const struct row {
	int64_t ms;
	size_t index;
} rows[] = {
	{ INT64_MIN, 0 }, { -1, 0 }, { 0, 0 }, { 5, 0 }, { 6, 1 }, { 10, 1 }, { 11, 2 }, { 1000, 7 }, { 1001, 8 },
	{ 20000, STS_HISTOGRAM_BUCKETS - 1 }, { 20001, STS_HISTOGRAM_BUCKETS }, { INT64_MAX, STS_HISTOGRAM_BUCKETS },
};

static void
test_index(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (sts_histogram_index(rows[i].ms) != rows[i].index)
			fail_msg("%lld ms: %zu", (long long)rows[i].ms, sts_histogram_index(rows[i].ms));
	}
	for (size_t i = 1; i < STS_HISTOGRAM_BUCKETS; i++)
		assert_true(sts_histogram_bound_ms(i - 1) < sts_histogram_bound_ms(i));
}

static void
test_add(void **state)
{
	struct sts_histogram h = { .sum_ms = 0 };

	(void)state;
	sts_histogram_add(&h, 3);
	sts_histogram_add(&h, 4);
	sts_histogram_add(&h, -7);
	sts_histogram_add(&h, 30000);
	assert_int_equal(h.counts[0], 3);
	assert_int_equal(h.counts[STS_HISTOGRAM_BUCKETS], 1);
	assert_int_equal(h.sum_ms, 30007);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_index),
		cmocka_unit_test(test_add),
	};

	return cmocka_run_group_tests_name("histogram", tests, NULL, NULL);
}
