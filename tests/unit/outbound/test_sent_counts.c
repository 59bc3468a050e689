/* SPDX-License-Identifier: ISC */
/* test_sent_counts.c - sums events by domain and day, within limits. */
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
		assert_int_equal(row.outcome_count, first ? 3 : 1);
		sts_sent_row_fini(&row);
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

/* Outcomes: sessions that are alike are counted together, by policy and by failure. */
static void
test_outcomes(void **state)
{
	static const char details[] = "{\"d\":\"a.example\",\"policies\":[{\"policy-type\":2,\"policy-domain\":\"a.example\","
	    "\"policy-string\":[\"version: STSv1\"],\"mx-host\":[\"mx.a.example\"],\"f\":1,\"failure-details\":["
	    "{\"c\":204,\"s\":\"192.0.2.1\",\"n\":\"mx.a.example\",\"h\":\"h\",\"r\":\"192.0.2.2\",\"a\":\"i\",\"f\":\"x\"}]}]}";
	static const char *const want[] = {
		"[\"failure\",{\"mx-host\":[\"mx.a.example\"],\"policy-domain\":\"a.example\",\"policy-string\":[\"version: STSv1\"],"
		"\"policy-type\":\"sts\"}]",
		"[\"detail\",{\"mx-host\":[\"mx.a.example\"],\"policy-domain\":\"a.example\",\"policy-string\":[\"version: STSv1\"],"
		"\"policy-type\":\"sts\"},{\"additional-information\":\"i\",\"failure-reason-code\":\"x\",\"receiving-ip\":\"192.0.2.2\","
		"\"receiving-mx-helo\":\"h\",\"receiving-mx-hostname\":\"mx.a.example\",\"result-type\":\"certificate-expired\","
		"\"sending-mta-ip\":\"192.0.2.1\"}]",
	};
	struct sts_sent_counts *c;
	struct sts_sent_event *event;
	struct sts_sent_row row;

	(void)state;
	assert_int_equal(sts_sent_counts_new(10, &c), STS_OK);
	assert_int_equal(sts_sent_event_parse(details, sizeof(details) - 1, &event), STS_SENT_OK);
	sts_sent_counts_add(c, event, NOW);
	sts_sent_counts_add(c, event, NOW);
	sts_sent_event_free(&event);
	assert_true(sts_sent_counts_take(c, &row));
	assert_int_equal(row.outcome_count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_string_equal(row.outcomes[i].name, want[i]);
		assert_int_equal(row.outcomes[i].n, 2);
	}
	sts_sent_row_fini(&row);
	sts_sent_counts_free(&c);
}

static void
test_items_bound(void **state)
{
	struct sts_sent_counts *c;
	struct sts_sent_event *event;
	struct sts_sent_row row;
	char text[8192], longest[401];

	(void)state;
	assert_int_equal(sts_sent_counts_new(10, &c), STS_OK);
	memset(longest, 'x', 400);
	longest[400] = '\0';
	for (int i = 0; i < 100; i++) {
		/* twelve strings of a policy do not fit into a name: it is named without its text, so all are alike */
		int len = snprintf(text, sizeof(text), "{\"d\":\"a.example\",\"policies\":[{\"policy-type\":2,\"policy-domain\":\"p%d.example\","
		    "\"f\":0,\"policy-string\":[", i / 2);

		for (int k = 0; k < 12; k++)
			len += snprintf(text + len, sizeof(text) - (size_t)len, "%s\"%d%s\"", k > 0 ? "," : "", i, longest);
		len += snprintf(text + len, sizeof(text) - (size_t)len, "]}]}");
		assert_int_equal(sts_sent_event_parse(text, (size_t)len, &event), STS_SENT_OK);
		sts_sent_counts_add(c, event, NOW);
		sts_sent_event_free(&event);
	}
	assert_true(sts_sent_counts_take(c, &row));
	assert_int_equal(row.n[STS_SENT_SUCCESS], 100);
	assert_int_equal(row.outcome_count, STS_SENT_OUTCOMES_MAX);
	assert_string_equal(row.outcomes[0].name, "[\"success\",{\"policy-domain\":\"p0.example\",\"policy-type\":\"sts\"}]");
	assert_int_equal(row.outcomes[0].n, 2);
	sts_sent_row_fini(&row);
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
		cmocka_unit_test(test_sums), cmocka_unit_test(test_bound), cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_items_bound), cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
