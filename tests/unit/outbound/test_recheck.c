/* SPDX-License-Identifier: ISC */
/* test_recheck.c - domains come out when it is time, once. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/outbound/recheck.h"

static void
test_order(void **state)
{
	struct sts_recheck *r;
	char domain[STS_DOMAIN_CAP];

	(void)state;
	assert_int_equal(sts_recheck_new(3, &r), STS_OK);
	assert_false(sts_recheck_take(r, 100, domain));
	sts_recheck_note(r, "late.example", 400, 100);
	sts_recheck_note(r, "soon.example", 101, 100);
	sts_recheck_note(r, "soon.example", 300, 100);	/* here already */
	sts_recheck_note(r, "past.example", 50, 100);
	sts_recheck_note(r, "full.example", 100, 100);
	assert_int_equal(sts_recheck_count(r), 3);
	assert_true(sts_recheck_take(r, 100, domain));
	assert_string_equal(domain, "past.example");
	assert_false(sts_recheck_take(r, 100, domain));
	assert_true(sts_recheck_take(r, 105, domain));
	assert_string_equal(domain, "soon.example");
	assert_false(sts_recheck_take(r, 399, domain));
	/* noted behind the wheel's back: not lost */
	sts_recheck_note(r, "soon.example", 120, 399);
	assert_true(sts_recheck_take(r, 400, domain));
	assert_true(sts_recheck_take(r, 400, domain));
	assert_false(sts_recheck_take(r, 100000, domain));
	assert_int_equal(sts_recheck_count(r), 0);
	sts_recheck_free(&r);
}

/* More than a turn of the wheel ahead, and a leap of the clock. */
static void
test_rounds(void **state)
{
	struct sts_recheck *r;
	char domain[STS_DOMAIN_CAP];

	(void)state;
	assert_int_equal(sts_recheck_new(10, &r), STS_OK);
	sts_recheck_note(r, "day.example", 86400 + 7, 7);
	sts_recheck_note(r, "hour.example", 3600 + 7, 7);
	for (int64_t now = 7; now < 3607; now += 61)
		assert_false(sts_recheck_take(r, now, domain));
	assert_true(sts_recheck_take(r, 3607, domain));
	assert_string_equal(domain, "hour.example");
	assert_true(sts_recheck_take(r, 1000000, domain));
	assert_string_equal(domain, "day.example");
	sts_recheck_note(r, "left.example", 1, 1000000);
	sts_recheck_free(&r);
	assert_null(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_order), cmocka_unit_test(test_rounds) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
