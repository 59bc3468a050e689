/* SPDX-License-Identifier: ISC */
/* test_compose.c - composed reports, read by our own reader. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/tlsreport/report.h"
#include "stsctl/reporter/compose.h"

#define POLICY_A "{\"mx-host\":[\"mx.a.example\"],\"policy-domain\":\"a.example\"," \
	"\"policy-string\":[\"version: STSv1\"],\"policy-type\":\"sts\"}"
#define POLICY_T "{\"policy-domain\":\"mx.a.example\",\"policy-type\":\"tlsa\"}"

enum { OUTCOMES = 6 };

static const struct {
	const char *name;
	uint64_t n[6];			/* sessions: tlsa, sts, none; success and failure of each */
	struct {
		const char *name;
		uint64_t n;
	} outcomes[OUTCOMES];
	const char *want;		/* "" for no report; else KIND DOMAIN SUCCESS/FAILURE DETAILS, and whether the reader warns */
} cases[] = {
	{ "nothing", { 0 }, { { NULL, 0 } }, "" },
	{ "numbers alone, as an older version wrote them", { 0, 0, 5, 2 }, { { NULL, 0 } }, "sts a.example 5/2 0;warned" },
	{ "all is told", { 0, 0, 5, 2 }, { { "[\"success\"," POLICY_A "]", 5 }, { "[\"failure\"," POLICY_A "]", 2 },
	    { "[\"detail\"," POLICY_A ",{\"result-type\":\"certificate-expired\"}]", 2 } }, "sts a.example 5/2 1;" },
	{ "of some there was no room to tell", { 0, 0, 9, 2 }, { { "[\"success\"," POLICY_A "]", 5 },
	    { "[\"failure\"," POLICY_A "]", 2 } }, "sts a.example 5/2 0;sts a.example 4/0 0;warned" },
	{ "types are never mixed", { 3, 0, 3, 0, 1, 0 }, { { "[\"success\"," POLICY_T "]", 3 },
	    { "[\"success\"," POLICY_A "]", 3 } },
	    "tlsa mx.a.example 3/0 0;sts a.example 3/0 0;none a.example 1/0 0;" },
	{ "more told than counted", { 0, 0, 1, 0 }, { { "[\"success\"," POLICY_A "]", 5 } }, "sts a.example 5/0 0;" },
	{ "a detail alone", { 0, 0, 0, 1 }, { { "[\"detail\"," POLICY_A ",{\"result-type\":\"tlsa-invalid\"}]", 1 } },
	    "sts a.example 0/0 1;sts a.example 0/1 0;warned" },
	{ "what is stored is nothing of ours", { 0, 0, 1, 0 }, { { "", 5 }, { "[\"success\",{}]", 5 },
	    { "[\"other\"," POLICY_A "]", 5 },
	    { "[\"detail\"," POLICY_A ",{\"result-type\":\"x\"}]", 5 }, { "{\"success\":1}", 5 }, { "[\"success\"," POLICY_A, 5 } },
	    "sts a.example 1/0 0;" },
};

static void
describe(const char *json, char out[512])
{
	struct sts_report *report;
	struct sts_diag diag;
	size_t len = 0;

	sts_diag_init(&diag);
	assert_int_equal(sts_report_read(json, strlen(json), &report, &diag), STS_OK);
	assert_string_equal(report->organization, "Example \"Ltd.\"");
	assert_int_equal(report->end - report->begin, 86399);
	for (size_t i = 0; i < report->policy_count; i++) {
		const struct sts_report_policy *p = &report->policies[i];

		assert_null(p->refused);
		len += (size_t)snprintf(out + len, 512 - len, "%s %s %d/%d %zu;", sts_report_kind_name(p->kind), p->domain,
		    (int)p->success, (int)p->failure, p->detail_count);
	}
	if (diag.warning_count > 0)
		snprintf(out + len, 512 - len, "warned");
	sts_report_free(&report);
}

static void
test_reports(void **state)
{
	static const struct reporter_author author = { "Example \"Ltd.\"", "postmaster@example.net" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sts_sent_outcome outcomes[OUTCOMES];
		struct sts_sent_row row = { .domain = "a.example", .day = "2026-11-28", .outcomes = outcomes };
		char got[512] = "", *text;
		json_t *report;

		memcpy(&row.n[STS_SENT_BY_TYPE], cases[i].n, sizeof(cases[i].n));
		while (row.outcome_count < OUTCOMES && cases[i].outcomes[row.outcome_count].name != NULL) {
			outcomes[row.outcome_count] = (struct sts_sent_outcome){ strdup(cases[i].outcomes[row.outcome_count].name),
				cases[i].outcomes[row.outcome_count].n };
			row.outcome_count++;
		}
		report = reporter_compose(&author, &row, "id@example.net");
		if (report != NULL) {
			text = json_dumps(report, 0);
			describe(text, got);
			free(text);
			json_decref(report);
		}
		if (strcmp(got, cases[i].want) != 0)
			fail_msg("%s: got %s, want %s", cases[i].name, got, cases[i].want);
		for (size_t k = 0; k < row.outcome_count; k++)
			free(outcomes[k].name);
	}
}

static void
test_id(void **state)
{
	char id[REPORTER_ID_CAP], longest[STS_DOMAIN_CAP];

	(void)state;
	assert_string_equal(reporter_id("2026-11-28", 0xabc, "example.net", id), "2026-11-28T000000Z_0000000000000abc@example.net");
	assert_true(reporter_is_id(id));
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_true(reporter_is_id(reporter_id("2026-11-28", UINT64_MAX, longest, id)));
	assert_false(reporter_is_id(""));
	assert_false(reporter_is_id("a\nBcc: b"));
	assert_false(reporter_is_id("a>b"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_reports), cmocka_unit_test(test_id) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
