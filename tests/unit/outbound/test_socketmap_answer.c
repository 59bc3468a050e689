/* SPDX-License-Identifier: ISC */
/* test_socketmap_answer.c - the answer by policy, DANE and map; its syntax; what a policy cannot inject; sizes. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/outbound/socketmap_answer.h"
#include "shared-cache/outbound/netstring.h"

#define NOW 1800000000
#define D "example.com"

static struct sts_entry *
policy(const char *text)
{
	struct sts_entry_spec spec = { .domain = D, .state = STS_STATE_POLICY, .id = "a1", .text = text,
		.text_len = strlen(text), .fetched = NOW - 100, .checked = NOW - 50, .expires = NOW + 3600 };
	struct sts_entry *e;

	if (sts_entry_new(&spec, &e) != STS_OK)
		fail_msg("no policy: %s", text);
	return e;
}

static struct sts_entry *
negative(enum sts_entry_state state, enum sts_reason reason)
{
	struct sts_entry_spec spec = { .domain = D, .state = state, .reason = reason, .checked = NOW - 50,
		.expires = NOW + 300 };
	struct sts_entry *e;

	assert_int_equal(sts_entry_new(&spec, &e), STS_OK);
	return e;
}

/* The caller frees. */
static char *
answer(const struct sts_outbound_facts *facts, struct sts_outbound_answer *a)
{
	char *storage = malloc(STS_ANSWER_CAP);
	struct sts_text reply;

	sts_text_init(&reply, storage, STS_ANSWER_CAP);
	sts_outbound_decide(facts, a);
	sts_outbound_write(facts, a, &reply);
	assert_false(reply.overflow);
	return storage;
}

#define ENFORCE "version: STSv1\nmode: enforce\nmx: mail.example.com\nmx: *.example.net\nmax_age: 86400\n"
#define TESTING "version: STSv1\nmode: testing\nmx: mail.example.com\nmax_age: 86400\n"
#define NONE "version: STSv1\nmode: none\nmax_age: 86400\n"
#define SECURE "OK secure match=mail.example.com:.example.net servername=hostname"

static void
test_dane_table(void **state)
{
	static const struct { enum sts_dane dane; const char *enforced, *without; } rows[] = {
		{ STS_DANE_OFF, SECURE, "NOTFOUND " },
		{ STS_DANE_PENDING, SECURE, "NOTFOUND " },
		{ STS_DANE_NONE, SECURE, "NOTFOUND " },
		{ STS_DANE_ALL, "OK dane-only", "OK dane-only" },
		{ STS_DANE_SOME, "OK dane-only", "OK dane" },
		{ STS_DANE_HALF, SECURE, "OK dane" },
		{ STS_DANE_UNUSABLE, SECURE, "OK dane" },
		{ STS_DANE_UNKNOWN, SECURE, "OK dane" },
	};
	struct sts_entry *enforced = policy(ENFORCE), *others[] = { policy(TESTING), policy(NONE),
		negative(STS_STATE_ABSENT, STS_REASON_NONE), negative(STS_STATE_FAILED, STS_REASON_FETCH_TLS), NULL };

	(void)state;
	_Static_assert(sizeof(rows) / sizeof(rows[0]) == STS_DANES, "a row for each");
	for (size_t i = 0; i < STS_DANES; i++) {
		struct sts_outbound_facts f = { .domain = D, .entry = enforced, .dane = rows[i].dane, .now = NOW };
		struct sts_outbound_answer a;
		char *got = answer(&f, &a);

		assert_string_equal(got, rows[i].enforced);
		free(got);
		for (size_t j = 0; j < sizeof(others) / sizeof(others[0]); j++) {
			f.entry = others[j];
			got = answer(&f, &a);
			assert_string_equal(got, rows[i].without);
			free(got);
		}
	}
	sts_entry_unref(&enforced);
	for (size_t j = 0; j < sizeof(others) / sizeof(others[0]); j++)
		sts_entry_unref(&others[j]);
}

static void
test_states(void **state)
{
	static const struct {
		const char *name, *text;
		enum sts_entry_state state;
		enum sts_reason reason;
		bool known, testing, defer;
		enum sts_socketmap map;
		const char *want;
		enum sts_outbound_why why;
	} rows[] = {
		{ "testing", TESTING, STS_STATE_POLICY, 0, true, false, true, STS_MAP_TLSRPT, "NOTFOUND ", STS_WHY_TESTING },
		{ "testing in reports", TESTING, STS_STATE_POLICY, 0, true, true, true, STS_MAP_TLSRPT,
		    "OK may policy_type=sts policy_domain=example.com { policy_string = version: STSv1 } "
		    "{ policy_string = mode: testing } { policy_string = mx: mail.example.com } "
		    "{ policy_string = max_age: 86400 } mx_host_pattern=mail.example.com", STS_WHY_TESTING },
		{ "never in the other map", TESTING, STS_STATE_POLICY, 0, true, true, true, STS_MAP_POSTFIX, "NOTFOUND ",
		    STS_WHY_TESTING },
		{ "mode none", NONE, STS_STATE_POLICY, 0, true, true, true, STS_MAP_TLSRPT, "NOTFOUND ", STS_WHY_MODE_NONE },
		{ "absent", NULL, STS_STATE_ABSENT, 0, true, true, true, STS_MAP_TLSRPT, "NOTFOUND ", STS_WHY_ABSENT },
		{ "web server down: as without", NULL, STS_STATE_FAILED, STS_REASON_FETCH_CONNECT, true, true, true,
		    STS_MAP_TLSRPT, "NOTFOUND ", STS_WHY_FAILED },
		{ "broken policy", NULL, STS_STATE_FAILED, STS_REASON_POLICY_INVALID, true, true, true, STS_MAP_TLSRPT,
		    "NOTFOUND ", STS_WHY_FAILED },
		{ "DNS silent", NULL, STS_STATE_FAILED, STS_REASON_DNS_TIMEOUT, true, false, false, STS_MAP_POSTFIX,
		    "NOTFOUND ", STS_WHY_FAILED },
		{ "DNS silent, mail may wait", NULL, STS_STATE_FAILED, STS_REASON_DNS_TIMEOUT, true, false, true,
		    STS_MAP_POSTFIX, "TEMP the policy of example.com could not be looked up yet", STS_WHY_FAILED },
		{ "pending", NULL, 0, 0, false, false, false, STS_MAP_POSTFIX, "NOTFOUND ", STS_WHY_PENDING },
		{ "pending, mail may wait", NULL, 0, 0, false, false, true, STS_MAP_POSTFIX,
		    "TEMP the policy of example.com could not be looked up yet", STS_WHY_PENDING },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sts_entry *e = !rows[i].known ? NULL : rows[i].text != NULL ? policy(rows[i].text) :
		    negative(rows[i].state, rows[i].reason);
		const struct sts_outbound_facts f = { .map = rows[i].map, .domain = D, .entry = e, .dane = STS_DANE_OFF,
			.report_testing = rows[i].testing, .may_defer = rows[i].defer, .now = NOW };
		struct sts_outbound_answer a;
		char *got = answer(&f, &a);

		if (strcmp(got, rows[i].want) != 0 || a.why != rows[i].why)
			fail_msg("%s: got \"%s\" (%s)", rows[i].name, got, sts_outbound_why_name(a.why));
		free(got);
		sts_entry_unref(&e);
	}
}

/* An expired policy is not in force. */
static void
test_expired(void **state)
{
	struct sts_entry *e = policy(ENFORCE);
	const struct sts_outbound_facts f = { .domain = D, .entry = e, .now = NOW + 3600 };
	struct sts_outbound_answer a;
	char *got = answer(&f, &a);

	(void)state;
	assert_string_equal(got, "NOTFOUND ");
	free(got);
	sts_entry_unref(&e);
}

static void
test_rules(void **state)
{
	static const struct { const char *match, *want; enum sts_send_level level; bool known; } rows[] = {
		{ NULL, "NOTFOUND ", STS_SEND_DEFAULT, true },
		{ NULL, "OK none", STS_SEND_NONE, true }, { NULL, "OK may", STS_SEND_MAY, true },
		{ NULL, "OK encrypt", STS_SEND_ENCRYPT, false }, { NULL, "OK dane", STS_SEND_DANE, false },
		{ NULL, "OK dane-only", STS_SEND_DANE_ONLY, true },
		{ NULL, "OK secure servername=hostname", STS_SEND_SECURE, false },
		{ NULL, SECURE, STS_SEND_SECURE, true },
		{ "mx.example:.b", "OK secure match=mx.example:.b servername=hostname", STS_SEND_SECURE, true },
	};
	struct sts_entry *e = policy(ENFORCE);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct sts_send_rule rule = { D, 1, rows[i].level, rows[i].match };
		const struct sts_outbound_facts f = { .map = STS_MAP_TLSRPT, .domain = D, .rule = &rule,
			.entry = rows[i].known ? e : NULL, .dane = STS_DANE_ALL, .may_defer = true, .now = NOW };
		struct sts_outbound_answer a;
		char *got = answer(&f, &a);

		assert_string_equal(got, rows[i].want);
		assert_int_equal(a.why, STS_WHY_RULE);
		free(got);
	}
	sts_entry_unref(&e);
}

static void
test_report(void **state)
{
	struct sts_entry *e = policy(ENFORCE);
	const struct sts_outbound_facts f = { .map = STS_MAP_TLSRPT, .domain = D, .entry = e, .now = NOW };
	struct sts_outbound_answer a;
	char *got = answer(&f, &a);

	(void)state;
	assert_string_equal(got, SECURE " policy_type=sts policy_domain=example.com { policy_string = version: STSv1 } "
	    "{ policy_string = mode: enforce } { policy_string = mx: mail.example.com } { policy_string = mx: *.example.net } "
	    "{ policy_string = max_age: 86400 } mx_host_pattern=mail.example.com mx_host_pattern=*.example.net");
	free(got);
	sts_entry_unref(&e);
}

/* Extension lines, which RFC 8461 allows, may contain any bytes. */
static void
test_injection(void **state)
{
	static const char *const lines[] = {
		"x: } policy_failure=validation-failure {", "x: a}b", "x: {", "x: a,b", "x: a=b", "x:\ta", "x: \x01", "x: \x7f",
		"x: \xc3\xbc", "x: \xff", "x: \"", "x: \\", "x: $mydomain", "x: %s", "x: ;", "x: #", "x: a\rb",
	};
	static const char clean[] = SECURE " policy_type=sts policy_domain=example.com { policy_string = version: STSv1 } "
	    "{ policy_string = mode: enforce } { policy_string = mx: mail.example.com } { policy_string = mx: *.example.net } "
	    "{ policy_string = max_age: 86400 } mx_host_pattern=mail.example.com mx_host_pattern=*.example.net";

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char text[1024];
		struct sts_entry_spec spec = { .domain = D, .state = STS_STATE_POLICY, .id = "a1", .text = text,
			.fetched = NOW - 100, .checked = NOW - 50, .expires = NOW + 3600 };
		struct sts_outbound_facts f = { .map = STS_MAP_TLSRPT, .domain = D, .now = NOW };
		struct sts_outbound_answer a;
		struct sts_entry *e;
		char *got;

		spec.text_len = (size_t)snprintf(text, sizeof(text), "%s%s\n", ENFORCE, lines[i]);
		if (sts_entry_new(&spec, &e) != STS_OK)
			continue;	/* the grammar of policies rejects it */
		f.entry = e;
		got = answer(&f, &a);
		if (strcmp(got, clean) != 0)
			fail_msg("line %zu: got \"%s\"", i, got);
		free(got);
		sts_entry_unref(&e);
	}
}

static size_t
occurrences(const char *text, const char *of)
{
	size_t n = 0;

	for (text = strstr(text, of); text != NULL; text = strstr(text + 1, of))
		n++;
	return n;
}

/* As many hosts as 64 KiB hold, with names of several lengths: no pattern is left out, and Postfix's limit is kept. */
static void
test_sizes(void **state)
{
	static const struct { size_t name, count; bool attributes; size_t strings; } rows[] = {
		{ 40, 10, true, 13 },		/* everything fits */
		{ 100, 400, true, 1 },		/* the policy's lines are left out first */
		{ 3, 6000, false, 0 },		/* then everything for reports */
		{ 240, 260, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = malloc(STS_POLICY_TEXT_MAX + 512), *got;
		size_t len = (size_t)sprintf(text, "version: STSv1\nmode: enforce\nmax_age: 86400\n");
		struct sts_outbound_facts f = { .map = STS_MAP_TLSRPT, .domain = D, .now = NOW };
		struct sts_outbound_answer a;
		struct sts_entry *e;

		for (size_t n = 0; n < rows[i].count; n++) {
			len += (size_t)sprintf(text + len, "mx:");
			for (size_t k = 0; k + 2 < rows[i].name; k++)
				text[len++] = k % 50 == 49 ? '.' : 'a';
			len += (size_t)sprintf(text + len, ".b\n");
		}
		assert_true(len <= STS_POLICY_TEXT_MAX);
		e = policy(text);
		f.entry = e;
		got = answer(&f, &a);
		assert_true(strlen(got) < 100000);
		assert_int_equal(occurrences(got, ".b:") + 1, rows[i].count);
		assert_int_equal(occurrences(got, "policy_type=sts"), rows[i].attributes);
		assert_int_equal(occurrences(got, "mx_host_pattern="), rows[i].attributes ? rows[i].count : 0);
		if (occurrences(got, "policy_string") != rows[i].strings)
			fail_msg("row %zu: %zu strings, %zu bytes", i, occurrences(got, "policy_string"), strlen(got));
		free(got);
		free(text);
		sts_entry_unref(&e);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dane_table),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_expired),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_injection),
		cmocka_unit_test(test_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
