/* SPDX-License-Identifier: ISC */
/* test_l1_sweep.c - sweeps of the in-process cache: what they return, what they drop, and that they visit each entry once. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/memory/l1_world.h"

static size_t
swept(struct sts_l1 *l1, int64_t now, int64_t used_since)
{
	struct sts_l1_chunk chunk;

	assert_true(sts_l1_sweep(l1, now, used_since, &chunk));
	for (size_t i = 0; i < chunk.count; i++)
		sts_entry_unref(&chunk.entries[i]);
	return chunk.count;
}

static void
test_sweep_picks_live_policies_in_use(void **state)
{
	static const struct {
		const char *name;
		enum sts_entry_state state;
		int64_t life, put_at;
		bool picked;
	} rows[] = {
		{ "used", STS_STATE_POLICY, 50000, NOW - 100, true },
		{ "at the edge", STS_STATE_POLICY, 50000, NOW - 1000, true },
		{ "not used lately", STS_STATE_POLICY, 50000, NOW - 1001, false },
		{ "expired", STS_STATE_POLICY, 100, NOW - 100, false },
		{ "negative", STS_STATE_ABSENT, 5000, NOW - 100, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sts_l1 *l1 = new_l1(10, 1 << 20);
		struct sts_entry *entry = make(rows[i].state, "a.example", rows[i].put_at, rows[i].put_at + rows[i].life);

		assert_int_equal(sts_l1_put(l1, entry, NEVER, rows[i].put_at), STS_OK);
		sts_entry_unref(&entry);
		if (swept(l1, NOW, NOW - 1000) != rows[i].picked)
			fail_msg("%s", rows[i].name);
		sts_l1_free(&l1);
	}
}

static void
test_sweep_drops_the_long_dead(void **state)
{
	struct sts_l1 *l1 = new_l1(10, 1 << 20);
	struct sts_l1_state figures;

	(void)state;
	put(l1, "a.example", 100, NEVER, NOW);
	swept(l1, NOW + 100 + STS_L1_DEAD_S, 0);
	sts_l1_state(l1, &figures);
	assert_int_equal(figures.entries, 1);
	swept(l1, NOW + 101 + STS_L1_DEAD_S, 0);
	sts_l1_state(l1, &figures);
	assert_int_equal(figures.entries, 0);
	assert_int_equal(figures.bytes, 0);
	sts_l1_free(&l1);
}

/* A sweep visits each entry once, whatever is used or stored meanwhile. */
static void
test_sweep_goes_round(void **state)
{
	enum { N = 3 * STS_L1_CHUNK };
	struct sts_l1 *l1 = new_l1(2 * N, 1 << 24);
	static unsigned met[N];
	char domain[32];
	bool is_round = false;

	(void)state;
	for (int i = 0; i < N; i++) {
		snprintf(domain, sizeof(domain), "n%d.example", i);
		put(l1, domain, 5000, NEVER, NOW);
	}
	while (!is_round) {
		struct sts_l1_chunk chunk;

		is_round = sts_l1_sweep(l1, NOW, NOW, &chunk);
		for (size_t i = 0; i < chunk.count; i++) {
			unsigned n;

			assert_int_equal(sscanf(chunk.entries[i]->domain, "n%u.", &n), 1);
			met[n]++;
			sts_entry_unref(&chunk.entries[i]);
		}
		assert_true(has(l1, "n500.example", NOW));
		put(l1, "n2.example", 5000, NEVER, NOW);
	}
	for (int i = 0; i < N; i++) {
		if (met[i] != 1)
			fail_msg("n%d met %u times", i, met[i]);
	}
	sts_l1_free(&l1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sweep_picks_live_policies_in_use),
		cmocka_unit_test(test_sweep_drops_the_long_dead),
		cmocka_unit_test(test_sweep_goes_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
