/* SPDX-License-Identifier: ISC */
/* test_mx_judge.c - MX records against a policy, and the policy against MX records. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/diagnosis/mx_judge.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
enum { PATTERNS = 4 };

static const struct row {
	const char *name, *domain, *mode;	/* mode "": no policy */
	const char *mx[PATTERNS], *hosts[3];	/* with TLSA records: + in front; - of an unsigned host, ~ of an
					 * unsigned domain, = of both. "." is a null MX */
	const char *want;			/* level, id and subject of each finding */
} rows[] = {
	{ "all covered", "d.example.com", "enforce", { "m.example.com" }, { "m.example.com" }, "pass mx.ok d.example.com;" },
	{ "not covered, enforce", "d.example.com", "enforce", { "m.example.com" }, { "m.example.com", "n.example.com" },
	    "fail mx.not-covered n.example.com;" },
	{ "not covered, testing", "d.example.com", "testing", { "m.example.com" }, { "m.example.com", "n.example.com" },
	    "warn mx.not-covered n.example.com;" },
	{ "none covered", "d.example.com", "enforce", { "x.example.com" }, { "m.example.com", "n.example.com" },
	    "fail mx.not-covered m.example.com;fail mx.not-covered n.example.com;info mx.unused x.example.com;" },
	{ "mode none", "d.example.com", "none", { NULL }, { "m.example.com" }, "pass mx.ok d.example.com;" },
	{ "mode none, with an mx", "d.example.com", "none", { "x.example.com" }, { "m.example.com" },
	    "pass mx.ok d.example.com;" },
	{ "no policy", "d.example.com", "", { NULL }, { "m.example.com" }, "pass mx.ok d.example.com;" },
	{ "unused", "d.example.com", "enforce", { "m.example.com", "old.example.com" }, { "m.example.com" },
	    "pass mx.ok d.example.com;info mx.unused old.example.com;" },
	{ "wildcard", "d.example.com", "enforce", { "*.example.com" }, { "m.example.com", "n.example.com" },
	    "pass mx.ok d.example.com;" },
	{ "wildcard is one label", "d.example.com", "enforce", { "*.example.com" }, { "a.b.example.com" },
	    "fail mx.not-covered a.b.example.com;info mx.unused *.example.com;" },
	{ "wildcard of a public suffix", "example.com", "enforce", { "*.com" }, { "example.com" },
	    "pass mx.ok example.com;warn mx.wide *.com;" },
	{ "wildcard of a public suffix of two labels", "example.co.uk", "testing", { "*.co.uk" }, { "m.co.uk" },
	    "pass mx.ok example.co.uk;warn mx.wide *.co.uk;" },
	{ "wildcard of another's domain", "example.com", "enforce", { "*.google.com" }, { "mx.google.com" },
	    "pass mx.ok example.com;info mx.wide *.google.com;" },
	{ "wildcard further down at another's", "example.com", "enforce", { "*.mail.protection.outlook.com" },
	    { "example-com.mail.protection.outlook.com" }, "pass mx.ok example.com;" },
	{ "null MX", "example.com", "enforce", { "m.example.com" }, { "." }, "info mx.null example.com;" },
	{ "null MX, no policy", "example.com", "", { NULL }, { "." }, "info mx.null example.com;" },
	{ "DANE", "example.com", "enforce", { "m.example.com" }, { "+m.example.com" },
	    "pass mx.ok example.com;info dane.present example.com;" },
	{ "DANE, no policy", "example.com", "", { NULL }, { "+m.example.com" },
	    "pass mx.ok example.com;info dane.present example.com;" },
	{ "DANE, mode none", "example.com", "none", { NULL }, { "+m.example.com" },
	    "pass mx.ok example.com;info dane.present example.com;info dane.conflict example.com;" },
	{ "an unsigned host", "example.com", "enforce", { "m.example.com" }, { "-m.example.com" },
	    "pass mx.ok example.com;warn dane.unsigned-host m.example.com;" },
	{ "an unsigned host, twice", "example.com", "", { NULL }, { "-m.example.com", "-m.example.com" },
	    "pass mx.ok example.com;warn dane.unsigned-host m.example.com;" },
	{ "an unsigned domain", "example.com", "enforce", { "m.example.com" }, { "~m.example.com" },
	    "pass mx.ok example.com;info dane.unsigned-domain example.com;" },
	{ "nothing signed", "example.com", "enforce", { "m.example.com" }, { "=m.example.com" },
	    "pass mx.ok example.com;info dane.unsigned-host m.example.com;" },
	{ "DANE, not covered", "example.com", "enforce", { "m.example.com" }, { "m.example.com", "+n.example.com" },
	    "fail mx.not-covered n.example.com;info dane.present example.com;warn dane.conflict example.com;" },
};

static void
add_host(struct check_facts *facts, const char *host)
{
	struct check_mx *mx = &facts->mx[facts->mx_count];

	if (strcmp(host, ".") == 0) {
		facts->null_mx = true;
		return;
	}
	mx->dane = host[0] == '+' ? CHECK_DANE : host[0] == '-' ? CHECK_DANE_UNSIGNED_HOST :
	    host[0] == '~' ? CHECK_DANE_UNSIGNED_DOMAIN : host[0] == '=' ? CHECK_DANE_UNSIGNED : CHECK_DANE_NONE;
	mx->preference = 10 * (unsigned)++facts->mx_count;
	snprintf(mx->host, sizeof(mx->host), "%s", host + (mx->dane != CHECK_DANE_NONE));
}

static void
judge(const struct row *row, struct findings *found)
{
	char *mx[PATTERNS] = { NULL };
	struct sts_policy policy = { .max_age_s = 86400, .mx = mx };
	struct check_facts facts;

	check_facts_init(&facts, row->domain);
	for (size_t i = 0; i < PATTERNS && row->mx[i] != NULL; i++)
		mx[policy.mx_count++] = (char *)(uintptr_t)row->mx[i];
	if (row->mode[0] != '\0') {
		assert_true(sts_mode_parse(row->mode, strlen(row->mode), &policy.mode));
		facts.policy = &policy;
	}
	for (size_t i = 0; i < COUNT(row->hosts) && row->hosts[i] != NULL; i++)
		add_host(&facts, row->hosts[i]);
	findings_init(found);
	mx_judge(&facts, found);
}

static void
test_findings(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct findings found;
		char got[1024] = "";

		judge(&rows[i], &found);
		for (size_t k = 0; k < found.count; k++)
			snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s %s %s;",
			    finding_level_name(found.list[k].level), found.list[k].id, found.list[k].subject);
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s: got '%s', want '%s'", rows[i].name, got, rows[i].want);
		findings_fini(&found);
	}
}

/* A policy of 64 KiB has room for thousands of patterns: they make no thousands of findings. */
static void
test_thousands_of_patterns(void **state)
{
	enum { COUNT_OF_MX = 7276 };
	static char *mx[COUNT_OF_MX];
	struct sts_policy policy = { .mode = STS_MODE_ENFORCE, .max_age_s = 86400, .mx = mx };
	struct check_facts facts;
	struct findings found;

	(void)state;
	check_facts_init(&facts, "example.com");
	mx[policy.mx_count++] = (char *)(uintptr_t)"m.example.com";
	while (policy.mx_count < COUNT_OF_MX)
		mx[policy.mx_count++] = (char *)(uintptr_t)"*.com";
	facts.policy = &policy;
	add_host(&facts, "m.example.com");
	findings_init(&found);
	mx_judge(&facts, &found);
	assert_in_range(found.count, 2, 210);
	assert_string_equal(found.list[1].id, "mx.unused");
	assert_string_equal(found.list[101].id, "mx.unused");
	assert_string_equal(found.list[101].seen, "and 7175 more lines that match no MX record");
	assert_string_equal(found.list[102].id, "mx.wide");
	findings_fini(&found);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_findings),
		cmocka_unit_test(test_thousands_of_patterns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
