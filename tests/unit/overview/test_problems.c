/* SPDX-License-Identifier: ISC */
/* test_problems.c - the problems of a fleet, and what a page of metrics says. */
#include "config.h"

#include "stsctl/overview/problems.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/overview/local_metrics.h"

enum { NOW = 1786300000 };

#define MX1 .name = "mx1", .version = "1.0", .started = NOW - 1000
#define GOOD MX1, .seen = NOW - 3

static void
test_nodes(void **state)
{
	static const struct {
		const char *row;
		struct sts_query_node nodes[2];
		size_t count;
		const char *text;	/* of the first warning, its beginning; NULL: there is none */
		int64_t since;
		bool serious;
	} rows[] = {
		{ "nobody", { { .seen = 0 } }, 0, "no milter has sent a heartbeat within 7 days", 0, true },
		{ "all is well", { { GOOD } }, 1, NULL, 0, false },
		{ "just alive", { { MX1, .seen = NOW - 60 } }, 1, NULL, 0, false },
		{ "silent", { { MX1, .seen = NOW - 61 } }, 1, "mx1 is silent", NOW - 61, true },
		{ "tripped", { { GOOD, .tripped = NOW - 500 } }, 1, "the trip wire of mx1 has tripped", NOW - 500, true },
		{ "tripped, and gone", { { MX1, .tripped = NOW - 500, .seen = NOW - 400 } }, 1, "mx1 is silent", NOW - 400, true },
		{ "clock", { { MX1, .seen = NOW + 11 } }, 1, "the clock of mx1 is 11 s ahead", NOW + 11, false },
		{ "clock, a little", { { MX1, .seen = NOW + 10 } }, 1, NULL, 0, false },
		{ "folded", { { GOOD, .folded_messages = 7 } }, 1, "mx1 has counted 7 messages under", NOW - 1000, false },
		{ "dropped", { { GOOD, .dropped_stream = 8 } }, 1, "mx1 has left 8 messages out of the evidence", NOW - 1000, false },
		{ "two versions", { { GOOD }, { .name = "mx2", .version = "1.1", .seen = NOW, .started = NOW - 9 } }, 2,
		    "milters of different versions: 1.0 on mx1, 1.1 on mx2", NOW - 9, false },
		{ "an old one that is gone", { { .name = "mx2", .version = "0.9", .seen = NOW - 90 }, { GOOD } }, 2, "mx2 is silent",
		    NOW - 90, true },
		{ "one does not say", { { GOOD }, { .name = "mx2", .seen = NOW } }, 2, NULL, 0, false },
		{ "the newest first", { { GOOD, .tripped = NOW - 500 }, { .name = "mx2", .version = "1.0", .seen = NOW, .tripped = NOW - 100 } }, 2,
		    "the trip wire of mx2", NOW - 100, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct snapshot snapshot = { .now = NOW, .node_count = rows[i].count };
		struct problems problems;

		memcpy(snapshot.nodes, rows[i].nodes, sizeof(rows[i].nodes));
		problems_find(&snapshot, &problems);
		if ((problems.count > 0) != (rows[i].text != NULL))
			fail_msg("%s: %zu", rows[i].row, problems.count);
		if (rows[i].text != NULL && (strncmp(problems.list[0].text, rows[i].text, strlen(rows[i].text)) != 0 ||
		    problems.list[0].since != rows[i].since))
			fail_msg("%s: %s", rows[i].row, problems.list[0].text);
		if (problems_are_serious(&problems) != rows[i].serious)
			fail_msg("%s: serious", rows[i].row);
	}
}

static void
test_many(void **state)
{
	struct snapshot snapshot = { .now = NOW, .node_count = 100 };
	struct problems problems;

	(void)state;
	for (size_t i = 0; i < snapshot.node_count; i++)
		strcpy(snapshot.nodes[i].name, "mx");
	problems_find(&snapshot, &problems);
	assert_int_equal(problems.count, PROBLEMS_MAX);
	assert_int_equal(problems.more, 100 - PROBLEMS_MAX);
}

static void
test_metrics(void **state)
{
	static const char page[] = "HTTP/1.1 200 OK\r\n\r\n# HELP a_b waits\n# TYPE a_b gauge\na_b 12\na_bc 13\na_up{x=\"y\"} 1\r\na_half 0.5\n"
	    "a_minus -1\na_last 9";

	(void)state;
	assert_int_equal(local_metrics_find(page, "a_b"), 12);
	assert_int_equal(local_metrics_find(page, "a_bc"), 13);
	assert_int_equal(local_metrics_find(page, "a_up{x=\"y\"}"), 1);
	assert_int_equal(local_metrics_find(page, "a_last"), 9);
	assert_int_equal(local_metrics_find(page, "a_half"), -1);
	assert_int_equal(local_metrics_find(page, "a_minus"), -1);
	assert_int_equal(local_metrics_find(page, "a"), -1);
	assert_int_equal(local_metrics_find("", "a"), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nodes),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_metrics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
