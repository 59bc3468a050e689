/* SPDX-License-Identifier: ISC */
/* test_breaker.c - the states, the waits, and when there is something to log. */
#include "config.h"

#include "shared-cache/redis/breaker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A story: an event at a time, what the call must return, and the state it must leave. */
enum event { ASK, AWAY, TROUBLE, READ_ONLY, READ, WRITE, TRY_NOW, END };

struct step {
	int64_t at_ms;
	enum event event;
	bool want;			/* what the call returns */
	enum sts_breaker_position position;
};

#define SHUT STS_BREAKER_CLOSED
#define OPEN STS_BREAKER_OPEN
#define HALF STS_BREAKER_HALF_OPEN

static bool
do_step(struct sts_breaker *b, const struct step *step)
{
	int64_t away_ms;

	switch (step->event) {
	case ASK:
		return sts_breaker_allows(b, step->at_ms);
	case AWAY:
		return sts_breaker_failed(b, STS_BREAKER_AWAY, step->at_ms);
	case TROUBLE:
		return sts_breaker_failed(b, STS_BREAKER_TROUBLE, step->at_ms);
	case READ_ONLY:
		return sts_breaker_failed(b, STS_BREAKER_READ_ONLY, step->at_ms);
	case READ:
		return sts_breaker_succeeded(b, false, step->at_ms, &away_ms);
	case WRITE:
		return sts_breaker_succeeded(b, true, step->at_ms, &away_ms);
	case TRY_NOW:
		sts_breaker_try_now(b);
		return false;
	case END:
		break;
	}
	return false;
}

static void
test_stories(void **state)
{
	static const struct {
		const char *name;
		struct step steps[12];
	} rows[] = {
		{ "all is well", { { 0, ASK, true, SHUT }, { 1, READ, false, SHUT }, { 2, WRITE, false, SHUT }, { .event = END } } },
		{ "no connection opens at once", { { 0, AWAY, true, OPEN }, { 700, ASK, false, OPEN }, { 1000, ASK, true, HALF },
		    { 1001, READ, true, SHUT }, { 1002, ASK, true, SHUT }, { .event = END } } },
		{ "one trouble is none", { { 0, TROUBLE, false, SHUT }, { 1, READ, false, SHUT }, { 2, TROUBLE, false, SHUT },
		    { .event = END } } },
		{ "two in a row", { { 0, TROUBLE, false, SHUT }, { 1, TROUBLE, true, OPEN }, { 2, ASK, false, OPEN },
		    { .event = END } } },
		{ "told once", { { 0, AWAY, true, OPEN }, { 1000, ASK, true, HALF }, { 1000, AWAY, false, OPEN },
		    { 2400, ASK, false, OPEN }, { 3000, ASK, true, HALF }, { 3000, TROUBLE, false, OPEN },
		    { 5900, ASK, false, OPEN }, { 7000, ASK, true, HALF }, { 7001, WRITE, true, SHUT }, { .event = END } } },
		{ "half open lets more than one through", { { 0, AWAY, true, OPEN }, { 1000, ASK, true, HALF },
		    { 1000, ASK, true, HALF }, { .event = END } } },
		{ "reads do not end read-only", { { 0, READ_ONLY, true, OPEN }, { 1000, ASK, true, HALF },
		    { 1000, READ, false, HALF }, { 1001, ASK, true, HALF }, { 1002, READ_ONLY, false, OPEN },
		    { 3002, ASK, true, HALF }, { 3002, READ, false, HALF }, { 3003, WRITE, true, SHUT }, { .event = END } } },
		{ "a lost connection does not end read-only", { { 0, READ_ONLY, true, OPEN }, { 1000, ASK, true, HALF },
		    { 1000, AWAY, false, OPEN }, { 3000, ASK, true, HALF }, { 3000, READ, false, HALF },
		    { 3001, WRITE, true, SHUT }, { .event = END } } },
		{ "away, then read-only", { { 0, AWAY, true, OPEN }, { 1000, ASK, true, HALF }, { 1000, READ_ONLY, false, OPEN },
		    { 3000, ASK, true, HALF }, { 3000, READ, false, HALF }, { .event = END } } },
		{ "soon again waits longer", { { 0, AWAY, true, OPEN }, { 1000, ASK, true, HALF }, { 1000, READ, true, SHUT },
		    { 2000, AWAY, true, OPEN }, { 3000, ASK, false, OPEN }, { 4000, ASK, true, HALF }, { .event = END } } },
		{ "much later waits as at first", { { 0, AWAY, true, OPEN }, { 1000, ASK, true, HALF }, { 1000, READ, true, SHUT },
		    { 61000, AWAY, true, OPEN }, { 62000, ASK, true, HALF }, { .event = END } } },
		{ "try now", { { 0, AWAY, true, OPEN }, { 1, TRY_NOW, false, HALF }, { 1, ASK, true, HALF },
		    { 2, AWAY, false, OPEN }, { .event = END } } },
		{ "try now of a closed one", { { 0, TRY_NOW, false, SHUT }, { .event = END } } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sts_breaker b;

		sts_breaker_init(&b, (uint32_t)i);
		for (const struct step *step = rows[i].steps; step->event != END; step++) {
			bool got = do_step(&b, step);

			if (got != step->want || b.position != step->position)
				fail_msg("%s, step %d: got %d in position %d, want %d in %d", rows[i].name,
				    (int)(step - rows[i].steps), got, (int)b.position, step->want, (int)step->position);
		}
	}
}

static void
test_waits(void **state)
{
	static const int64_t longest[] = { 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000 };
	int64_t now_ms = 0, first_wait = 0, away_ms = 0;
	bool differ = false;

	(void)state;
	for (uint32_t seed = 0; seed < 50; seed++) {
		struct sts_breaker b;

		sts_breaker_init(&b, seed);
		now_ms = 5;
		for (size_t i = 0; i < sizeof(longest) / sizeof(longest[0]); i++) {
			int64_t wait;

			assert_int_equal(sts_breaker_failed(&b, STS_BREAKER_AWAY, now_ms), i == 0);
			wait = b.until_ms - now_ms;
			if (wait > longest[i] || wait <= longest[i] * 3 / 4)
				fail_msg("seed %u, failure %zu: waits %lld ms", seed, i, (long long)wait);
			if (i == 0 && seed > 0 && wait != first_wait)
				differ = true;
			if (i == 0)
				first_wait = wait;
			assert_false(sts_breaker_allows(&b, b.until_ms - 1));
			now_ms = b.until_ms;
			assert_true(sts_breaker_allows(&b, now_ms));
		}
		assert_true(sts_breaker_succeeded(&b, false, now_ms, &away_ms));
		assert_int_equal(away_ms, now_ms - 5);
	}
	assert_true(differ);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stories),
		cmocka_unit_test(test_waits),
	};

	return cmocka_run_group_tests_name("breaker", tests, NULL, NULL);
}
