/* SPDX-License-Identifier: ISC */
/* test_l1.c - the in-process cache: bounds, who goes, expiry, claims, sweeps, threads. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "shared-cache/memory/l1.h"

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

	assert_int_equal(sts_l1_new(max_entries, max_bytes, NULL, &l1), STS_OK);
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
put_absent(struct sts_l1 *l1, const char *domain)
{
	struct sts_entry *entry = make(STS_STATE_ABSENT, domain, NOW, NOW + 300);

	assert_int_equal(sts_l1_put(l1, entry, NOW + 300, NOW), STS_OK);
	sts_entry_unref(&entry);
}

/* As a message does: it asks, and puts what it did not find. */
static bool
mail_from(struct sts_l1 *l1, const char *name, int i)
{
	char domain[32];

	snprintf(domain, sizeof(domain), "%s%d.example", name, i);
	if (has(l1, domain, NOW))
		return true;
	put_absent(l1, domain);
	return false;
}

static unsigned
count(struct sts_l1 *l1, const char *name, int n)
{
	unsigned found = 0;
	char domain[32];

	for (int i = 0; i < n; i++) {
		struct sts_entry *entry;

		snprintf(domain, sizeof(domain), "%s%d.example", name, i);
		entry = sts_l1_peek(l1, domain);
		found += entry != NULL;
		sts_entry_unref(&entry);
	}
	return found;
}

static void
test_a_flood_of_strangers_leaves_the_popular(void **state)
{
	struct sts_l1 *l1 = new_l1(100, 1 << 20);
	struct sts_l1_state figures;

	(void)state;
	for (int round = 0; round < 4; round++) {
		for (int i = 0; i < 50; i++)
			mail_from(l1, "popular", i);
	}
	for (int i = 0; i < 10000; i++) {
		mail_from(l1, "stranger", i);
		if (i % 10 == 0)
			mail_from(l1, "popular", i / 10 % 50);
	}
	assert_int_equal(count(l1, "popular", 50), 50);
	sts_l1_state(l1, &figures);
	assert_int_equal(figures.entries, 100);
	assert_int_equal(figures.evicted, 10050 - 100);
	sts_l1_free(&l1);
}

/* Whoever comes back soon after he was pushed out of the small queue was no stranger. */
static void
test_ghosts(void **state)
{
	struct sts_l1 *l1 = new_l1(100, 1 << 20);

	(void)state;
	for (int i = 0; i < 100; i++)
		mail_from(l1, "old", i);
	mail_from(l1, "back", 1);
	for (int i = 0; i < 100; i++)
		mail_from(l1, "stranger", i);
	assert_false(mail_from(l1, "back", 1));
	for (int i = 0; i < 60; i++)
		mail_from(l1, "another", i);
	assert_true(mail_from(l1, "back", 1));
	sts_l1_free(&l1);
}

/* RFC 8461 section 5.1 wants a policy kept until it expires. */
static void
test_live_policies_go_last(void **state)
{
	struct sts_l1 *l1 = new_l1(100, 1 << 20);
	char domain[32];

	(void)state;
	for (int i = 0; i < 80; i++) {
		snprintf(domain, sizeof(domain), "policy%d.example", i);
		put(l1, domain, 86400, NEVER, NOW);
	}
	for (int i = 0; i < 5000; i++) {
		mail_from(l1, "stranger", i);
		mail_from(l1, "regular", i % 8);
	}
	assert_int_equal(count(l1, "policy", 80), 80);
	/* a flood of policies takes 7/8 of the room, no more */
	for (int i = 0; i < 500; i++) {
		snprintf(domain, sizeof(domain), "invented%d.example", i);
		put(l1, domain, 86400, NEVER, NOW);
	}
	assert_int_equal(count(l1, "policy", 80) + count(l1, "invented", 500), 87);
	assert_int_equal(count(l1, "regular", 8), 8);
	sts_l1_free(&l1);
}

/* What is told of a domain changes its kind again and again: nothing piles up. */
static void
test_to_and_fro(void **state)
{
	struct sts_l1 *l1 = new_l1(1000, 1 << 20);
	struct sts_l1_state figures;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		put(l1, "a.example", 100, NEVER, NOW);
		assert_true(has(l1, "a.example", NOW));
		put_absent(l1, "a.example");
		assert_true(has(l1, "a.example", NOW));
	}
	sts_l1_state(l1, &figures);
	assert_int_equal(figures.entries, 1);
	assert_true(figures.bytes < 100);
	assert_int_equal(figures.evicted, 0);
	sts_l1_free(&l1);
}

/* What is kept in a few bytes comes out as it went in. */
static void
test_nothing_is_lost(void **state)
{
	static const struct sts_entry_spec rows[] = {
		{ .domain = "absent.example", .state = STS_STATE_ABSENT, .checked = NOW - 7, .expires = NOW + 3600 },
		{ .domain = "failed.example", .state = STS_STATE_FAILED, .reason = STS_REASON_FETCH_TLS, .checked = NOW - 5,
		    .expires = NOW + 300, .retry = NOW + 300 },
		{ .domain = "overload.example", .state = STS_STATE_FAILED, .reason = STS_REASON_OVERLOAD, .checked = NOW,
		    .expires = NOW + 300, .retry = NOW + 300 },
		{ .domain = "with-id.example", .state = STS_STATE_FAILED, .reason = STS_REASON_DNS_TIMEOUT, .id = "20250101",
		    .checked = NOW - 5, .expires = NOW + 300, .retry = NOW + 300 },
		{ .domain = "later.example", .state = STS_STATE_FAILED, .reason = STS_REASON_DNS_FAILURE, .checked = NOW - 5,
		    .expires = NOW + 300, .retry = NOW + 600 },
		{ .domain = "far.example", .state = STS_STATE_ABSENT, .checked = NOW, .expires = (int64_t)UINT32_MAX + 10 },
		{ .domain = "x", .state = STS_STATE_ABSENT, .checked = NOW, .expires = NOW + 1 },
		{ .domain = "policy.example", .state = STS_STATE_POLICY, .id = "1", .text = TEXT, .text_len = sizeof(TEXT) - 1,
		    .fetched = NOW - 9, .checked = NOW - 3, .expires = NOW + 1000, .reason = STS_REASON_FETCH_TLS, .retry = NOW + 5 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sts_l1 *l1 = new_l1(10, 1 << 20);
		struct sts_entry *in, *out;
		bool claimed;

		assert_int_equal(sts_entry_new(&rows[i], &in), STS_OK);
		assert_int_equal(sts_l1_put(l1, in, in->expires, NOW), STS_OK);
		out = sts_l1_get(l1, rows[i].domain, NOW, &claimed);
		assert_non_null(out);
		if (strcmp(out->domain, in->domain) != 0 || strcmp(out->id, in->id) != 0 || out->state != in->state ||
		    out->reason != in->reason || out->fetched != in->fetched || out->checked != in->checked ||
		    out->expires != in->expires || out->retry != in->retry || out->text_len != in->text_len)
			fail_msg("%s", rows[i].domain);
		sts_entry_unref(&in);
		sts_entry_unref(&out);
		sts_l1_free(&l1);
	}
}

static void
test_texts_are_shared(void **state)
{
	struct sts_l1 *l1 = new_l1(10, 1 << 20);
	struct sts_entry *a, *b;
	bool claimed;

	(void)state;
	put(l1, "a.example", 100, NEVER, NOW);
	put(l1, "b.example", 100, NEVER, NOW);
	a = sts_l1_get(l1, "a.example", NOW, &claimed);
	b = sts_l1_get(l1, "b.example", NOW, &claimed);
	assert_ptr_equal(a->policy, b->policy);
	assert_string_equal(a->text, TEXT);
	/* who has it may keep it */
	sts_l1_free(&l1);
	assert_string_equal(b->text, TEXT);
	sts_entry_unref(&a);
	sts_entry_unref(&b);
}

/* The organisational domains of a policy's mx are found once, each is there once. */
static void
test_organisations(void **state)
{
	static const char text[] = "version: STSv1\nmode: enforce\nmx: a.example.com\nmx: *.b.example.com\nmx: c.example.co.uk\n"
	    "max_age: 86400\n";
	struct sts_entry_spec spec = { .domain = "a.example", .state = STS_STATE_POLICY, .id = "1", .text = text,
		.text_len = sizeof(text) - 1, .fetched = NOW, .checked = NOW, .expires = NOW + 100 };
	struct sts_organisations *list;
	struct sts_entry *entry;
	struct sts_l1 *l1;
	bool claimed;

	(void)state;
	if (sts_organisations_new(&list) != STS_OK)
		skip();
	assert_int_equal(sts_l1_new(10, 1 << 20, list, &l1), STS_OK);
	assert_int_equal(sts_entry_new(&spec, &entry), STS_OK);
	assert_int_equal(sts_l1_put(l1, entry, NEVER, NOW), STS_OK);
	sts_entry_unref(&entry);
	entry = sts_l1_get(l1, "a.example", NOW, &claimed);
	assert_int_equal(entry->policy->org_count, 2);
	assert_string_equal(entry->policy->orgs[0], "example.com");
	assert_string_equal(entry->policy->orgs[1], "example.co.uk");
	sts_entry_unref(&entry);
	sts_l1_free(&l1);
	sts_organisations_free(&list);
}

/* Thousands of random steps against an array. */
static void
test_against_a_model(void **state)
{
	enum { N = 3000, STEPS = 60000 };
	static const enum sts_state states[] = { STS_STATE_POLICY, STS_STATE_ABSENT };
	struct sts_l1 *l1 = new_l1(N, (size_t)N * 4096);
	static int model[N];
	uint32_t seed = 1;
	char domain[32];

	(void)state;
	for (int i = 0; i < STEPS; i++) {
		unsigned n, what;
		struct sts_entry *entry;

		seed = seed * 1664525u + 1013904223u;
		n = (seed >> 8) % N;
		what = (seed >> 4) % 4;
		snprintf(domain, sizeof(domain), "n%u.example", n);
		if (what < 2) {
			entry = make(states[what], domain, NOW, NOW + 300);
			assert_int_equal(sts_l1_put(l1, entry, NOW + 300, NOW), STS_OK);
			sts_entry_unref(&entry);
			model[n] = 1 + (int)what;
		} else if (what == 2 && seed >> 31) {
			sts_l1_forget(l1, domain);
			model[n] = 0;
		} else {
			entry = sts_l1_peek(l1, domain);
			if ((entry == NULL) != (model[n] == 0) || (entry != NULL && entry->state != states[model[n] - 1]))
				fail_msg("step %d: %s", i, domain);
			sts_entry_unref(&entry);
		}
	}
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
	assert_true(figures.entries >= 2 && figures.entries < 40);
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

/* A walk meets each entry once, whatever is used and put in between. */
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
		cmocka_unit_test(test_a_flood_of_strangers_leaves_the_popular),
		cmocka_unit_test(test_ghosts),
		cmocka_unit_test(test_live_policies_go_last),
		cmocka_unit_test(test_to_and_fro),
		cmocka_unit_test(test_nothing_is_lost),
		cmocka_unit_test(test_texts_are_shared),
		cmocka_unit_test(test_organisations),
		cmocka_unit_test(test_against_a_model),
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
