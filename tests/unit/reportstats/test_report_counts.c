/* SPDX-License-Identifier: ISC */
/* test_report_counts.c - the counters of a report, by our domains; policy texts; advice about failures. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/tlsreport/canonical_policy.h"
#include "shared-cache/tlsreport/report_advice.h"
#include "shared-cache/reportstats/report_counts.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* example.org and its MX host are ours. */
static bool
ours(void *arg, enum sts_report_kind kind, const char *domain, char out[STS_DOMAIN_CAP])
{
	(void)arg;
	strcpy(out, "example.org");
	return strcmp(domain, "example.org") == 0 || strcmp(domain, "") == 0 ||
	    (kind == STS_REPORT_TLSA && strcmp(domain, "mx1.example.org") == 0);
}

static int64_t
row(const struct sts_domain_counts *counts, const char *name)
{
	for (size_t i = 0; i < counts->row_count; i++)
		if (strcmp(counts->rows[i].name, name) == 0)
			return counts->rows[i].n;
	return -1;
}

static struct sts_report *
read_text(const char *policies)
{
	size_t cap = strlen(policies) + 256;
	char *text = malloc(cap);
	struct sts_report *report;

	assert_non_null(text);
	snprintf(text, cap, "{\"organization-name\":\"We: \\u00e9 Ltd.\",\"report-id\":\"i\",\"date-range\":{\"start-datetime\":"
	    "\"2026-11-20T00:00:00Z\"},\"policies\":[%s]}", policies);
	assert_int_equal(sts_report_read(text, strlen(text), &report, NULL), STS_OK);
	free(text);
	return report;
}

#define POLICY(type, domain, text, success, failure, details) \
	"{\"policy\":{\"policy-type\":\"" type "\",\"policy-domain\":\"" domain "\",\"policy-string\":[" text "]}," \
	"\"summary\":{\"total-successful-session-count\":" success ",\"total-failure-session-count\":" failure "}," \
	"\"failure-details\":[" details "]}"
#define TEXT "\"version: STSv1\",\"mode: enforce\",\"mx: mx1.example.org\",\"max_age: 86400\""

static void
test_rows(void **state)
{
	struct sts_report *report = read_text(
	    POLICY("sts", "example.org", TEXT, "7", "3",
		"{\"result-type\":\"Validation-Failure\",\"failure-reason-code\":\"MX_HOSTS_MISMATCH\",\"receiving-mx-hostname\":"
		"\"OLD.example.org.\",\"failed-session-count\":2},{\"result-type\":\"new:type\",\"failed-session-count\":1}") ","
	    POLICY("tlsa", "mx1.example.org", "", "7", "0", "") ","
	    POLICY("no-policy-found", "", "", "4", "0", "") ","
	    POLICY("sts", "elsewhere.test", TEXT, "100", "0", ""));
	const struct sts_report_counts_params params = { "reporter.test", ours, NULL };
	struct sts_report_counts counts;
	const struct sts_domain_counts *s;

	(void)state;
	assert_int_equal(sts_report_counts_make(report, &params, &counts), STS_OK);
	assert_int_equal(counts.count, 1);
	assert_int_equal(counts.foreign, 1);
	s = &counts.list[0];
	assert_string_equal(s->domain, "example.org");
	assert_int_equal(row(s, "reports"), 1);
	assert_int_equal(row(s, "success"), 7);
	assert_int_equal(row(s, "failure"), 3);
	assert_int_equal(row(s, "failure:validation-failure"), 2);
	assert_int_equal(row(s, "failure:new_type"), 1);
	assert_int_equal(row(s, "tlsa:success"), 7);
	assert_int_equal(row(s, "none:success"), 4);
	assert_int_equal(row(s, "org:reporter.test"), 1);
	assert_int_equal(row(s, "org:reporter.test:sts:failure"), 3);
	assert_int_equal(row(s, "detail:sts:validation-failure:mx_hosts_mismatch:old.example.org:reporter.test"), 2);
	assert_int_equal(row(s, "detail:sts:new_type:-:-:reporter.test"), 1);
	assert_int_equal(s->text_count, 1);
	assert_string_equal(s->texts[0].canon, "max_age: 86400\nmode: enforce\nmx: mx1.example.org\nversion: STSv1\n");
	sts_report_counts_fini(&counts);
	sts_report_free(&report);
}

static void
test_unverified_organisation(void **state)
{
	struct sts_report *report = read_text(POLICY("sts", "example.org", "", "1", "0", ""));
	const struct sts_report_counts_params params = { "", ours, NULL };
	struct sts_report_counts counts;

	(void)state;
	assert_int_equal(sts_report_counts_make(report, &params, &counts), STS_OK);
	assert_int_equal(row(&counts.list[0], "org:We_____Ltd."), 1);
	sts_report_counts_fini(&counts);
	sts_report_free(&report);
}

static void
test_many_details(void **state)
{
	enum { MANY = 2000 };
	char *details = malloc(MANY * 120), *policy = malloc(MANY * 120 + 400), *to = details;
	const struct sts_report_counts_params params = { "r.test", ours, NULL };
	struct sts_report *report;
	struct sts_report_counts counts;
	size_t odd = 0;

	(void)state;
	for (int i = 0; i < MANY; i++)
		to += sprintf(to, "%s{\"result-type\":\"odd%d\",\"receiving-mx-hostname\":\"mx%d.test\",\"failed-session-count\":1}",
		    i > 0 ? "," : "", i, i);
	snprintf(policy, MANY * 120 + 400, POLICY("sts", "example.org", "", "0", "2000", "%s"), details);
	report = read_text(policy);
	assert_int_equal(sts_report_counts_make(report, &params, &counts), STS_OK);
	for (size_t i = 0; i < counts.list[0].row_count; i++)
		odd += strncmp(counts.list[0].rows[i].name, "failure:odd", 11) == 0;
	assert_int_equal(odd, STS_REPORT_COUNTS_ODD_RESULTS_MAX);
	assert_int_equal(row(&counts.list[0], "failure:other"), MANY - STS_REPORT_COUNTS_ODD_RESULTS_MAX);
	assert_int_equal(row(&counts.list[0], "detail:sts:other:-:-:r.test"), MANY - STS_REPORT_COUNTS_DETAILS_MAX);
	assert_true(counts.list[0].row_count < STS_REPORT_COUNTS_DETAILS_MAX + 40);
	sts_report_counts_fini(&counts);
	sts_report_free(&report);
	free(details);
	free(policy);
}

/* ---- policy texts ---- */

static void
test_one_text_in_many_forms(void **state)
{
	static const char *const forms[][6] = {
		{ "version: STSv1", "mode: enforce", "mx: a.test", "mx: *.b.test", "max_age: 86400" },
		{ "mx: *.b.test", "max_age: 86400", "version: STSv1", "mx: a.test", "mode: enforce" },
		{ " version:STSv1 ", "mode :enforce", "MX: A.test", "mx:\t*.B.TEST", "max_age:  86400", "" },
		{ "version: STSv1\r\nmode: enforce\r\nmx: a.test\r\nmx: *.b.test\r\nmax_age: 86400\r\n" },
	};
	char first[STS_TEXT_HASH_CAP], hash[STS_TEXT_HASH_CAP];

	(void)state;
	for (size_t i = 0; i < COUNT(forms); i++) {
		size_t n = 0;

		while (n < 6 && forms[i][n] != NULL)
			n++;
		assert_int_equal(sts_policy_hash(forms[i], n, i == 0 ? first : hash, NULL), STS_OK);
		if (i > 0)
			assert_string_equal(hash, first);
	}
	assert_int_equal(sts_policy_hash(forms[0], 4, hash, NULL), STS_OK);
	assert_string_not_equal(hash, first);
	assert_int_equal(sts_policy_hash(forms[0], 0, hash, NULL), STS_ENOTFOUND);
	assert_int_equal(sts_policy_hash((const char *const[]){ " \r\n\n" }, 1, hash, NULL), STS_ENOTFOUND);
}

static void
test_modes(void **state)
{
	(void)state;
	assert_string_equal(sts_canonical_policy_mode("max_age: 1\nmode: testing\n"), "testing");
	assert_string_equal(sts_canonical_policy_mode("mode: testing x\n"), "other");
	assert_string_equal(sts_canonical_policy_mode(""), "other");
}

static void
test_too_long_texts(void **state)
{
	const char *lines[STS_CANONICAL_POLICY_LINES_MAX + 1];
	char *canon;

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++)
		lines[i] = "mx: a.test";
	assert_int_equal(sts_canonical_policy(lines, STS_CANONICAL_POLICY_LINES_MAX, &canon), STS_OK);
	free(canon);
	assert_int_equal(sts_canonical_policy(lines, STS_CANONICAL_POLICY_LINES_MAX + 1, &canon), STS_EFULL);
	assert_null(canon);
}

/* ---- advice ---- */

static void
test_advice(void **state)
{
	static const struct {
		const char *result, *reason, *reporter;
		enum sts_must_act act;
		enum sts_advice_cause cause;
	} cases[] = {
		{ "certificate-expired", "-", "google.com", STS_ACT_YES, STS_CAUSED_BY_MX },
		{ "validation-failure", "MX_HOSTS_MISMATCH", "microsoft.com", STS_ACT_YES, STS_CAUSED_BY_POLICY },
		{ "validation-failure", "-", "google.com", STS_ACT_YES, STS_CAUSED_BY_POLICY },
		{ "validation-failure", "-", "smtp.google.com", STS_ACT_YES, STS_CAUSED_BY_POLICY },
		{ "validation-failure", "-", "notgoogle.com", STS_ACT_LOOK, STS_CAUSED_BY_MX },
		{ "sts-policy-fetch-error", "bad https response code: 404", "mail.ru", STS_ACT_YES, STS_CAUSED_BY_POLICY },
		{ "sts-policy-fetch-error", "-", "microsoft.com", STS_ACT_LOOK, STS_CAUSED_BY_POLICY },
		{ "dane-required", "", "a.test", STS_ACT_NO, STS_CAUSED_BY_SENDER },
		{ "brand-new", "", "a.test", STS_ACT_LOOK, STS_CAUSED_BY_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct sts_advice *a = sts_advice_find(cases[i].result, cases[i].reason, cases[i].reporter);

		if (a->act != cases[i].act || a->cause != cases[i].cause)
			fail_msg("%s %s %s: %s", cases[i].result, cases[i].reason, cases[i].reporter, a->meaning);
	}
	for (size_t i = 0; i < STS_REPORT_RESULTS; i++)
		assert_string_equal(sts_advice_find(sts_report_result_name(i), "", "")->result, sts_report_result_name(i));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_unverified_organisation),
		cmocka_unit_test(test_many_details),
		cmocka_unit_test(test_one_text_in_many_forms),
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_too_long_texts),
		cmocka_unit_test(test_advice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
