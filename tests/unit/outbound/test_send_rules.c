/* SPDX-License-Identifier: ISC */
/* test_send_rules.c - valid and invalid lines; which rule applies. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/outbound/send_rules.h"

struct told {
	unsigned line;
	size_t count;
	char text[512];
};

static void
note(void *arg, unsigned line, const char *text)
{
	struct told *told = arg;

	told->line = line;
	told->count++;
	snprintf(told->text, sizeof(told->text), "%s", text);
}

static void
test_find(void **state)
{
	static const char text[] =
	    "# a comment\n"
	    "bank.example tls=required action=reject\n"
	    "send:bank.example\ttls=secure  # why\r\n"
	    "  send:.gov.example tls=dane-only\n"
	    "send:old.example\rtls=may\r\n"
	    "send:.b.gov.example tls=default\n"
	    "send:mx.example tls=secure match=mx.example:.mx.example\n"
	    "send:B\xc3\xbc" "cher.example tls=encrypt";
	static const struct { const char *domain, *pattern; enum sts_send_level level; } rows[] = {
		{ "bank.example", "bank.example", STS_SEND_SECURE },
		{ "www.bank.example", NULL, 0 },
		{ "gov.example", NULL, 0 },
		{ "a.gov.example", ".gov.example", STS_SEND_DANE_ONLY },
		{ "x.a.gov.example", ".gov.example", STS_SEND_DANE_ONLY },
		{ "b.gov.example", ".gov.example", STS_SEND_DANE_ONLY },
		{ "c.b.gov.example", ".b.gov.example", STS_SEND_DEFAULT },
		{ "old.example", "old.example", STS_SEND_MAY },
		{ "xn--bcher-kva.example", "xn--bcher-kva.example", STS_SEND_ENCRYPT },
		{ "example", NULL, 0 }, { "", NULL, 0 },
	};
	struct told told = { 0 };
	struct sts_send_rules *rules;

	(void)state;
	assert_int_equal(sts_send_rules_parse(text, sizeof(text) - 1, note, &told, &rules), STS_OK);
	assert_int_equal(told.count, 0);
	assert_int_equal(sts_send_rules_count(rules), 6);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct sts_send_rule *rule = sts_send_rules_find(rules, rows[i].domain);

		if ((rule == NULL) != (rows[i].pattern == NULL))
			fail_msg("%s: a rule or none", rows[i].domain);
		if (rule != NULL && (strcmp(rule->pattern, rows[i].pattern) != 0 || rule->level != rows[i].level))
			fail_msg("%s: got %s %s", rows[i].domain, rule->pattern, sts_send_level_name(rule->level));
	}
	assert_string_equal(sts_send_rules_find(rules, "mx.example")->match, "mx.example:.mx.example");
	assert_int_equal(sts_send_rules_find(rules, "bank.example")->line, 3);
	sts_send_rules_free(&rules);
	assert_null(sts_send_rules_find(NULL, "bank.example"));
}

static void
test_mistakes(void **state)
{
	static const struct { const char *line, *want; } rows[] = {
		{ "send:", "" }, { "send:a.example", "tls= is missing" }, { "send:a.example tls=", "tls must be" },
		{ "send:a.example tls=Secure", "tls must be" }, { "send:a.example tls=may tls=may", "given twice" },
		{ "send:*.a.example tls=may", "dot in front" }, { "send:192.0.2.1 tls=may", "" },
		{ "send:a.example tls=may action=reject", "allows only tls= and match=" },
		{ "send:a.example tls=may match=a", "match= goes with" }, { "send:a.example tls=secure match=", "match must be" },
		{ "send:a.example tls=secure match=a,b", "match must be" }, { "send:a.example tls=secure match={a}", "match must be" },
		{ "send:a.example tls=secure match=:a", "match must be" }, { "send:a.example tls=secure match=a:", "match must be" },
		{ "send:*", "" }, { "send:localhost tls=may", "one label" },
		{ "send:a.example tls=secure match=a match=b", "match is given twice" },
		{ "send:a.example tls=may\nsend:A.example tls=secure", "already" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct told told = { 0 };
		struct sts_send_rules *rules;

		if (sts_send_rules_parse(rows[i].line, strlen(rows[i].line), note, &told, &rules) != STS_EINVAL)
			fail_msg("%s: not refused", rows[i].line);
		assert_null(rules);
		assert_int_equal(told.count, 1);
		if (strstr(told.text, rows[i].want) == NULL)
			fail_msg("%s: got \"%s\"", rows[i].line, told.text);
	}
}

static void
test_lengths(void **state)
{
	static char text[200 * 20], line[STS_RULE_LINE_MAX + 100];
	struct sts_send_rules *rules;
	struct told told = { 0 };
	size_t len;

	(void)state;
	/* the length of a line, and of the names in it */
	for (size_t more = 0; more < 2; more++) {
		len = (size_t)snprintf(line, sizeof(line), "send:a.example tls=may #");
		memset(line + len, 'x', STS_RULE_LINE_MAX + more - len);
		assert_int_equal(sts_send_rules_parse(line, STS_RULE_LINE_MAX + more, note, &told, &rules), more ? STS_EINVAL : STS_OK);
		sts_send_rules_free(&rules);
	}
	assert_int_equal(told.count, 1);
	assert_non_null(strstr(told.text, "too long"));
	for (size_t more = 0; more < 2; more++) {
		len = (size_t)snprintf(line, sizeof(line), "send:a.example tls=secure match=");
		memset(line + len, 'x', 1024 + more);
		assert_int_equal(sts_send_rules_parse(line, len + 1024 + more, note, &told, &rules), more ? STS_EINVAL : STS_OK);
		sts_send_rules_free(&rules);
	}
	/* mistakes beyond the limit are not reported, but they count */
	len = 0;
	for (int i = 0; i < STS_RULES_NOTES + 50; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "send:a.example\n");
	memset(&told, 0, sizeof(told));
	assert_int_equal(sts_send_rules_parse(text, len, note, &told, &rules), STS_EINVAL);
	assert_int_equal(told.count, STS_RULES_NOTES);
}

static void
test_names_of_levels(void **state)
{
	(void)state;
	assert_string_equal(sts_send_level_name(STS_SEND_DANE_ONLY), "dane-only");
	assert_string_equal(sts_send_level_name(STS_SEND_LEVELS), "");
}

static void
test_none(void **state)
{
	static const char text[] = "bank.example tls=required action=reject\n\n# send:x\n";
	struct told told = { 0 };
	struct sts_send_rules *rules;

	(void)state;
	assert_int_equal(sts_send_rules_parse(text, sizeof(text) - 1, note, &told, &rules), STS_OK);
	assert_null(rules);
	assert_int_equal(sts_send_rules_count(rules), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find), cmocka_unit_test(test_mistakes), cmocka_unit_test(test_none), cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_names_of_levels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
