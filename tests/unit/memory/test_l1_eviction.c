/* SPDX-License-Identifier: ISC */
/* test_l1_eviction.c - the bounds of the in-process cache, and what is evicted. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/memory/l1_world.h"

static void
put_absent(struct sts_l1 *l1, const char *domain)
{
	struct sts_entry *entry = make(STS_STATE_ABSENT, domain, NOW, NOW + 300);

	assert_int_equal(sts_l1_put(l1, entry, NOW + 300, NOW), STS_OK);
	sts_entry_unref(&entry);
}

/* As a message does: looks the domain up, and stores it if it is missing. */
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

enum { KNOWN = 5000, ROOM = 1000, WARM = 150000, LOOKUPS = 50000 };

static uint32_t
draw(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*state >> 32);
}

/* One of the known domains, by Zipf's law. */
static int
pick(const double cumulated[KNOWN], uint64_t *state)
{
	double point = draw(state) / 4294967296.0 * cumulated[KNOWN - 1];
	int low = 0, high = KNOWN - 1;

	while (low < high) {
		int middle = (low + high) / 2;

		if (cumulated[middle] < point)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* In thousandths, for known domains, with so many new ones between any two of them. */
static unsigned
hit_rate(unsigned strangers)
{
	static double cumulated[KNOWN];
	struct sts_l1 *l1 = new_l1(ROOM, (size_t)ROOM * 2048);
	uint64_t state = 1;
	unsigned hits = 0;
	int stranger = 0;

	for (int i = 0; i < KNOWN; i++)
		cumulated[i] = (i > 0 ? cumulated[i - 1] : 0) + 1.0 / (i + 1);
	for (int i = 0; i < WARM + LOOKUPS; i++) {
		for (unsigned k = 0; k < strangers; k++)
			mail_from(l1, "stranger", stranger++);
		hits += mail_from(l1, "known", pick(cumulated, &state)) && i >= WARM;
	}
	sts_l1_free(&l1);
	return hits * 1000 / LOOKUPS;
}

/* Nine of ten senders are invented: known ones are found as if there were none of those. */
static void
test_hit_rate(void **state)
{
	unsigned calm = hit_rate(0), flooded = hit_rate(9);

	(void)state;
	if (calm < 750 || flooded + 25 < calm)
		fail_msg("%u of 1,000 are found, in a flood %u", calm, flooded);
}

/* A domain that returns soon after it was evicted from the small queue goes to the main queue. */
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

/* The kind of a domain's entry changes again and again: nothing piles up. */
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_flood_of_strangers_leaves_the_popular),
		cmocka_unit_test(test_hit_rate),
		cmocka_unit_test(test_ghosts),
		cmocka_unit_test(test_live_policies_go_last),
		cmocka_unit_test(test_to_and_fro),
		cmocka_unit_test(test_bytes_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
