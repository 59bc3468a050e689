/* SPDX-License-Identifier: ISC */
/* test_domain_rates.c - two readings of domains, compared and sorted. */
#include "config.h"

#include "stsctl/overview/domain_rates.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
add(struct domain_rates *rates, const char *name, int64_t messages, int64_t plaintext, int64_t fail, int64_t seen)
{
	struct domain_rate row = { .messages = messages, .plaintext = plaintext, .fail = fail, .last_seen = seen };

	strcpy(row.domain, name);
	assert_true(domain_rates_add(rates, &row));
}

static void
want(struct domain_rates *rates, enum domain_column by, const char *order)
{
	char got[64] = "";

	domain_rates_sort(rates, by);
	assert_true(rates->count < sizeof(got));
	for (size_t i = 0; i < rates->count; i++)
		got[i] = rates->list[i].domain[0];
	if (strcmp(got, order) != 0)
		fail_msg("by %s: %s, not %s", domain_columns[by], got, order);
}

static void
test_rates(void **state)
{
	struct domain_rates before = { .mono_ms = 1000, .day = "2026-11-29" }, now = { .mono_ms = 3000, .day = "2026-11-29" }, next = {
		.mono_ms = 4000, .day = "2026-11-30" };

	(void)state;
	add(&before, "c", 10, 0, 0, 1);
	add(&before, "a", 10, 0, 0, 1);
	add(&before, "b", 10, 0, 0, 1);
	add(&now, "b", 14, 3, 0, 2);
	add(&now, "a", 10, 1, 2, 3);
	add(&now, "d", 100, 2, 1, 4);		/* was not there */
	add(&now, "c", 5, 0, 0, 5);		/* has begun anew */
	add(&now, "b", 16, 3, 0, 6);		/* seen while it was read */
	domain_rates_settle(&now, &before);
	assert_int_equal(now.count, 4);
	want(&now, DOMAIN_NAME, "abcd");
	assert_true(now.list[0].rate == 0);
	assert_true(now.list[1].rate == 3 && now.list[1].messages == 16);
	assert_true(now.list[2].rate < 0 && now.list[3].rate < 0);
	want(&now, DOMAIN_RATE, "badc");
	want(&now, DOMAIN_MESSAGES, "dbac");
	want(&now, DOMAIN_PLAINTEXT, "bdac");
	want(&now, DOMAIN_FAIL, "adbc");
	want(&now, DOMAIN_SEEN, "bcda");
	/* sorted otherwise, it can be compared all the same; over midnight it cannot */
	add(&next, "a", 11, 0, 0, 9);
	domain_rates_settle(&next, &now);
	assert_true(next.list[0].rate < 0);
	strcpy(next.day, "2026-11-29");
	domain_rates_settle(&next, &now);
	assert_true(next.list[0].rate == 1);
	domain_rates_fini(&before);
	domain_rates_fini(&now);
	domain_rates_fini(&next);
}

static void
test_first(void **state)
{
	struct domain_rates none = { .list = NULL }, now = { .mono_ms = 5 };

	(void)state;
	domain_rates_settle(&now, &none);
	domain_rates_sort(&now, DOMAIN_RATE);
	add(&now, "a", 1, 0, 0, 0);
	domain_rates_settle(&now, &none);
	assert_true(now.list[0].rate < 0);
	domain_rates_fini(&now);
	assert_true(domain_rates_of(1, 2, 0) < 0);
	assert_true(domain_rates_of(2, 1, 10) < 0);
	assert_true(domain_rates_of(1, 2, 500) == 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
