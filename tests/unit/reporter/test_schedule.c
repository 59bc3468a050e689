/* SPDX-License-Identifier: ISC */
/* test_schedule.c - when a report is due, and when it is retried. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/reporter/schedule.h"

#define END 1800000000

static void
test_due(void **state)
{
	bool spread = false;

	(void)state;
	assert_int_equal(reporter_due("a.example", END, "x.example", 0), END + REPORTER_GRACE_S);
	for (int i = 0; i < 100; i++) {
		char domain[32];
		int64_t due;

		snprintf(domain, sizeof(domain), "d%d.example", i);
		due = reporter_due(domain, END, "x.example", REPORTER_JITTER_MAX_S);
		assert_in_range(due, END + REPORTER_GRACE_S, END + REPORTER_GRACE_S + REPORTER_JITTER_MAX_S - 1);
		assert_int_equal(due, reporter_due(domain, END, "x.example", REPORTER_JITTER_MAX_S));
		spread = spread || due > END + REPORTER_GRACE_S + REPORTER_JITTER_MAX_S / 2;
	}
	assert_true(spread);
	assert_int_not_equal(reporter_due("a.example", END, "x.example", REPORTER_JITTER_MAX_S),
	    reporter_due("a.example", END, "y.example", REPORTER_JITTER_MAX_S));
}

static void
test_turn(void **state)
{
	static const struct {
		const char *name, *state;
		int64_t now;
		enum reporter_turn want;
	} cases[] = {
		{ "before it is due", "", -1, REPORTER_EARLY },
		{ "the first time", "", 0, REPORTER_NOW },
		{ "it was sent", "sent 1800000000", 0, REPORTER_DONE },
		{ "it failed just now", "failed 1 1800000000", 1, REPORTER_LATER },
		{ "it failed a quarter of an hour ago", "failed 1 1800000000", 900, REPORTER_NOW },
		{ "it failed twice", "failed 2 1800000000", 900, REPORTER_LATER },
		{ "half an hour ago", "failed 2 1800000000", 1800, REPORTER_NOW },
		{ "it failed often", "failed 60 1800000000", 14399, REPORTER_LATER },
		{ "four hours ago", "failed 60 1800000000", 14400, REPORTER_NOW },
		{ "in the future", "failed 60 1900000000", 5, REPORTER_NOW },
		{ "for a day", "failed 9 1800000000", REPORTER_TRY_S, REPORTER_TOO_LATE },
		{ "what is stored is nothing of ours", "sen", 0, REPORTER_NOW },
		{ "nor this", "sent ", 0, REPORTER_NOW },
		{ "nor this", "sent 5x", 0, REPORTER_NOW },
		{ "nor this", "failed 1", 0, REPORTER_NOW },
		{ "nor this", "failed -3 5", 0, REPORTER_NOW },
		{ "nor this", "failed 99999999999999999999 99999999999999999999999", 0, REPORTER_NOW },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reporter_state st;
		enum reporter_turn got;

		reporter_state_read(cases[i].state, &st);
		got = reporter_turn(&st, END, END + cases[i].now);
		if (got != cases[i].want)
			fail_msg("%s: got %d, want %d", cases[i].name, (int)got, (int)cases[i].want);
	}
}

static void
test_states(void **state)
{
	const struct reporter_state states[] = { { true, 0, END }, { false, 3, END } };
	char text[REPORTER_STATE_CAP];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct reporter_state got;

		reporter_state_read(reporter_state_write(&states[i], text), &got);
		assert_int_equal(got.sent, states[i].sent);
		assert_int_equal(got.failures, states[i].failures);
		assert_int_equal(got.at, states[i].at);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_due), cmocka_unit_test(test_turn), cmocka_unit_test(test_states) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
