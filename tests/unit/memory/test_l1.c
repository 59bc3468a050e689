/* SPDX-License-Identifier: ISC */
/* test_l1.c - the in-process cache: storing, expiry, claims, threads. */
#include "config.h"

#include "shared-cache/memory/l1.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/memory/l1_world.h"

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

/* The stamp tells whoever keeps derived data that the entry was replaced or forgotten. */
static void
test_stamps(void **state)
{
	struct sts_l1 *l1 = new_l1(10, 1 << 20);
	uint32_t place = sts_l1_place("a.example"), stamp = sts_l1_stamp(l1, place), next;

	(void)state;
	put(l1, "a.example", 100, NEVER, NOW);
	assert_int_not_equal(next = sts_l1_stamp(l1, place), stamp);
	assert_true(has(l1, "a.example", NOW));
	assert_int_equal(sts_l1_stamp(l1, place), stamp = next);
	sts_l1_forget(l1, "a.example");
	assert_int_not_equal(next = sts_l1_stamp(l1, place), stamp);
	stamp = next;
	sts_l1_forget_all(l1);
	assert_int_not_equal(sts_l1_stamp(l1, place), stamp);
	sts_l1_free(&l1);
}

/* An entry that is packed into a few bytes comes out unchanged. */
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
	/* a holder of a reference may keep it */
	sts_l1_free(&l1);
	assert_string_equal(b->text, TEXT);
	sts_entry_unref(&a);
	sts_entry_unref(&b);
}

/* The organisational domains of a policy's mx are found once, and each is listed once. */
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

/* Thousands of random steps, compared with an array. */
static void
test_against_a_model(void **state)
{
	enum { N = 3000, STEPS = 60000 };
	static const enum sts_entry_state states[] = { STS_STATE_POLICY, STS_STATE_ABSENT };
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
	/* a holder of the old entry may still read it */
	assert_int_equal(held->expires, NOW + 100);
	sts_entry_unref(&held);
	sts_l1_free(&l1);
}

static bool
claims(struct sts_l1 *l1, const char *domain, int64_t now)
{
	bool claimed;
	struct sts_entry *entry = sts_l1_get(l1, domain, now, &claimed);

	sts_entry_unref(&entry);
	return claimed;
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
	/* the refresh failed: another caller may try */
	assert_true(claims(l1, "a.example", NOW + 100 + STS_L1_LEASE_S));
	put(l1, "a.example", 1000, NOW + 300, NOW);
	assert_false(claims(l1, "a.example", NOW + 299));
	assert_true(claims(l1, "a.example", NOW + 300));
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

/* ---- threads: for the sanitizer, and for the reference counts ---- */

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hit_and_miss),
		cmocka_unit_test(test_expired_is_a_miss_but_stays),
		cmocka_unit_test(test_stamps),
		cmocka_unit_test(test_nothing_is_lost),
		cmocka_unit_test(test_texts_are_shared),
		cmocka_unit_test(test_organisations),
		cmocka_unit_test(test_against_a_model),
		cmocka_unit_test(test_put_replaces),
		cmocka_unit_test(test_one_claims),
		cmocka_unit_test(test_forget),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
