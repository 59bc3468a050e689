/* SPDX-License-Identifier: ISC */
/* test_report_starved.c - TLS reports while memory fails: a report with a part missing would be counted as complete. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/tlsreport/report.h"
#include "tests/fake/starve.h"

static const char good[] = "{\"date-range\":{\"start-datetime\":\"2026-11-20T00:00:00Z\"},\"x\":\"caf\xe9\",\"policies\":["
    "{\"policy\":{\"policy-type\":\"sts\",\"policy-string\":[\"version: STSv1\"],\"mx-host\":\"a.example\"},"
    "\"failure-details\":[{\"failed-session-count\":2}]},{\"policy\":{\"policy-type\":\"sts\"}}]}";

static enum sts_status
read_report(void *arg)
{
	struct sts_report *report;
	struct sts_diag diag;
	enum sts_status status;

	(void)arg;
	sts_diag_init(&diag);
	status = sts_report_read(good, sizeof(good) - 1, &report, &diag);
	assert_int_equal(report == NULL, status != STS_OK);
	if (report != NULL) {
		assert_int_equal(report->policy_count, 2);
		assert_int_equal(report->policies[0].mx_count, 1);
		assert_int_equal(report->policies[0].details[0].count, 2);
	}
	sts_report_free(&report);
	return status;
}

/* The report, the text without non-ASCII bytes, the list of policies, and three lists of each. jansson's own allocations do not fail. */
static void
test_report(void **state)
{
	(void)state;
	assert_int_equal(starve(STARVE_OWN, read_report, NULL), 3 + 2 * 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_report),
	};

	if (!starve_can())
		return 77;	/* skipped */
	return cmocka_run_group_tests_name("report_starved", tests, NULL, NULL);
}
