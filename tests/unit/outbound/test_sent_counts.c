/* SPDX-License-Identifier: ISC */
/* test_sent_counts.c - events summed by domain and day, bounded. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/outbound/sent_counts.h"

#define NOW 1800000000	/* 2027-01-15 */

static void
add(struct sts_sent_counts *c, const char *domain, int type, bool failed, int64_t now)
{
	struct sts_sent_event *event;
	char text[512];
	int len = snprintf(text, sizeof(text), "{\"d\":\"%s\",\"policies\":[{\"policy-type\":%d,\"f\":%d%s}]}", domain, type, failed,
	    failed ? ",\"failure-details\":[{\"c\":204,\"n\":\"mx.example\"}]" : "");

	assert_int_equal(sts_sent_event_parse(text, (size_t)len, &event), STS_SENT_OK);
	sts_sent_counts_add(c, event, now);
	sts_sent_event_free(&event);
}

static void
test_sums(void **state)
{
	struct sts_sent_counts *c;
	struct sts_sent_row row;
	unsigned rows = 0;

	(void)state;
	assert_int_equal(sts_sent_counts_new(10, &c), STS_OK);
	assert_false(sts_sent_counts_take(c, &row));
	add(c, "a.example", 2, false, NOW);
	add(c, "A.example", 2, true, NOW + 5);
	add(c, "a.example", 1, false, NOW + 86400);
	while (sts_sent_counts_take(c, &row)) {
		bool first = strcmp(row.day, "2027-01-15") == 0;

		rows++;
		assert_string_equal(row.domain, "a.example");
		assert_int_equal(row.n[STS_SENT_SUCCESS], 1);
		assert_int_equal(row.n[STS_SENT_FAILURE], first);
		assert_int_equal(row.n[STS_SENT_BY_TYPE + 2 * STS_SENT_STS], first);
		assert_int_equal(row.n[STS_SENT_BY_TYPE + 2 * STS_SENT_TLSA], !first);
		assert_int_equal(row.n[STS_SENT_BY_RESULT + STS_SENT_CERTIFICATE_EXPIRED], first);
		assert_int_equal(row.last_failure, first ? NOW + 5 : 0);
		assert_string_equal(row.last_mx, first ? "mx.example" : "");
	}
	assert_int_equal(rows, 2);
	sts_sent_counts_free(&c);
}

static void
test_bound(void **state)
{
	struct sts_sent_counts *c;

	(void)state;
	assert_int_equal(sts_sent_counts_new(1, &c), STS_OK);
	add(c, "a.example", 2, false, NOW);
	add(c, "b.example", 2, false, NOW);
	add(c, "a.example", 2, false, NOW);
	assert_int_equal(sts_sent_counts_dropped(c), 1);
	sts_sent_counts_free(&c);
	assert_null(c);
}

static void
test_names(void **state)
{
	char name[STS_SENT_NAME_CAP];

	(void)state;
	assert_string_equal(sts_sent_field_name(STS_SENT_SUCCESS, name), "success");
	assert_string_equal(sts_sent_field_name(STS_SENT_BY_TYPE + 3, name), "sts:failure");
	assert_string_equal(sts_sent_field_name(STS_SENT_FIELDS - 1, name), "failure:dane-required");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sums), cmocka_unit_test(test_bound), cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
