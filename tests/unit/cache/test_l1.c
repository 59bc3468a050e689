/* SPDX-License-Identifier: ISC */
/* test_l1.c - the in-process cache: bounds, order, expiry, claims, sweeps, threads. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "shared-cache/cache/l1.h"

#define TEXT "version: STSv1\nmode: enforce\nmx: mx.example\nmax_age: 86400\n"

enum { NOW = 1700000000, NEVER = INT32_MAX };

static struct sts_entry *
make(enum sts_state state, const char *domain, int64_t checked, int64_t expires)
{
	struct sts_entry_spec spec = { .domain = domain, .state = state, .checked = checked, .expires = expires };
	struct sts_entry *entry;

	if (state == STS_STATE_POLICY) {
		spec.id = "1";
		spec.text = TEXT;
		spec.text_len = strlen(TEXT);
		spec.fetched = checked;
	}
	assert_int_equal(sts_entry_new(&spec, &entry), STS_OK);
	return entry;
}

static void
put(struct sts_l1 *l1, const char *domain, int64_t life, int64_t due, int64_t now)
{
	struct sts_entry *entry = make(STS_STATE_POLICY, domain, now, now + life);

	assert_int_equal(sts_l1_put(l1, entry, due, now), STS_OK);
	sts_entry_unref(&entry);
}

static bool
has(struct sts_l1 *l1, const char *domain, int64_t now)
{
	bool claimed;
	struct sts_entry *entry = sts_l1_get(l1, domain, now, &claimed);
	bool found = entry != NULL;

	assert_true(!found || strcmp(entry->domain, domain) == 0);
	assert_true(found || !claimed);
	sts_entry_unref(&entry);
	return found;
}

static bool
claims(struct sts_l1 *l1, const char *domain, int64_t now)
{
	bool claimed;
	struct sts_entry *entry = sts_l1_get(l1, domain, now, &claimed);

	sts_entry_unref(&entry);
	return claimed;
}

static struct sts_l1 *
new_l1(size_t max_entries, size_t max_bytes)
{
	struct sts_l1 *l1;

	assert_int_equal(sts_l1_new(max_entries, max_bytes, &l1), STS_OK);
	return l1;
}

static void
test_hit_and_miss(void **state)
{
	struct sts_l1 *l1 = new_l1(10, 1 << 20);
	struct sts_l1_state figures;

	(void)state;
	assert_false(has(l1, "a.example", NOW));
	put(l1, "a.example", 100, NEVER, NOW);
	assert_true(has(l1, "a.example", NOW + 99));
	assert_false(has(l1, "b.example", NOW));
	sts_l1_state(l1, &figures);
	assert_int_equal(figures.entries, 1);
	assert_int_equal(figures.hits, 1);
	assert_int_equal(figures.misses, 2);
	assert_true(figures.bytes > sizeof(struct sts_entry));
	sts_l1_free(&l1);
	assert_null(l1);
}

static void
test_expired_is_a_miss_but_stays(void **state)
{
	struct sts_l1 *l1 = new_l1(10, 1 << 20);
	struct sts_entry *entry;

	(void)state;
	put(l1, "a.example", 100, NOW, NOW);
	assert_false(has(l1, "a.example", NOW + 100));
	entry = sts_l1_peek(l1, "a.example");
	assert_non_null(entry);
	sts_entry_unref(&entry);
	assert_null(sts_l1_peek(l1, "b.example"));
	sts_l1_free(&l1);
}

static void
test_least_recently_used_goes(void **state)
{
	struct sts_l1 *l1 = new_l1(3, 1 << 20);
	struct sts_l1_state figures;

	(void)state;
	put(l1, "a.example", 100, NEVER, NOW);
	put(l1, "b.example", 100, NEVER, NOW);
	put(l1, "c.example", 100, NEVER, NOW);
	assert_true(has(l1, "a.example", NOW));
	put(l1, "d.example", 100, NEVER, NOW);
	assert_false(has(l1, "b.example", NOW));
	/* a put of what is there is no use */
	put(l1, "c.example", 100, NEVER, NOW);
	put(l1, "e.example", 100, NEVER, NOW);
	assert_false(has(l1, "c.example", NOW));
	assert_true(has(l1, "a.example", NOW));
	assert_true(has(l1, "d.example", NOW));
	assert_true(has(l1, "e.example", NOW));
	sts_l1_state(l1, &figures);
	assert_int_equal(figures.entries, 3);
	assert_int_equal(figures.evicted, 2);
	sts_l1_free(&l1);
}

static void
test_bytes_are_bounded(void **state)
{
	struct sts_l1 *l1 = new_l1(1000, 8192);
	struct sts_l1_state figures;
	char domain[32];

	(void)state;
	for (int i = 0; i < 100; i++) {
		snprintf(domain, sizeof(domain), "n%d.example", i);
		put(l1, domain, 100, NEVER, NOW);
		sts_l1_state(l1, &figures);
		assert_true(figures.bytes <= 8192);
	}
	assert_true(has(l1, "n99.example", NOW));
	assert_true(figures.entries >= 2 && figures.entries < 30);
	sts_l1_free(&l1);
}

static void
test_put_replaces(void **state)
{
	struct sts_l1 *l1 = new_l1(10, 1 << 20);
	struct sts_entry *held;
	struct sts_l1_state one, two;
	bool claimed;

	(void)state;
	put(l1, "a.example", 100, NEVER, NOW);
	sts_l1_state(l1, &one);
	held = sts_l1_get(l1, "a.example", NOW, &claimed);
	put(l1, "a.example", 200, NEVER, NOW);
	assert_true(has(l1, "a.example", NOW + 150));
	sts_l1_state(l1, &two);
	assert_int_equal(two.entries, 1);
	assert_int_equal(two.bytes, one.bytes);
	/* who holds the old one may still read it */
	assert_int_equal(held->expires, NOW + 100);
	sts_entry_unref(&held);
	sts_l1_free(&l1);
}

static void
test_one_claims(void **state)
{
	struct sts_l1 *l1 = new_l1(10, 1 << 20);

	(void)state;
	put(l1, "a.example", 1000, NOW + 100, NOW);
	assert_false(claims(l1, "a.example", NOW + 99));
	assert_true(claims(l1, "a.example", NOW + 100));
	assert_false(claims(l1, "a.example", NOW + 100));
	assert_false(claims(l1, "a.example", NOW + 100 + STS_L1_LEASE_S - 1));
	/* nothing came of it: somebody else may try */
	assert_true(claims(l1, "a.example", NOW + 100 + STS_L1_LEASE_S));
	put(l1, "a.example", 1000, NOW + 300, NOW);
	assert_false(claims(l1, "a.example", NOW + 299));
	assert_true(claims(l1, "a.example", NOW + 300));
	sts_l1_free(&l1);
}

/* ---- sweeps ---- */

static size_t
swept(struct sts_l1 *l1, int64_t now, int64_t used_since, size_t *visited)
{
	struct sts_l1_chunk chunk;

	*visited = sts_l1_sweep(l1, now, used_since, &chunk);
	for (size_t i = 0; i < chunk.count; i++)
		sts_entry_unref(&chunk.entries[i]);
	return chunk.count;
}

static void
test_sweep_picks_live_policies_in_use(void **state)
{
	static const struct {
		const char *name;
		enum sts_state state;
		int64_t life, put_at;
		bool picked;
	} rows[] = {
		{ "used", STS_STATE_POLICY, 50000, NOW - 100, true },
		{ "at the edge", STS_STATE_POLICY, 50000, NOW - 1000, true },
		{ "not used lately", STS_STATE_POLICY, 50000, NOW - 1001, false },
		{ "expired", STS_STATE_POLICY, 100, NOW - 100, false },
		{ "negative", STS_STATE_ABSENT, 5000, NOW - 100, false },
	};
	size_t visited;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sts_l1 *l1 = new_l1(10, 1 << 20);
		struct sts_entry *entry = make(rows[i].state, "a.example", rows[i].put_at, rows[i].put_at + rows[i].life);

		assert_int_equal(sts_l1_put(l1, entry, NEVER, rows[i].put_at), STS_OK);
		sts_entry_unref(&entry);
		if (swept(l1, NOW, NOW - 1000, &visited) != rows[i].picked)
			fail_msg("%s", rows[i].name);
		assert_int_equal(visited, 1);
		sts_l1_free(&l1);
	}
}

static void
test_sweep_drops_the_long_dead(void **state)
{
	struct sts_l1 *l1 = new_l1(10, 1 << 20);
	struct sts_l1_state figures;
	size_t visited;

	(void)state;
	put(l1, "a.example", 100, NEVER, NOW);
	swept(l1, NOW + 100 + STS_L1_DEAD_S, 0, &visited);
	sts_l1_state(l1, &figures);
	assert_int_equal(figures.entries, 1);
	swept(l1, NOW + 101 + STS_L1_DEAD_S, 0, &visited);
	sts_l1_state(l1, &figures);
	assert_int_equal(figures.entries, 0);
	assert_int_equal(figures.bytes, 0);
	sts_l1_free(&l1);
}

/* A walk meets each entry once, whatever is used and put in between. */
static void
test_sweep_goes_round(void **state)
{
	enum { N = 3 * STS_L1_CHUNK };
	struct sts_l1 *l1 = new_l1(2 * N, 1 << 24);
	static unsigned met[N];
	char domain[32];
	size_t visited = 0;

	(void)state;
	for (int i = 0; i < N; i++) {
		snprintf(domain, sizeof(domain), "n%d.example", i);
		put(l1, domain, 5000, NEVER, NOW);
	}
	while (visited < N) {
		struct sts_l1_chunk chunk;

		visited += sts_l1_sweep(l1, NOW, NOW, &chunk);
		for (size_t i = 0; i < chunk.count; i++) {
			unsigned n;

			assert_int_equal(sscanf(chunk.entries[i]->domain, "n%u.", &n), 1);
			met[n]++;
			sts_entry_unref(&chunk.entries[i]);
		}
		assert_true(has(l1, "n500.example", NOW));
		put(l1, "n2.example", 5000, NEVER, NOW);
	}
	assert_int_equal(visited, N);
	for (int i = 0; i < N; i++) {
		/* n2 was put anew, so it stands at the end again; the last ones give way to it */
		if (i != 2 && i < N - 3 && met[i] != 1)
			fail_msg("n%d met %u times", i, met[i]);
	}
	sts_l1_free(&l1);
}

/* ---- threads: for the sanitizer, and for the references ---- */

static void *
hammer(void *arg)
{
	struct sts_l1 *l1 = arg;
	struct sts_l1_chunk chunk;
	char domain[32];

	for (int i = 0; i < 2000; i++) {
		struct sts_entry *entry;
		bool claimed;

		snprintf(domain, sizeof(domain), "n%d.example", i * 7 % 90);
		entry = sts_l1_get(l1, domain, NOW, &claimed);
		if (entry != NULL && strcmp(entry->domain, domain) != 0)
			return l1;
		sts_entry_unref(&entry);
		if (i % 5 == 0) {
			entry = make(STS_STATE_POLICY, domain, NOW, NOW + 100);
			(void)sts_l1_put(l1, entry, NOW, NOW);
			sts_entry_unref(&entry);
		}
		if (i % 100 == 0) {
			(void)sts_l1_sweep(l1, NOW, NOW, &chunk);
			for (size_t k = 0; k < chunk.count; k++)
				sts_entry_unref(&chunk.entries[k]);
		}
	}
	return NULL;
}

static void
test_threads(void **state)
{
	struct sts_l1 *l1 = new_l1(50, 1 << 20);
	pthread_t threads[4];
	void *failed;

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hammer, l1), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
	sts_l1_free(&l1);
}

static void
test_forget(void **state)
{
	struct sts_l1 *l1 = new_l1(10, 1 << 20);
	struct sts_l1_state figures;

	(void)state;
	put(l1, "a.example", 100, NEVER, NOW);
	put(l1, "b.example", 100, NEVER, NOW);
	put(l1, "c.example", 100, NEVER, NOW);
	sts_l1_forget(l1, "b.example");
	sts_l1_forget(l1, "nobody.example");
	assert_true(has(l1, "a.example", NOW));
	assert_false(has(l1, "b.example", NOW));
	sts_l1_forget_all(l1);
	assert_null(sts_l1_peek(l1, "a.example"));
	sts_l1_state(l1, &figures);
	assert_int_equal(figures.entries, 0);
	assert_int_equal(figures.bytes, 0);
	put(l1, "b.example", 100, NEVER, NOW);
	assert_true(has(l1, "b.example", NOW));
	sts_l1_free(&l1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hit_and_miss),
		cmocka_unit_test(test_expired_is_a_miss_but_stays),
		cmocka_unit_test(test_least_recently_used_goes),
		cmocka_unit_test(test_bytes_are_bounded),
		cmocka_unit_test(test_put_replaces),
		cmocka_unit_test(test_one_claims),
		cmocka_unit_test(test_sweep_picks_live_policies_in_use),
		cmocka_unit_test(test_sweep_drops_the_long_dead),
		cmocka_unit_test(test_sweep_goes_round),
		cmocka_unit_test(test_forget),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
