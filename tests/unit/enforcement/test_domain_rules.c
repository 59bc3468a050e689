/* SPDX-License-Identifier: ISC */
/* test_domain_rules.c - files of rules: mistakes, limits, warnings. */
#include "config.h"

#include "shared-cache/enforcement/domain_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/enforcement/rules_world.h"

/* ---- files ---- */

#define NOT_A_WORD "no such word (exempt, tls=, version=, cert=, client=, action=, from=, until=)"
#define BAD_LABEL "an empty label, or one that begins or ends with a hyphen"

static void
test_nul(void **state)
{
	static const char text[] = "a.example exempt\0\nb.example exempt";
	struct notes notes;

	(void)state;
	assert_null(parse_bytes(text, sizeof(text) - 1, &notes));
	assert_string_equal(notes.storage, "1: a control character: this is not a text file\n");
}

#define AGAIN(pattern, line) "\"" pattern "\": line " line " has a rule for it already, and for the same days\n"

static const struct {
	const char *name, *text;
	size_t rules;		/* when the file is valid */
	const char *want;	/* otherwise */
} files[] = {
	{ "empty", "", 0, NULL },
	{ "no rules", "\n# a comment\n  \n\t# another\n#", 0, NULL },
	{ "no line feed at the end", "a.example exempt\nb.example exempt", 2, NULL },
	{ "CR LF", "a.example exempt\r\n\r\n# c\r\nb.example tls=optional\r\n", 2, NULL },
	{ "all mistakes at once, with their lines",
	    "a.example foo\n\nb.example exempt\n# c\nc.example tls=required\n-d exempt\n", 0,
	    "1: \"foo\": " NOT_A_WORD "\n"
	    "5: \"c.example\": no action=: accept, quarantine, tempfail or reject mail that does not satisfy this?\n"
	    "6: \"-d\": " BAD_LABEL "\n" },
	{ "twice", "a.example exempt\nb.example exempt\nA.Example. tls=optional\n", 0, "3: " AGAIN("a.example", "1") },
	{ "three times", "a.example exempt\na.example exempt\na.example exempt\n", 0,
	    "2: " AGAIN("a.example", "1") "3: " AGAIN("a.example", "1") },
	{ "twice, as U-label and as A-label", "b\xc3\xbc" "cher.example exempt\nxn--bcher-kva.example exempt\n", 0,
	    "2: " AGAIN("xn--bcher-kva.example", "1") },
	{ "twice, subdomains", ".a.example exempt\n.a.example exempt\n", 0, "2: " AGAIN(".a.example", "1") },
	{ "twice, recipient", "rcpt:a.example exempt\nrcpt:a.example exempt\n", 0, "2: " AGAIN("rcpt:a.example", "1") },
	{ "twice, role", "rcpt:abuse@a.example exempt\nrcpt:Abuse@a.example exempt\n", 0,
	    "2: " AGAIN("rcpt:abuse@a.example", "1") },
	{ "not the same", "a.example exempt\n.a.example exempt\nrcpt:a.example exempt\nrcpt:.a.example exempt\n"
	    "rcpt:abuse@a.example exempt\nrcpt:postmaster@a.example exempt\n", 6, NULL },
	{ "days that meet", "a.example exempt until=2026-01-31\na.example exempt from=2026-01-31\n", 0,
	    "2: " AGAIN("a.example", "1") },
	{ "days within others", "a.example exempt\na.example exempt from=2026-01-31 until=2026-01-31\n", 0,
	    "2: " AGAIN("a.example", "1") },
	{ "days that do not meet", "a.example exempt from=2026-02-01\na.example exempt until=2026-01-31\n", 2, NULL },
	{ "the third meets the second", "a.example exempt until=2026-01-31\na.example exempt from=2026-03-01\n"
	    "a.example exempt from=2026-02-01 until=2026-03-01\n", 0, "3: " AGAIN("a.example", "2") },
	{ "for other clients", "a.example tls=required action=reject\na.example exempt client=192.0.2.1\n"
	    "a.example tls=optional cert=x\na.example exempt client=192.0.2.1\n", 4, NULL },
	{ "requirements do not say for whom", "a.example tls=required client=192.0.2.1 action=reject\n"
	    "a.example cert=x action=reject\n", 0, "2: " AGAIN("a.example", "1") },
};

static void
test_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(files); i++) {
		struct notes notes;
		struct sts_domain_rules *rules = parse(files[i].text, &notes);

		if (strcmp(notes.storage, files[i].want != NULL ? files[i].want : "") != 0)
			fail_msg("%s: got \"%s\"", files[i].name, notes.storage);
		if (sts_domain_rules_count(rules) != files[i].rules)
			fail_msg("%s: %zu rules", files[i].name, sts_domain_rules_count(rules));
		sts_domain_rules_free(&rules);
	}
	assert_int_equal(sts_domain_rules_count(NULL), 0);
}

/* ---- bounds ---- */

/* count lines "PREFIX<n>SUFFIX"; the caller frees. */
static char *
many_lines(size_t count, const char *prefix, const char *suffix)
{
	size_t cap = count * (strlen(prefix) + strlen(suffix) + 24) + 1;
	char *text = malloc(cap);
	struct sts_text out;

	assert_non_null(text);
	sts_text_init(&out, text, cap);
	for (size_t i = 0; i < count; i++)
		sts_text_addf(&out, "%s%zu%s\n", prefix, i, suffix);
	assert_false(out.overflow);
	return text;
}

static void
test_mistakes_are_bounded(void **state)
{
	static const struct {
		size_t lines, told;
		const char *last;
	} rows[] = {
		{ 99, 99, "99: \"foo98\": " NOT_A_WORD "\n" }, { 100, 100, "100: \"foo99\": " NOT_A_WORD "\n" },
		{ 101, 101, "0: and 1 more lines that are wrong\n" }, { 5000, 101, "0: and 4900 more lines that are wrong\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *text = many_lines(rows[i].lines, "a.example foo", "");
		struct notes notes;

		assert_null(parse(text, &notes));
		assert_int_equal(notes.count, rows[i].told);
		assert_string_equal(notes.storage + notes.text.len - strlen(rows[i].last), rows[i].last);
		free(text);
	}
}

static void
test_rules_of_one_pattern(void **state)
{
	(void)state;
	for (size_t count = 64; count <= 66; count++) {
		char *text = many_lines(count, "a.example exempt client=x", ".example");
		struct notes notes;
		struct sts_domain_rules *rules = parse(text, &notes);

		assert_int_equal(rules != NULL, count == 64);
		assert_int_equal(notes.count, count - 64);
		if (rules == NULL)
			assert_non_null(strstr(notes.storage, "65: \"a.example\": more than 64 rules for it\n"));
		sts_domain_rules_free(&rules);
		free(text);
	}
}

static void
test_file_length(void **state)
{
	char *text = malloc(STS_RULES_TEXT_MAX + 1);
	struct sts_domain_rules *rules;
	struct notes notes;

	(void)state;
	assert_non_null(text);
	memset(text, '\n', STS_RULES_TEXT_MAX + 1);
	init_notes(&notes);
	assert_int_equal(sts_domain_rules_parse(text, STS_RULES_TEXT_MAX, keep_note, &notes, &rules), STS_OK);
	sts_domain_rules_free(&rules);
	assert_int_equal(sts_domain_rules_parse(text, STS_RULES_TEXT_MAX + 1, keep_note, &notes, &rules), STS_EINVAL);
	assert_string_equal(notes.storage, "0: too long for a file of rules\n");
	free(text);
}

/* The maximum number of rules, each of which is found; one more is reported, but not for every line that is left. */
static void
test_number_of_rules(void **state)
{
	char *text = many_lines(STS_RULES_MAX + 2, "d", ".x exempt");
	struct sts_domain_rules *rules;
	struct notes notes;
	char domain[32];
	size_t len;

	(void)state;
	init_notes(&notes);
	assert_int_equal(sts_domain_rules_parse(text, strlen(text), keep_note, &notes, &rules), STS_EINVAL);
	assert_string_equal(notes.storage, "1000001: too many rules: the rest is not looked at\n");
	len = (size_t)(strstr(text, "d1000000.x") - text);
	assert_int_equal(sts_domain_rules_parse(text, len, keep_note, &notes, &rules), STS_OK);
	assert_int_equal(sts_domain_rules_count(rules), STS_RULES_MAX);
	for (unsigned i = 0; i <= STS_RULES_MAX; i += 1000) {
		const struct sts_domain_rule *rule;

		snprintf(domain, sizeof(domain), "d%u.x", i);
		rule = sts_domain_rules_find(rules, STS_RULE_SENDER, domain, &nobody, today);
		assert_true((rule != NULL) == (i < STS_RULES_MAX));
		assert_true(rule == NULL || (rule->line == i + 1 && strcmp(rule->pattern, domain) == 0));
	}
	sts_domain_rules_free(&rules);
	free(text);
}

/* Whether the MTA must be asked for client certificates; and parsing without a callback for mistakes. */
static void
test_asks_cert(void **state)
{
	static const struct {
		const char *text;
		bool asks;
	} rows[] = {
		{ "a.example tls=required action=reject\n", false }, { "a.example cert=x action=reject\n", true },
		{ "a.example exempt\nb.example cert=*/y action=reject\nc.example exempt\n", true },
	};
	char *mistakes = many_lines(150, "a.example foo", "");
	struct sts_domain_rules *rules;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		rules = parse_good(rows[i].text);
		assert_int_equal(sts_domain_rules_asks_cert(rules), rows[i].asks);
		sts_domain_rules_free(&rules);
	}
	assert_false(sts_domain_rules_asks_cert(NULL));
	assert_int_equal(sts_domain_rules_parse(mistakes, strlen(mistakes), NULL, NULL, &rules), STS_EINVAL);
	free(mistakes);
}

/* ---- warnings ---- */

static void
test_warnings(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "", "" },
		{ "a.example exempt\n.a.example version=TLSv1.2 action=reject\nexample exempt\n", "" },
		{ "a.example exempt until=2026-11-24\n", "" },
		{ "\na.example exempt until=2026-11-23\n", "2: \"a.example\": its days are over\n" },
		{ "rcpt:.example exempt\n", "1: \"rcpt:.example\": this covers a whole top-level domain\n" },
		{ "a.example version=TLSv1.1 action=reject\n",
		    "1: \"a.example\": versions before TLSv1.2 are deprecated (RFC 8996)\n" },
		{ ".b exempt until=2020-01-01\n.a exempt\n.b exempt from=2020-01-02\n",
		    "1: \".b\": its days are over\n1: \".b\": this covers a whole top-level domain\n"
		    "2: \".a\": this covers a whole top-level domain\n3: \".b\": this covers a whole top-level domain\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sts_domain_rules *rules = parse_good(rows[i].text);
		struct notes notes;

		init_notes(&notes);
		sts_domain_rules_warn(rules, today, keep_note, &notes);
		if (strcmp(notes.storage, rows[i].want) != 0)
			fail_msg("%s: got \"%s\", want \"%s\"", rows[i].text, notes.storage, rows[i].want);
		sts_domain_rules_free(&rules);
	}
}

static void
test_warnings_are_bounded(void **state)
{
	char *text = many_lines(250, ".x", " exempt");
	struct sts_domain_rules *rules = parse_good(text);
	struct notes notes;

	(void)state;
	init_notes(&notes);
	sts_domain_rules_warn(rules, today, keep_note, &notes);
	assert_int_equal(notes.count, 101);
	assert_non_null(strstr(notes.storage, "\n0: and 150 more warnings\n"));
	sts_domain_rules_free(&rules);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_mistakes_are_bounded),
		cmocka_unit_test(test_rules_of_one_pattern),
		cmocka_unit_test(test_file_length),
		cmocka_unit_test(test_number_of_rules),
		cmocka_unit_test(test_asks_cert),
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_warnings_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
