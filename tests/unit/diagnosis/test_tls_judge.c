/* SPDX-License-Identifier: ISC */
/* test_tls_judge.c - the findings that follow from probe results. */
#include "config.h"

#include "stsctl/diagnosis/tls_judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/findings/fixes.h"
#include "tests/unit/diagnosis/found.h"

enum { DAY = 86400, NOW = 1000 * DAY };

#define CERT(dns_names, has, from, until) { .subject = "CN=x", .issuer = "CN=CA", .names = dns_names, .key = "EC 256 bits", \
	.chain_length = 2, .not_before = (from), .not_after = (until), .has_name = (has) }
#define SESSION(version, ...) .outcome = TLS_PROBE_OK, .protocol = version, .cipher = "TLS_AES_256_GCM_SHA384", .cert = __VA_ARGS__
#define GOOD_CERT CERT("mx.a.test", true, NOW - DAY, NOW + 60 * DAY)
#define GOOD SESSION("TLSv1.3", GOOD_CERT)
#define DATES(from, until) SESSION("TLSv1.3", CERT("mx.a.test", true, from, until))
#define DECLINED { .outcome = TLS_PROBE_NO_TLS, .why = "tlsv1 alert protocol version" }
#define AGREED(version, name) { .outcome = TLS_PROBE_OK, .protocol = version, .cipher = name }

struct row {
	const char *name;
	struct tls_probe_result modern;
	struct { bool made; struct tls_probe_result result; } only_12, old, weak;
	const char *found;	/* "id=level ...", with the levels of mode enforce */
	bool unsure;
};

static const struct row smtp_rows[] = {
	{ "good", { GOOD }, { true, AGREED("TLSv1.2", "X") }, { true, DECLINED }, { true, DECLINED }, "smtp.ok=pass", false },
	{ "good, not tried further", { GOOD }, .found = "smtp.ok=pass" },
	{ "chain", { GOOD, .chain_fault = "unable to get local issuer certificate" }, .found = "smtp.chain=fail" },
	{ "self-signed", { GOOD, .chain_fault = "self-signed certificate", .is_self_signed = true }, .found = "smtp.chain=fail" },
	{ "name", { SESSION("TLSv1.3", CERT("b.test", false, NOW - DAY, NOW + 60 * DAY)) }, .found = "smtp.name=fail" },
	{ "no name, expired", { SESSION("TLSv1.3", CERT("", false, 0, NOW - DAY)) },
	    .found = "smtp.name=fail smtp.expired=fail" },
	{ "expires soon", { DATES(NOW - 61 * DAY, NOW + 29 * DAY) }, .found = "smtp.expires-soon=warn" },
	{ "a third is left", { DATES(NOW - 60 * DAY, NOW + 30 * DAY) }, .found = "smtp.ok=pass" },
	{ "two weeks of 47 days", { DATES(NOW - 33 * DAY, NOW + 14 * DAY) }, .found = "smtp.expires-soon=warn" },
	{ "two weeks of 40 days", { DATES(NOW - 26 * DAY, NOW + 14 * DAY) }, .found = "smtp.ok=pass" },
	{ "expired", { DATES(0, NOW - 1) }, .found = "smtp.expired=fail" },
	{ "not yet", { DATES(NOW + 1, NOW + 60 * DAY) }, .found = "smtp.chain=fail" },
	{ "1.2 at most", { SESSION("TLSv1.2", GOOD_CERT) }, { 0 }, { true, DECLINED }, { true, DECLINED },
	    "smtp.ok=pass smtp.no-tls13=info", false },
	{ "1.3 alone", { GOOD }, { true, DECLINED }, { true, DECLINED }, { true, DECLINED },
	    "smtp.ok=pass smtp.no-tls12=warn", false },
	{ "old too", { GOOD }, { true, AGREED("TLSv1.2", "X") }, { true, AGREED("TLSv1.1", "Y") }, { true, DECLINED },
	    "smtp.ok=pass smtp.old-tls=warn", false },
	{ "old alone", DECLINED, { 0 }, { true, AGREED("TLSv1", "Y") }, { 0 }, "smtp.no-tls12=fail smtp.old-tls=warn", false },
	{ "NULL", { GOOD }, { true, AGREED("TLSv1.2", "X") }, { true, DECLINED }, { true, AGREED("TLSv1.2", "NULL-SHA256") },
	    "smtp.ok=pass smtp.weak-cipher=warn", false },
	{ "anonymous", { GOOD }, { 0 }, { 0 },
	    { true, { .outcome = TLS_PROBE_OK, .cipher = "ADH-AES256-SHA", .is_harmless = true } },
	    "smtp.ok=pass smtp.weak-cipher=info", false },
	{ "RC4", { GOOD }, { 0 }, { 0 }, { true, AGREED("TLSv1.2", "RC4-SHA") }, "smtp.ok=pass smtp.weak-cipher=warn", false },
	{ "turned away later", { GOOD }, { true, { .outcome = TLS_PROBE_REFUSED, .why = "421 too many" } },
	    { true, { .outcome = TLS_PROBE_NO_CONNECTION } }, { 0 }, "smtp.ok=pass smtp.refused=info", true },
	{ "no TLS", DECLINED, { 0 }, { true, DECLINED }, { 0 }, "smtp.handshake=fail", false },
	{ "no end", { .outcome = TLS_PROBE_NO_END, .why = "not in time" }, .found = "smtp.handshake=fail" },
	{ "no end later", { GOOD }, .old = { true, { .outcome = TLS_PROBE_NO_END } }, .found = "smtp.ok=pass smtp.refused=info",
	    .unsure = true },
	{ "not offered", { .outcome = TLS_PROBE_NOT_OFFERED, .why = "250 x" }, .found = "smtp.no-starttls=fail" },
	{ "not granted", { .outcome = TLS_PROBE_NOT_GRANTED, .why = "454 no" }, .found = "smtp.no-starttls=fail" },
	{ "garbage", { .outcome = TLS_PROBE_GARBAGE, .why = "SSH" }, .found = "smtp.protocol=fail" },
	{ "turned away", { .outcome = TLS_PROBE_REFUSED, .why = "554 no" }, .found = "smtp.refused=warn", .unsure = true },
	{ "refused", { .outcome = TLS_PROBE_NO_CONNECTION, .why = "Connection refused" }, .found = "smtp.connect=fail" },
	{ "mute", { .outcome = TLS_PROBE_MUTE, .why = "no connection in time" }, .found = "smtp.connect=fail" },
	{ "no reply", { .outcome = TLS_PROBE_NO_REPLY, .why = "the greeting did not come" }, .found = "smtp.connect=fail" },
	{ "special", { .outcome = TLS_PROBE_SPECIAL, .why = "10.0.0.1 is a private address" }, .found = "smtp.address=fail" },
	{ "no route", { .outcome = TLS_PROBE_NO_ROUTE, .why = "Network is unreachable" }, .found = "smtp.connect=info" },
	{ "trouble", { .outcome = TLS_PROBE_TROUBLE, .why = "out of memory" }, .found = "check.trouble=warn", .unsure = true },
};

static const struct row web_rows[] = {
	{ "good", { GOOD }, .found = "tls.ok=pass" },
	{ "good, 1.2", { SESSION("TLSv1.2", GOOD_CERT) }, .found = "tls.ok=pass" },
	{ "expires soon", { DATES(0, NOW + DAY) }, .found = "tls.expires-soon=warn" },
	{ "chain", { GOOD, .chain_fault = "x" }, .found = "tls.chain=fail" },
	{ "name", { SESSION("TLSv1.3", CERT("", false, NOW - DAY, NOW + 60 * DAY)) }, .found = "tls.name=fail" },
	{ "expired", { DATES(0, NOW - 1) }, .found = "tls.expired=fail" },
	{ "expired, nobody's", { .chain_fault = "x", DATES(0, NOW - 1) }, .found = "tls.chain=fail tls.expired=fail" },
	{ "old alone", DECLINED, { 0 }, { true, AGREED("TLSv1.1", "Y") }, { 0 }, "tls.version=fail", false },
	{ "no TLS", DECLINED, { 0 }, { true, DECLINED }, { 0 }, "tls.handshake=fail", false },
	{ "no end", { .outcome = TLS_PROBE_NO_END, .why = "not in time" }, .found = "tls.handshake=fail" },
	{ "refused", { .outcome = TLS_PROBE_NO_CONNECTION, .why = "Connection refused" }, .found = "host.unreachable=fail" },
	{ "special", { .outcome = TLS_PROBE_SPECIAL, .why = "10.0.0.1 is a private address" }, .found = "host.address=fail" },
	{ "no route", { .outcome = TLS_PROBE_NO_ROUTE, .why = "Network is unreachable" }, .found = "host.unreachable=info" },
	{ "trouble", { .outcome = TLS_PROBE_TROUBLE, .why = "out of memory" }, .found = "check.trouble=warn", .unsure = true },
};

static struct tls_judge_case
case_of(const struct row *row, enum finding_level bad)
{
	const struct tls_judge_case c = { .host = "mx.a.test", .subject = "mx.a.test [192.0.2.1]", .bad = bad, .now = NOW,
		.modern = &row->modern, .only_12 = row->only_12.made ? &row->only_12.result : NULL,
		.old = row->old.made ? &row->old.result : NULL, .weak = row->weak.made ? &row->weak.result : NULL };

	return c;
}

static void
check_row(const struct row *row, const struct findings *findings)
{
	char got[400];

	found_line(findings, got, sizeof(got));
	if (strcmp(got, row->found) != 0 || findings->unsure != row->unsure)
		fail_msg("%s: got '%s'%s, want '%s'", row->name, got, findings->unsure ? " unsure" : "", row->found);
}

static void
test_smtp(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(smtp_rows) / sizeof(smtp_rows[0]); i++) {
		const struct tls_judge_case c = case_of(&smtp_rows[i], FINDING_FAIL);
		struct findings findings;

		findings_init(&findings);
		tls_judge_smtp(&c, &findings);
		check_row(&smtp_rows[i], &findings);
		findings_fini(&findings);
	}
}

/* Without mode enforce, none of this stops mail. */
static void
test_smtp_without_enforce(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(smtp_rows) / sizeof(smtp_rows[0]); i++) {
		const struct tls_judge_case lenient = case_of(&smtp_rows[i], FINDING_WARN);
		const struct tls_judge_case strict = case_of(&smtp_rows[i], FINDING_FAIL);
		struct findings a, b;

		findings_init(&a);
		findings_init(&b);
		tls_judge_smtp(&lenient, &a);
		tls_judge_smtp(&strict, &b);
		assert_int_equal(a.count, b.count);
		for (size_t k = 0; k < a.count; k++) {
			assert_string_equal(a.list[k].id, b.list[k].id);
			assert_int_equal(a.list[k].level, b.list[k].level == FINDING_FAIL ? FINDING_WARN : b.list[k].level);
		}
		findings_fini(&a);
		findings_fini(&b);
	}
}

static void
test_web(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(web_rows) / sizeof(web_rows[0]); i++) {
		const struct tls_judge_case c = case_of(&web_rows[i], FINDING_FAIL);
		struct findings findings;
		bool fit;

		findings_init(&findings);
		fit = tls_judge_web(&c, &findings);
		check_row(&web_rows[i], &findings);
		if (fit != (web_rows[i].modern.outcome == TLS_PROBE_OK && findings_count(&findings, FINDING_FAIL) == 0))
			fail_msg("%s: fit to fetch from: %d", web_rows[i].name, fit);
		findings_fini(&findings);
	}
}

static void
test_level(void **state)
{
	struct sts_policy policy = { .mode = STS_MODE_ENFORCE };

	(void)state;
	assert_int_equal(tls_judge_level(&policy), FINDING_FAIL);
	policy.mode = STS_MODE_TESTING;
	assert_int_equal(tls_judge_level(&policy), FINDING_WARN);
	policy.mode = STS_MODE_NONE;
	assert_int_equal(tls_judge_level(&policy), FINDING_WARN);
	assert_int_equal(tls_judge_level(NULL), FINDING_WARN);
}

/* A name with shell metacharacters gets no lines to paste. */
static void
test_fixes_hold_domains_alone(void **state)
{
	fix_fn *const all[] = { fix_web_certificate, fix_web_versions, fix_web_location, fix_smtp_certificate, fix_smtp_starttls,
		fix_smtp_versions, fix_smtp_ciphers };
	char out[FIX_CAP], longest[STS_DOMAIN_CAP];

	(void)state;
	memset(longest, 'a', STS_DOMAIN_MAX);
	for (size_t i = 63; i < STS_DOMAIN_MAX; i += 64)
		longest[i] = '.';
	longest[STS_DOMAIN_MAX] = '\0';
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		assert_non_null(strstr(all[i]("mx.a.test", out), "mx.a.test"));
		assert_null(strchr(out, '@'));
		assert_true(strlen(all[i](longest, out)) < FIX_CAP - 1);
		assert_string_equal(all[i]("$(reboot).a.test", out), "");
		assert_string_equal(all[i]("a.test\nreboot", out), "");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_smtp),
		cmocka_unit_test(test_smtp_without_enforce),
		cmocka_unit_test(test_web),
		cmocka_unit_test(test_level),
		cmocka_unit_test(test_fixes_hold_domains_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
