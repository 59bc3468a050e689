/* SPDX-License-Identifier: ISC */
/* test_domain_ranking.c - domains of a walk: sorted, without duplicates, at most as many as wanted. */
#include "config.h"

#include "stsctl/stats/domain_ranking.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static bool
add(struct domain_ranking *rows, const char *domain, int64_t seen, int64_t n)
{
	struct sts_query_row row = { .last_seen = seen, .n = { 0, n } };

	snprintf(row.domain, sizeof(row.domain), "%s", domain);
	return domain_ranking_add(rows, &row);
}

static void
test_sorted_once(void **state)
{
	struct domain_ranking rows = { .key = 1 };

	(void)state;
	domain_ranking_settle(&rows);
	assert_int_equal(rows.count, 0);
	assert_true(add(&rows, "b.example", 1, 5));
	assert_true(add(&rows, "a.example", 1, 5));
	assert_true(add(&rows, "c.example", 2, 1));
	assert_true(add(&rows, "c.example", 3, 9));
	domain_ranking_settle(&rows);
	assert_int_equal(rows.count, 3);
	assert_string_equal(rows.rows[0].domain, "c.example");
	assert_int_equal(rows.rows[0].n[1], 9);
	assert_string_equal(rows.rows[1].domain, "a.example");
	assert_string_equal(rows.rows[2].domain, "b.example");
	domain_ranking_fini(&rows);
}

static void
test_keep(void **state)
{
	struct domain_ranking rows = { .key = 1, .keep = 3 };
	char name[32];

	(void)state;
	for (int i = 0; i < 10000; i++) {
		snprintf(name, sizeof(name), "d%d.example", i);
		assert_true(add(&rows, name, i, i * 7919 % 10007));
	}
	assert_true(rows.count < 1000);
	domain_ranking_settle(&rows);
	assert_true(rows.count >= 3);
	/* 7919 has an inverse modulo 10007, so that each number is there once: 10006, 10005, 10004, but for i beyond 9999 */
	assert_true(rows.rows[0].n[1] > rows.rows[1].n[1] && rows.rows[1].n[1] > rows.rows[2].n[1]);
	assert_true(rows.rows[2].n[1] >= 10000);
	domain_ranking_fini(&rows);
}

static void
test_full(void **state)
{
	struct domain_ranking rows = { .key = 1 };
	char name[32];

	(void)state;
	for (int i = 0; i < DOMAIN_RANKING_MAX; i++) {
		snprintf(name, sizeof(name), "d%d.example", i);
		assert_true(add(&rows, name, i, 1));
	}
	assert_false(add(&rows, "more.example", 1, 1));
	assert_int_equal(rows.status, STS_EFULL);
	domain_ranking_fini(&rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sorted_once),
		cmocka_unit_test(test_keep),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
