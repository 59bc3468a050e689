/* SPDX-License-Identifier: ISC */
/* test_report.c - TLS reports as senders write them, by the examples in doc/reports.md; the samples are the fuzzer's corpus. */
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
#include "shared-cache/tlsreport/safe_word.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
enum { NOVEMBER_20 = 1795132800, DAY = 86400 };

static char *
slurp(const char *name, size_t *len)
{
	const char *source = getenv("STS_SOURCE");
	char path[512], *text = malloc(1 << 20);
	FILE *from;

	snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/report/%s", source != NULL ? source : ".", name);
	from = fopen(path, "rb");
	if (from == NULL || text == NULL)
		fail_msg("%s: cannot be read", path);
	*len = fread(text, 1, 1 << 20, from);
	fclose(from);
	return text;
}

/* ---- whole reports ---- */

static const struct row {
	const char *file;
	size_t policies, refused, warnings;
	int64_t success, failure, details;
	const char *organization, *id, *domain;	/* of the first policy */
} rows[] = {
	{ "google.json", 1, 0, 0, 41, 0, 0, "Google Inc.", "2026-11-20T00:00:00Z_example.org", "example.org" },
	{ "google-failure.json", 1, 0, 0, 38, 3, 3, "Google Inc.", "2026-11-21T00:00:00Z_example.org", "example.org" },
	{ "microsoft.json", 2, 0, 0, 14, 2, 2, "Microsoft Corporation", "133765728000000000+example.org", "mx1.example.org" },
	{ "microsoft-fetch.json", 1, 0, 0, 0, 4, 4, "Microsoft Corporation", "133765728000000001+", "example.org" },
	{ "mailru.json", 1, 0, 1, 0, 1, 2, "Mail.ru", "5f0c6c4e-0b6e-4f43-9c8c-6b7f7c0f4c11@mail.ru", "example.org" },
	{ "small.json", 1, 0, 0, 2, 0, 0, "egress.example", "1763596800_17", "example.org" },
	{ "postfix.json", 1, 0, 0, 5, 0, 0, "sender.example", "2026-11-20T00:00:00Z_idx1_example.org", "" },
	{ "rfc.json", 1, 0, 0, 5326, 303, 303, "Company-X", "5065427c-23d3-47ca-b6e0-946ea0e8c4be", "company-y.example" },
	{ "counts.json", 6, 5, 5, 7, 10, 10, "Odd", "c", "example.org" },
	{ "nulls.json", 1, 0, 2, 1, 0, 0, "", "", "" },
};

static void
check_row(const struct row *row, const struct sts_report *report, const struct sts_diag *diag)
{
	int64_t success = 0, failure = 0, details = 0;
	size_t refused = 0;

	for (size_t i = 0; i < report->policy_count; i++) {
		const struct sts_report_policy *p = &report->policies[i];

		if (p->refused != NULL) {
			refused++;
			continue;
		}
		success += p->success;
		failure += p->failure;
		for (size_t d = 0; d < p->detail_count; d++)
			details += p->details[d].count;
	}
	if (report->policy_count != row->policies || refused != row->refused || diag->warning_count != row->warnings)
		fail_msg("%s: %zu policies, %zu refused, %zu warnings (%s)", row->file, report->policy_count, refused,
		    diag->warning_count, diag->warning_count > 0 ? diag->warnings[0].text : "");
	if (success != row->success || failure != row->failure || details != row->details)
		fail_msg("%s: %lld successes, %lld failures, %lld in details", row->file, (long long)success,
		    (long long)failure, (long long)details);
	assert_string_equal(report->organization, row->organization);
	assert_string_equal(report->id, row->id);
	assert_string_equal(report->policies[0].domain, row->domain);
}

static void
test_samples(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t len;
		char *text = slurp(rows[i].file, &len);
		struct sts_report *report;
		struct sts_diag diag;

		sts_diag_init(&diag);
		if (sts_report_read(text, len, &report, &diag) != STS_OK)
			fail_msg("%s: %s", rows[i].file, diag.error.text);
		check_row(&rows[i], report, &diag);
		sts_report_free(&report);
		free(text);
	}
}

static void
test_what_the_fields_are(void **state)
{
	size_t len;
	char *text = slurp("rfc.json", &len);
	struct sts_report *report;
	const struct sts_report_policy *p;

	(void)state;
	assert_int_equal(sts_report_read(text, len, &report, NULL), STS_OK);
	p = &report->policies[0];
	assert_int_equal(p->mx_count, 1);
	assert_string_equal(p->mx[0], "*.mail.company-y.example");
	assert_int_equal(p->text_count, 4);
	assert_string_equal(p->text[1], "mode: testing");
	assert_int_equal(p->kind, STS_REPORT_STS);
	assert_string_equal(p->details[1].result, "starttls-not-supported");
	assert_string_equal(p->details[1].mx_ip, "203.0.113.56");
	assert_string_equal(p->details[2].reason, "X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED");
	assert_string_equal(p->details[0].sender_ip, "2001:db8:abcd:0012::1");
	assert_true(strncmp(p->details[1].info, "https://", 8) == 0);
	assert_int_equal(report->end - report->begin, DAY - 1);
	sts_report_free(&report);
	free(text);
}

static void
test_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "", "this is not JSON" },
		{ "<feedback/>", "this is not JSON" },
		{ "[]", "this is JSON, but no TLS report" },
		{ "{}", "this is JSON, but no TLS report" },
		{ "{\"policies\":[]}", "date-range: start-datetime is missing or no time" },
		{ "{\"policies\":[],\"date-range\":{\"start-datetime\":\"yesterday\"}}",
		    "date-range: start-datetime is missing or no time" },
		{ "{\"policies\":[{]}", "this is not JSON" },
		{ "{\"policies\":[]}{", "this is not JSON" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct sts_report *report;
		struct sts_diag diag;

		sts_diag_init(&diag);
		if (sts_report_read(bad[i].text, strlen(bad[i].text), &report, &diag) != STS_EINVAL || report != NULL ||
		    strcmp(diag.error.text, bad[i].why) != 0)
			fail_msg("%s: %s", bad[i].text, diag.error.text);
	}
}

static void
test_what_senders_get_wrong(void **state)
{
	static const char *const fine[] = {
		"\xef\xbb\xbf{\"date-range\":{\"start-datetime\":\"2026-11-20T00:00:00Z\"}}",
		"{\"date-range\":{\"start-datetime\":\"2026-11-20T00:00:00Z\"}}\n\0\0",
		"{\"date-range\":{\"start-datetime\":\"2026-11-20T00:00:00Z\"},\"x\":\"caf\xe9\"}",
		("{\"date-range\":{\"start-datetime\":\"2026-11-20\"},\"policies\":{\"policy\":{\"policy-type\":\"STS\"},"
		    "\"summary\":{}}}"),
		"{\"date-range\":{\"start-datetime\":\"2026-11-20\"},\"x\":[-1e999,1e-999,\"1e999 \\\" \xe9 1e999\",1e999]}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(fine); i++) {
		struct sts_report *report;
		struct sts_diag diag;

		sts_diag_init(&diag);
		if (sts_report_read(fine[i], strlen(fine[i]) + (i == 1 ? 2 : 0), &report, &diag) != STS_OK)
			fail_msg("%s: %s", fine[i], diag.error.text);
		assert_int_equal(report->begin, NOVEMBER_20);
		sts_report_free(&report);
	}
}

/* The number alone makes no sense, and its policy is refused; a detail that is not in a list counts. */
static void
test_numbers_beyond(void **state)
{
	static const char text[] = "{\"date-range\":{\"start-datetime\":\"2026-11-20\"},\"policies\":["
	    "{\"policy\":{\"policy-type\":\"sts\"},\"summary\":{\"total-successful-session-count\":1e400}},"
	    "{\"policy\":{\"policy-type\":\"sts\"},\"summary\":{\"total-successful-session-count\":7,"
	    "\"total-failure-session-count\":2},\"failure-details\":{\"result-type\":\"tlsa-invalid\",\"failed-session-count\":2}}]}";
	struct sts_report *report;
	struct sts_diag diag;

	(void)state;
	sts_diag_init(&diag);
	assert_int_equal(sts_report_read(text, strlen(text), &report, &diag), STS_OK);
	assert_int_equal(report->policy_count, 2);
	assert_non_null(report->policies[0].refused);
	assert_null(report->policies[1].refused);
	assert_int_equal(report->policies[1].success, 7);
	assert_int_equal(report->policies[1].detail_count, 1);
	assert_int_equal(report->policies[1].details[0].count, 2);
	assert_int_equal(diag.warning_count, 3);	/* no report-id, no end, a policy */
	sts_report_free(&report);
}

/* ---- bounds ---- */

static void
test_bounds(void **state)
{
	char *text = malloc(STS_REPORT_TEXT_MAX + 2);
	struct sts_diag diag;

	(void)state;
	assert_non_null(text);
	memset(text, ' ', STS_REPORT_TEXT_MAX + 1);
	assert_true(sts_report_is_bounded(text, STS_REPORT_TEXT_MAX, NULL));
	sts_diag_init(&diag);
	assert_false(sts_report_is_bounded(text, STS_REPORT_TEXT_MAX + 1, &diag));
	assert_string_equal(diag.error.text, "more than 8388608 bytes");
	memset(text, '[', STS_REPORT_DEPTH_MAX + 1);
	assert_true(sts_report_is_bounded(text, STS_REPORT_DEPTH_MAX, NULL));
	assert_false(sts_report_is_bounded(text, STS_REPORT_DEPTH_MAX + 1, NULL));
	memset(text, ',', STS_REPORT_VALUES_MAX + 1);
	assert_true(sts_report_is_bounded(text, STS_REPORT_VALUES_MAX, NULL));
	assert_false(sts_report_is_bounded(text, STS_REPORT_VALUES_MAX + 1, NULL));
	/* the contents of strings are not structure */
	memset(text, '[', STS_REPORT_VALUES_MAX + 1);
	text[0] = '"';
	assert_true(sts_report_is_bounded(text, STS_REPORT_VALUES_MAX + 1, NULL));
	text[50] = '"';
	text[49] = '\\';
	assert_true(sts_report_is_bounded(text, STS_REPORT_VALUES_MAX + 1, NULL));
	text[49] = '[';
	assert_false(sts_report_is_bounded(text, STS_REPORT_VALUES_MAX + 1, NULL));
	free(text);
}

/* ---- times ---- */

#define REPORT(policy) "{\"date-range\":{\"start-datetime\":\"2026-11-20T00:00:00Z\",\"end-datetime\":\"2026-11-20T23:59:59Z\"}," \
    "\"policies\":" policy "}"
#define ABOUT "\"policy\":{\"policy-type\":\"sts\",\"policy-domain\":\"a.example\"}"
#define BAD_COUNT "a count is negative, not whole, too great, or no number"
#define SUMMARY "\"summary\":{\"total-successful-session-count\":1,\"total-failure-session-count\":0}"

/* Fields that are present, but of another type than in the RFC. */
static void
test_odd_shapes(void **state)
{
	static const struct {
		const char *text, *refused;	/* NULL: counted */
		size_t warnings, texts, details;
	} shapes[] = {
		{ REPORT("[{" ABOUT "," SUMMARY "}]"), NULL, 0, 0, 0 },
		{ REPORT("{" ABOUT "," SUMMARY "}"), NULL, 0, 0, 0 },		/* an object in place of the list */
		{ REPORT("[1]"), "it does not say which policy it is about", 2, 0, 0 },
		{ REPORT("[{\"policy\":[]," SUMMARY "}]"), "it does not say which policy it is about", 1, 0, 0 },
		{ REPORT("[{\"policy\":{\"policy-type\":7}," SUMMARY "}]"), "its policy-type is none of sts, tlsa and no-policy-found", 1, 0, 0 },
		{ REPORT("[{\"policy\":{\"policy-type\":\"sts\",\"policy-domain\":\"a..b\"}," SUMMARY "}]"), "its policy-domain is no domain",
		    1, 0, 0 },
		{ REPORT("[{\"policy\":{\"policy-type\":\"x\",\"policy-domain\":\"a..b\"}}]"),
		    "its policy-type is none of sts, tlsa and no-policy-found", 2, 0, 0 },		/* the first reason is kept */
		{ REPORT("[{" ABOUT "}]"), NULL, 1, 0, 0 },
		{ REPORT("[{" ABOUT ",\"summary\":{\"total-successful-session-count\":-1}}]"), NULL, 1, 0, 0 },
		{ REPORT("[{\"policy\":{\"policy-type\":\"sts\",\"policy-string\":\"version: STSv1\"}," SUMMARY "}]"), NULL, 0, 1, 0 },
		{ REPORT("[{\"policy\":{\"policy-type\":\"sts\",\"policy-string\":[\"a\",\"\",7,\"b\"]}," SUMMARY "}]"), NULL, 0, 2, 0 },
		{ REPORT("[{" ABOUT "," SUMMARY ",\"failure-details\":[7,{\"result-type\":\"x\",\"failed-session-count\":0}]}]"), NULL, 0, 0, 1 },
		{ REPORT("[{" ABOUT "," SUMMARY ",\"failure-details\":[{\"failed-session-count\":-1}]}]"), BAD_COUNT, 1, 0, 1 },
		{ REPORT("[{" ABOUT ",\"summary\":{\"total-failure-session-count\":0.5}}]"), BAD_COUNT, 1, 0, 0 },
		{ REPORT("[{" ABOUT ",\"summary\":{\"total-failure-session-count\":true},\"failure-details\":[{\"failed-session-count\":\"x\"}]}]"),
		    BAD_COUNT, 1, 0, 1 },
		{ REPORT("[{\"policy\":[],\"summary\":{\"total-failure-session-count\":-1}}]"), "it does not say which policy it is about", 1, 0, 0 },
		{ REPORT("[]"), NULL, 1, 0, 0 },
		{ REPORT("7"), NULL, 1, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(shapes); i++) {
		struct sts_report *report;
		struct sts_diag diag;
		const struct sts_report_policy *p;

		sts_diag_init(&diag);
		if (sts_report_read(shapes[i].text, strlen(shapes[i].text), &report, &diag) != STS_OK)
			fail_msg("%s: %s", shapes[i].text, diag.error.text);
		p = &report->policies[0];
		if (report->policy_count > 0 && (p->text_count != shapes[i].texts || p->detail_count != shapes[i].details))
			fail_msg("%s: %zu texts, %zu details", shapes[i].text, p->text_count, p->detail_count);
		if (report->policy_count > 0 && shapes[i].refused != NULL &&
		    (p->refused == NULL || strcmp(p->refused, shapes[i].refused) != 0))
			fail_msg("%s: %s", shapes[i].text, p->refused != NULL ? p->refused : "is counted");
		sts_report_free(&report);
	}
}

static void
test_too_many_policies(void **state)
{
	static char text[8192] = "{\"date-range\":{\"start-datetime\":\"2026-11-20T00:00:00Z\"},\"policies\":[";
	size_t len = strlen(text);
	struct sts_report *report;
	struct sts_diag diag;

	(void)state;
	sts_diag_init(&diag);
	for (size_t i = 0; i <= STS_REPORT_POLICIES_MAX && len < sizeof(text) - 8; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s{}", i > 0 ? "," : "");
	len += (size_t)snprintf(text + len, sizeof(text) - len, "]}");
	assert_int_equal(sts_report_read(text, len, &report, &diag), STS_EINVAL);
	assert_non_null(strstr(diag.error.text, "policies"));
}

static void
test_times(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;	/* since NOVEMBER_20; -1: not a time */
	} times[] = {
		{ "2026-11-20T00:00:00Z", 0 }, { "2026-11-20t00:00:01z", 1 }, { "2026-11-20T00:00:00", 0 },
		{ "2026-11-20 01:00:00", 3600 }, { "2026-11-20", 0 }, { "2026-11-20T00:00:00.123Z", 0 },
		{ "2026-11-20T02:00:00+02:00", 0 }, { "2026-11-20T02:00:00+0200", 0 }, { "2026-11-19T19:00:00-05:00", 0 },
		{ "2026-11-20T23:59:60Z", DAY - 1 }, { "2026-11-20 00:00:00 +00:00", 0 }, { " 2026-11-20T00:00:00Z", 0 },
		{ "2026-11-20 00:00:00 UTC", 0 }, { "2026-11-20T00:00:00 GMT", 0 }, { "2026-11-20 00:00:00 CET", -1 },
		{ "2026-11-20T24:00:00Z", -1 }, { "2026-11-31T00:00:00Z", -1 }, { "2026-11-20T00:00Z", -1 },
		{ "2026-11-20T00:00:00X", -1 }, { "2026-11-20T00:00:00+0", -1 }, { "2026-11-20T00:00:00+02:0", -1 },
		{ "2026-11-20T00:00:00+02:000", -1 }, { "2026-11-20Tx0:00:00Z", -1 },
		{ "2026-11-20T00.00:00Z", -1 }, { "2026-11-20T00:00.00Z", -1 }, { "2026-11-20T00:60:00Z", -1 }, { "2026-11-20T00:00:61Z", -1 },
		{ "2026-11-20T00:00:00ZZ", -1 }, { "2026-11-20T00:00:00*02:00", -1 }, { "2026-11-20T00:00:00+24:00", -1 },
		{ "2026-11-20T00:00:00.000000000000000000000000000000000000000000000Z", -1 }, { "1969-12-31T23:59:59Z", -1 }, { "1763596800", -1 }, { "", -1 }, { "2026-11-20x", -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(times); i++) {
		int64_t got = -2;
		bool good = sts_report_time(times[i].text, &got);

		if (good != (times[i].seconds >= 0) || (good && got != NOVEMBER_20 + times[i].seconds))
			fail_msg("%s: %d, %lld", times[i].text, good, (long long)got);
	}
}

static void
test_believable_times(void **state)
{
	static const struct {
		const char *name;
		int64_t begin, span;	/* begin: seconds after now */
		enum sts_status status;
	} times[] = {
		{ "yesterday", -DAY, DAY - 1, STS_OK }, { "end before", -DAY, -1, STS_EINVAL },
		{ "eight days", -9 * DAY, 8 * DAY, STS_OK }, { "more", -9 * DAY, 8 * DAY + 1, STS_EINVAL },
		{ "400 days ago", -400LL * DAY, DAY, STS_OK }, { "longer ago", -400LL * DAY - 1, DAY, STS_EINVAL },
		{ "a day ahead", DAY, DAY, STS_OK }, { "farther ahead", DAY + 1, DAY, STS_EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(times); i++) {
		struct sts_report report = { .begin = NOVEMBER_20 + times[i].begin };
		struct sts_diag diag;

		report.end = report.begin + times[i].span;
		sts_diag_init(&diag);
		if (sts_report_check_time(&report, NOVEMBER_20, &diag) != times[i].status)
			fail_msg("%s: %s", times[i].name, diag.error.text);
	}
}

/* ---- words ---- */

static void
test_words(void **state)
{
	static const struct {
		const char *text, *want;
		size_t max;
		bool lower;
	} words[] = {
		{ "Google Inc.", "Google_Inc.", 100, false }, { "Google Inc.", "google_inc.", 100, true }, { "a;b\nc\xe9", "a_b_c_", 100, false },
		{ "._+-", "._+-", 100, false }, { "", "-", 100, false }, { "abc", "ab", 2, false }, { "abc", "-", 0, false },
	};
	char longer[STS_SAFE_WORD_CAP + 10], out[STS_SAFE_WORD_CAP];

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		sts_safe_word(words[i].text, words[i].max, words[i].lower, out);
		assert_string_equal(out, words[i].want);
	}
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	sts_safe_word(longer, sizeof(longer), false, out);
	assert_int_equal(strlen(out), STS_SAFE_WORD_CAP - 1);
}

static void
test_names_of_kinds(void **state)
{
	static const char *const names[] = { "sts", "tlsa", "no-policy-found" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		enum sts_report_kind kind;

		assert_true(sts_report_kind_parse(names[i], &kind));
		assert_true(sts_report_kind_word(kind)[0] != '\0');
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_what_the_fields_are),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_what_senders_get_wrong),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_odd_shapes),
		cmocka_unit_test(test_too_many_policies),
		cmocka_unit_test(test_numbers_beyond),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_believable_times),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_names_of_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
