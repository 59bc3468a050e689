/* SPDX-License-Identifier: ISC */
/* test_connection_limit.c - who has to go, and who has gone. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "milter/monitor/connection_limit.h"

static void
first_come_first_gone(void **state)
{
	struct metrics_crowd crowd = { .count = 0 };

	(void)state;
	for (int fd = 100; fd < 100 + METRICS_CROWD_MAX; fd++)
		assert_int_equal(metrics_crowd_join(&crowd, fd), -1);
	for (int fd = 200; fd < 200 + 2 * METRICS_CROWD_MAX; fd++)
		assert_int_equal(metrics_crowd_join(&crowd, fd), fd < 200 + METRICS_CROWD_MAX ? fd - 100 : fd - METRICS_CROWD_MAX);
	assert_int_equal(crowd.count, METRICS_CROWD_MAX);
}

static void
who_leaves_makes_room(void **state)
{
	static const int leaving[] = { 7, 0, METRICS_CROWD_MAX - 1, 7, 99 };	/* in the middle, first, last; gone already, never there */
	struct metrics_crowd crowd = { .count = 0 };

	(void)state;
	metrics_crowd_leave(&crowd, 3);
	for (int fd = 0; fd < METRICS_CROWD_MAX; fd++)
		(void)metrics_crowd_join(&crowd, fd);
	for (size_t i = 0; i < sizeof(leaving) / sizeof(leaving[0]); i++)
		metrics_crowd_leave(&crowd, leaving[i]);
	assert_int_equal(crowd.count, METRICS_CROWD_MAX - 3);
	for (int fd = 50; fd < 53; fd++)
		assert_int_equal(metrics_crowd_join(&crowd, fd), -1);
	assert_int_equal(metrics_crowd_join(&crowd, 53), 1);
	assert_int_equal(metrics_crowd_join(&crowd, 54), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(first_come_first_gone), cmocka_unit_test(who_leaves_makes_room) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
