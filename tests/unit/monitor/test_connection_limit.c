/* SPDX-License-Identifier: ISC */
/* test_connection_limit.c - which client must go, and clients that have gone. */
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
	struct connection_limit crowd = { .count = 0 };

	(void)state;
	for (int fd = 100; fd < 100 + CONNECTION_LIMIT; fd++)
		assert_int_equal(connection_limit_add(&crowd, fd), -1);
	for (int fd = 200; fd < 200 + 2 * CONNECTION_LIMIT; fd++)
		assert_int_equal(connection_limit_add(&crowd, fd), fd < 200 + CONNECTION_LIMIT ? fd - 100 : fd - CONNECTION_LIMIT);
	assert_int_equal(crowd.count, CONNECTION_LIMIT);
}

static void
who_leaves_makes_room(void **state)
{
	static const int leaving[] = { 7, 0, CONNECTION_LIMIT - 1, 7, 99 };	/* in the middle, first, last; gone already, never there */
	struct connection_limit crowd = { .count = 0 };

	(void)state;
	connection_limit_remove(&crowd, 3);
	for (int fd = 0; fd < CONNECTION_LIMIT; fd++)
		(void)connection_limit_add(&crowd, fd);
	for (size_t i = 0; i < sizeof(leaving) / sizeof(leaving[0]); i++)
		connection_limit_remove(&crowd, leaving[i]);
	assert_int_equal(crowd.count, CONNECTION_LIMIT - 3);
	for (int fd = 50; fd < 53; fd++)
		assert_int_equal(connection_limit_add(&crowd, fd), -1);
	assert_int_equal(connection_limit_add(&crowd, 53), 1);
	assert_int_equal(connection_limit_add(&crowd, 54), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(first_come_first_gone), cmocka_unit_test(who_leaves_makes_room) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
