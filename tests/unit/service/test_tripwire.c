/* SPDX-License-Identifier: ISC */
/* test_tripwire.c - how many messages may be refused in a minute. */
#include "config.h"

#include "milter/service/tripwire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { START_MS = 7654321 };

/* A message of the n-th domain from the n-th network. */
static bool
pass(struct tripwire *wire, int64_t n, int64_t limit, int64_t now_ms)
{
	const struct tripwire_message message = { (uint64_t)(n + 1) * 0x9e3779b97f4a7c15, (uint64_t)(n + 1) * 0xc2b2ae3d27d4eb4f };

	return tripwire_allow(wire, &message, limit, now_ms);
}

static void
test_limit(void **state)
{
	struct tripwire wire = { .tripped = false };

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_true(pass(&wire, i, 100, START_MS + i));
	assert_int_equal(tripwire_count(&wire, START_MS + 100), 100);
	assert_false(wire.tripped);
	assert_false(pass(&wire, 100, 100, START_MS + 100));
	assert_true(wire.tripped);
	/* An hour later, and with another limit: only a reset helps. */
	assert_false(pass(&wire, 0, 100, START_MS + 3600000));
	assert_false(pass(&wire, 0, 0, START_MS + 3600000));
	tripwire_reset(&wire);
	assert_int_equal(tripwire_count(&wire, START_MS + 3600000), 0);
	assert_true(pass(&wire, 0, 100, START_MS + 3600000));
}

static void
test_unbounded(void **state)
{
	struct tripwire wire = { .tripped = false };

	(void)state;
	for (int i = 0; i < 100000; i++)
		assert_true(pass(&wire, i, 0, START_MS));
	assert_int_equal(tripwire_count(&wire, START_MS), 100000);
}

/* The window moves with time: events a minute old do not count. */
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
			assert_true(pass(&wire, n, 3, START_MS));
		assert_int_equal(tripwire_count(&wire, START_MS + rows[i].after_ms), rows[i].want);
		assert_int_equal(pass(&wire, 3, 3, START_MS + rows[i].after_ms), rows[i].want == 0);
	}
}

/* A steady stream just below the limit never trips it; one just above does within a minute. */
static void
test_stream(void **state)
{
	struct tripwire wire = { .tripped = false };
	int64_t now = START_MS;

	(void)state;
	for (int i = 0; i < 1000; i++, now += 1000)
		assert_true(pass(&wire, i, 60, now));
	for (int i = 0; i < 61 && !wire.tripped; i++, now += 900)
		(void)pass(&wire, 1000 + i, 60, now);
	assert_true(wire.tripped);
}

/* A clock that stands still or goes back loses nothing. */
static void
test_clock(void **state)
{
	struct tripwire wire = { .tripped = false };

	(void)state;
	assert_true(pass(&wire, 1, 2, START_MS + 5000));
	assert_true(pass(&wire, 2, 2, START_MS));
	assert_false(pass(&wire, 3, 2, START_MS));
}

/* One sender cannot switch it off for all: neither with many messages, nor with many names, nor from many networks. */
static void
test_one_alone(void **state)
{
	static const struct {
		const char *name;
		bool domains, networks;
	} rows[] = { { "many messages", false, false }, { "many domains", true, false }, { "many networks", false, true } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tripwire wire = { .tripped = false };

		for (uint64_t n = 1; n <= 20000; n++) {
			const struct tripwire_message message = { rows[i].domains ? n * 0x9e3779b97f4a7c15 : 1,
				rows[i].networks ? n * 0xc2b2ae3d27d4eb4f : 1 };

			if (!tripwire_allow(&wire, &message, 2, START_MS + (int64_t)n))
				fail_msg("%s: the %u. trips", rows[i].name, (unsigned)n);
		}
		assert_int_equal(tripwire_count(&wire, START_MS + 20001), 20000);
	}
}

/* A key that comes again counts once, in its latest second, and is gone a minute after that. */
static void
test_again(void **state)
{
	struct tripwire wire = { .tripped = false };

	(void)state;
	for (int64_t s = 0; s < 600; s++)
		assert_true(pass(&wire, s % 3, 3, START_MS + s * 1000));
	assert_false(pass(&wire, 3, 3, START_MS + 600000));
	tripwire_reset(&wire);
	assert_true(pass(&wire, 0, 1, START_MS));
	assert_true(pass(&wire, 0, 1, START_MS + 50000));
	assert_true(pass(&wire, 0, 1, START_MS + 90000));
	assert_false(pass(&wire, 1, 1, START_MS + 140000));
}

/* It can count up to the highest limit. */
static void
test_highest_limit(void **state)
{
	struct tripwire wire = { .tripped = false };

	(void)state;
	for (int n = 0; n < TRIPWIRE_LIMIT_MAX; n++)
		assert_true(pass(&wire, n, TRIPWIRE_LIMIT_MAX, START_MS));
	assert_false(pass(&wire, TRIPWIRE_LIMIT_MAX, TRIPWIRE_LIMIT_MAX, START_MS));
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
		cmocka_unit_test(test_one_alone),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_highest_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
