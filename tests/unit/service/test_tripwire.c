/* SPDX-License-Identifier: ISC */
/* test_tripwire.c - how many messages may be refused in any minute. */
#include "config.h"

#include "milter/service/tripwire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { START_MS = 7654321 };

static void
test_limit(void **state)
{
	struct tripwire wire = { .tripped = false };

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_true(tripwire_pass(&wire, 100, START_MS + i));
	assert_int_equal(tripwire_count(&wire, START_MS + 100), 100);
	assert_false(wire.tripped);
	assert_false(tripwire_pass(&wire, 100, START_MS + 100));
	assert_true(wire.tripped);
	/* An hour later, and with another limit: only a reset helps. */
	assert_false(tripwire_pass(&wire, 100, START_MS + 3600000));
	assert_false(tripwire_pass(&wire, 0, START_MS + 3600000));
	tripwire_reset(&wire);
	assert_int_equal(tripwire_count(&wire, START_MS + 3600000), 0);
	assert_true(tripwire_pass(&wire, 100, START_MS + 3600000));
}

static void
test_unbounded(void **state)
{
	struct tripwire wire = { .tripped = false };

	(void)state;
	for (int i = 0; i < 100000; i++)
		assert_true(tripwire_pass(&wire, 0, START_MS));
	assert_int_equal(tripwire_count(&wire, START_MS), 100000);
}

/* The window moves with time: what is a minute old does not count. */
static void
test_window(void **state)
{
	static const struct {
		int64_t after_ms;
		uint64_t want;
	} rows[] = { { 0, 3 }, { 30000, 3 }, { 58999, 3 }, { 61000, 0 }, { 61001, 0 }, { 10000000, 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tripwire wire = { .tripped = false };

		for (int n = 0; n < 3; n++)
			assert_true(tripwire_pass(&wire, 3, START_MS));
		assert_int_equal(tripwire_count(&wire, START_MS + rows[i].after_ms), rows[i].want);
		assert_int_equal(tripwire_pass(&wire, 3, START_MS + rows[i].after_ms), rows[i].want == 0);
	}
}

/* A steady stream just below the limit never trips it, one just above does within a minute. */
static void
test_stream(void **state)
{
	struct tripwire wire = { .tripped = false };
	int64_t now = START_MS;

	(void)state;
	for (int i = 0; i < 1000; i++, now += 1000)
		assert_true(tripwire_pass(&wire, 60, now));
	for (int i = 0; i < 61 && !wire.tripped; i++, now += 900)
		(void)tripwire_pass(&wire, 60, now);
	assert_true(wire.tripped);
}

/* A clock that stands still or goes back loses nothing. */
static void
test_clock(void **state)
{
	struct tripwire wire = { .tripped = false };

	(void)state;
	assert_true(tripwire_pass(&wire, 2, START_MS + 5000));
	assert_true(tripwire_pass(&wire, 2, START_MS));
	assert_false(tripwire_pass(&wire, 2, START_MS));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_unbounded),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_stream),
		cmocka_unit_test(test_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
