/* SPDX-License-Identifier: ISC */
/* test_domain_rule_line.c - valid lines of domain rules, and every possible mistake. */
#include "config.h"

#include "shared-cache/enforcement/domain_rules_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/base/text.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* Parses a line in a buffer of exactly its size. The draft's slices die with that, unless the caller has the line. */
static enum sts_status
parse(const char *line, size_t len, struct sts_rule_draft *draft, char why[STS_RULE_WHY_CAP])
{
	char *exact = malloc(len > 0 ? len : 1);
	enum sts_status status;

	assert_non_null(exact);
	memcpy(exact, line, len);
	status = sts_domain_rule_parse_line(exact, len, draft, why);
	free(exact);
	return status;
}

/* ---- valid lines ---- */

static void
add_slice(struct sts_text *out, const char *name, const struct sts_rule_slice *slice)
{
	if (slice->bytes == NULL)
		return;
	sts_text_add(out, name);
	sts_text_add_bytes(out, slice->bytes, slice->len);
}

static void
describe(const struct sts_rule_draft *draft, struct sts_text *out)
{
	sts_text_addf(out, "%s%s %s", sts_rule_side_prefix(draft->side), draft->pattern, sts_rule_kind_name(draft->kind));
	if (draft->kind == STS_RULE_REQUIRE)
		sts_text_addf(out, " %s", sts_action_name(draft->action));
	if (draft->min_version != 0)
		sts_text_addf(out, " version %d", draft->min_version);
	add_slice(out, " subject ", &draft->subject);
	add_slice(out, " issuer ", &draft->issuer);
	sts_text_add(out, draft->names_len > 0 ? " names " : "");
	for (const char *name = draft->names; *name != '\0'; name += strlen(name) + 1)
		sts_text_addf(out, "[%s]", name);
	sts_text_add(out, draft->networks != NULL ? " networks" : "");
	if (draft->from != INT32_MIN)
		sts_text_addf(out, " from %d", (int)draft->from);
	if (draft->until != INT32_MAX)
		sts_text_addf(out, " until %d", (int)draft->until);
}

static const struct {
	const char *line;
	const char *want;	/* NULL: an empty line */
} good_lines[] = {
	{ "bank.example tls=required action=reject", "bank.example require reject" },
	{ "\t bank.example \t tls=required\taction=tempfail \t", "bank.example require tempfail" },
	{ "bank.example tls=required action=quarantine # agreed\tin May", "bank.example require quarantine" },
	{ "bank.example action=accept tls=required #x", "bank.example require accept" },
	{ "BANK.Example. exempt", "bank.example exempt" },
	{ "b\xc3\xbc" "cher.example exempt", "xn--bcher-kva.example exempt" },
	{ "xn--bcher-kva.example exempt", "xn--bcher-kva.example exempt" },
	{ ".B\xc3\x9c" "CHER.example exempt", ".xn--bcher-kva.example exempt" },
	{ "rcpt:b\xc3\xbc" "cher.example exempt", "rcpt:xn--bcher-kva.example exempt" },
	{ ".supplier.example tls=optional", ".supplier.example optional" },
	{ "rcpt:board.example tls=required action=reject", "rcpt:board.example require reject" },
	{ "rcpt:.board.example exempt", "rcpt:.board.example exempt" },
	{ "under_score.example exempt", "under_score.example exempt" },
	{ "example exempt", "example exempt" },
	{ "a.example version=TLSv1 action=reject", "a.example require reject version 2" },
	{ "a.example version=TLSv1.1 action=reject", "a.example require reject version 3" },
	{ "a.example version=TLSv1.2 tls=required action=reject", "a.example require reject version 4" },
	{ "a.example tls=required version=TLSv1.3 action=reject", "a.example require reject version 5" },
	{ "a.example cert=mx*.a.example action=reject", "a.example require reject subject mx*.a.example" },
	{ "a.example cert=*/Lab?CA action=reject", "a.example require reject subject * issuer Lab?CA" },
	{ "a.example cert=a=b#c action=reject", "a.example require reject subject a=b#c" },
	{ "a.example tls=required client=.a.example,192.0.2.0/24 action=reject",
	    "a.example require reject names [.a.example] networks" },
	{ "a.example exempt client=x", "a.example exempt names [x]" },
	{ "a.example exempt client=192.0.2.1", "a.example exempt networks" },
	{ "a.example tls=optional client=2001:db8::/32", "a.example optional networks" },
	{ "a.example exempt client=B\xc3\xbc" "cher.example.,.x_y.example,b.example,192.0.2.1,::1,10.0.0.0/8",
	    "a.example exempt names [xn--bcher-kva.example][.x_y.example][b.example] networks" },
	{ "a.example exempt from=2026-11-24", "a.example exempt from 20781" },
	{ "a.example exempt until=2026-11-24", "a.example exempt until 20781" },
	{ "a.example until=2026-11-24 from=2026-11-24 exempt", "a.example exempt from 20781 until 20781" },
	{ "rcpt:PostMaster@B\xc3\xbc" "cher.example exempt", "rcpt:postmaster@xn--bcher-kva.example exempt" },
	{ "rcpt:abuse@a.example tls=required action=reject", "rcpt:abuse@a.example require reject" },
	{ "", NULL },
	{ " \t ", NULL },
	{ "#a.example exempt", NULL },
	{ "\t# \xff\xfe", NULL },
};

static void
test_good_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good_lines); i++) {
		const char *line = good_lines[i].line;
		struct sts_rule_draft draft;
		char why[STS_RULE_WHY_CAP] = "", got[512];
		enum sts_status status = sts_domain_rule_parse_line(line, strlen(line), &draft, why);
		struct sts_text text;

		if (status != (good_lines[i].want != NULL ? STS_OK : STS_ENOTFOUND))
			fail_msg("\"%s\": %s", line, why);
		if (status != STS_OK)
			continue;
		sts_text_init(&text, got, sizeof(got));
		describe(&draft, &text);
		if (strcmp(got, good_lines[i].want) != 0)
			fail_msg("\"%s\": got \"%s\", want \"%s\"", line, got, good_lines[i].want);
		sts_domain_rule_draft_fini(&draft);
		assert_null(draft.networks);
	}
}

/* ---- mistakes ---- */

#define NOT_A_WORD "no such word (exempt, tls=, version=, cert=, client=, action=, from=, until=)"
#define BAD_BYTE "a byte that host names cannot contain"
#define BAD_LABEL "an empty label, or one that begins or ends with a hyphen"
#define NO_ADDRESS "only rcpt:postmaster@ and rcpt:abuse@ name an address; otherwise it must be a domain"
#define NO_STAR "subdomains are written with a dot in front, without the *"
#define NO_DAY "must be a day of the calendar as YYYY-MM-DD"

static const struct {
	const char *line, *want;
} bad_lines[] = {
	/* patterns */
	{ ". exempt", "\".\": empty" },
	{ ".. exempt", "\"..\": " BAD_LABEL },
	{ "a..b exempt", "\"a..b\": " BAD_LABEL },
	{ "-a.example exempt", "\"-a.example\": " BAD_LABEL },
	{ "a.example, exempt", "\"a.example,\": " BAD_BYTE },
	{ "192.0.2.1 exempt", "\"192.0.2.1\": an address, not a name" },
	{ "[192.0.2.1] exempt", "\"[192.0.2.1]\": " BAD_BYTE },
	{ "*.a.example exempt", "\"*.a.example\": " NO_STAR },
	{ "*a.example exempt", "\"*a.example\": " BAD_BYTE },
	{ "* exempt", "\"*\": " BAD_BYTE },
	{ "a.example exempt client=*a.example", "\"client=*a.example\": " BAD_BYTE },
	{ "rcpt:postmastex@a.example exempt", "\"rcpt:postmastex@a.example\": " NO_ADDRESS },
	{ "rcpt:*.a.example exempt", "\"rcpt:*.a.example\": " NO_STAR },
	{ "rcpt: exempt", "\"rcpt:\": empty" },
	{ "RCPT:a.example exempt", "\"RCPT:a.example\": " BAD_BYTE },
	{ "\xff.example exempt", "\"\\xff.example\": not a valid internationalised name" },
	{ "\xef\xbb\xbf# comment", "\"\\xef\\xbb\\xbf#\": " BAD_BYTE },
	{ "joe@a.example exempt", "\"joe@a.example\": " NO_ADDRESS },
	{ "postmaster@a.example exempt", "\"postmaster@a.example\": " NO_ADDRESS },
	{ "rcpt:joe@a.example exempt", "\"rcpt:joe@a.example\": " NO_ADDRESS },
	{ "rcpt:@a.example exempt", "\"rcpt:@a.example\": " NO_ADDRESS },
	{ "rcpt:abuse@ exempt", "\"rcpt:abuse@\": empty" },
	{ "rcpt:abuse@.a.example exempt", "\"rcpt:abuse@.a.example\": " BAD_LABEL },
	{ "a\\\"\xc3\xa4\"b=c exempt", "\"a\\x5c\"\\xc3\\xa4\"b=c\": not a valid internationalised name" },
	/* words */
	{ "a.example foo", "\"foo\": " NOT_A_WORD },
	{ "a.example exempt=yes", "\"exempt=yes\": " NOT_A_WORD },
	{ "a.example tls=required#x action=accept", "\"tls=required#x\": must be required or optional" },
	{ "a.example exempted", "\"exempted\": " NOT_A_WORD },
	{ "a.example tls", "\"tls\": " NOT_A_WORD },
	{ "a.example Exempt", "\"Exempt\": " NOT_A_WORD },
	{ "a.example tls =required", "\"tls\": " NOT_A_WORD },
	{ "a.example b.example exempt", "\"b.example\": " NOT_A_WORD },
	{ "a.example tls=", "\"tls=\": must be required or optional" },
	{ "a.example tls=Required action=reject", "\"tls=Required\": must be required or optional" },
	{ "a.example tls=none", "\"tls=none\": must be required or optional" },
	{ "a.example version=1.2", "\"version=1.2\": must be TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3" },
	{ "a.example version=SSLv3", "\"version=SSLv3\": must be TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3" },
	{ "a.example version=TLSv1.4", "\"version=TLSv1.4\": must be TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3" },
	{ "a.example action=discard", "\"action=discard\": must be accept, quarantine, tempfail or reject" },
	{ "a.example action=", "\"action=\": must be accept, quarantine, tempfail or reject" },
	{ "a.example cert=", "\"cert=\": must be SUBJECT or SUBJECT/ISSUER (* for any)" },
	{ "a.example cert=/CA", "\"cert=/CA\": must be SUBJECT or SUBJECT/ISSUER (* for any)" },
	{ "a.example cert=a/", "\"cert=a/\": must be SUBJECT or SUBJECT/ISSUER (* for any)" },
	{ "a.example cert=a/b/c", "\"cert=a/b/c\": more than one slash (? stands for one that is part of a name)" },
	{ "a.example exempt client=", "\"client=\": empty" },
	{ "a.example exempt client=a.example,", "\"client=a.example,\": empty" },
	{ "a.example exempt client=,a.example", "\"client=,a.example\": empty" },
	{ "a.example exempt client=192.0.2.1/24", "\"client=192.0.2.1/24\": host bits are set in a network" },
	{ "a.example exempt client=192.0.2.0/33", "\"client=192.0.2.0/33\": not a network" },
	{ "a.example exempt client=a.example,192.0.2.0/x", "\"client=a.example,192.0.2.0/x\": not a network" },
	{ "a.example exempt client=192.0.2.256", "\"client=192.0.2.256\": an address, not a name" },
	{ "a.example exempt client=2001:db8::g", "\"client=2001:db8::g\": " BAD_BYTE },
	{ "a.example exempt client=*.b.example", "\"client=*.b.example\": " NO_STAR },
	{ "a.example exempt client=a_,b..c", "\"client=a_,b..c\": " BAD_LABEL },
	{ "a.example exempt from=", "\"from=\": " NO_DAY },
	{ "a.example exempt from=2026-2-03", "\"from=2026-2-03\": " NO_DAY },
	{ "a.example exempt until=2026-02-29", "\"until=2026-02-29\": " NO_DAY },
	{ "a.example exempt until=tomorrow", "\"until=tomorrow\": " NO_DAY },
	/* twice */
	{ "a.example exempt exempt", "\"exempt\": this word is given twice" },
	{ "a.example tls=required tls=optional", "\"tls=optional\": this word is given twice" },
	{ "a.example version=TLSv1.2 version=TLSv1.2", "\"version=TLSv1.2\": this word is given twice" },
	{ "a.example cert=a cert=b", "\"cert=b\": this word is given twice" },
	{ "a.example client=192.0.2.1 client=192.0.2.2", "\"client=192.0.2.2\": this word is given twice" },
	{ "a.example action=reject action=accept", "\"action=accept\": this word is given twice" },
	{ "a.example from=2026-01-01 from=2026-01-01", "\"from=2026-01-01\": this word is given twice" },
	{ "a.example until=2026-01-01 until=2026-01-01", "\"until=2026-01-01\": this word is given twice" },
	/* together */
	{ "a.example", "\"a.example\": nothing is required: add tls=, version=, cert= or exempt" },
	{ "a.example # exempt", "\"a.example\": nothing is required: add tls=, version=, cert= or exempt" },
	{ "a.example action=reject", "\"a.example\": nothing is required: add tls=, version=, cert= or exempt" },
	{ "a.example from=2026-01-01", "\"a.example\": nothing is required: add tls=, version=, cert= or exempt" },
	{ "a.example client=192.0.2.1 action=reject",
	    "\"a.example\": client= says who, not what: add tls=required, tls=optional or exempt" },
	{ "a.example tls=required",
	    "\"a.example\": no action=: accept, quarantine, tempfail or reject mail that does not satisfy this?" },
	{ "a.example version=TLSv1.3",
	    "\"a.example\": no action=: accept, quarantine, tempfail or reject mail that does not satisfy this?" },
	{ "a.example cert=*",
	    "\"a.example\": no action=: accept, quarantine, tempfail or reject mail that does not satisfy this?" },
	{ "a.example exempt tls=required", "\"a.example\": exempt excludes tls=, version= and action=" },
	{ "a.example tls=optional exempt", "\"a.example\": exempt excludes tls=, version= and action=" },
	{ "a.example exempt version=TLSv1.2", "\"a.example\": exempt excludes tls=, version= and action=" },
	{ "a.example exempt action=accept", "\"a.example\": exempt excludes tls=, version= and action=" },
	{ "a.example tls=optional version=TLSv1.2", "\"a.example\": tls=optional excludes version= and action=" },
	{ "a.example action=reject tls=optional", "\"a.example\": tls=optional excludes version= and action=" },
	{ "a.example exempt from=2026-11-25 until=2026-11-24", "\"a.example\": until= is before from=" },
	/* bytes */
	{ "a.example exempt\x01", "a control character: this is not a text file" },
	{ "# \x1b[31m", "a control character: this is not a text file" },
	{ "a.example\r exempt", "a control character: this is not a text file" },
	{ "\x7f", "a control character: this is not a text file" },
};

static void
test_bad_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad_lines); i++) {
		struct sts_rule_draft draft;
		char why[STS_RULE_WHY_CAP] = "";

		if (parse(bad_lines[i].line, strlen(bad_lines[i].line), &draft, why) != STS_EINVAL)
			fail_msg("\"%s\" is not refused", bad_lines[i].line);
		if (strcmp(why, bad_lines[i].want) != 0)
			fail_msg("\"%s\": got \"%s\", want \"%s\"", bad_lines[i].line, why, bad_lines[i].want);
	}
}

/* The quoted part of a word is bounded, and the message about it is complete. */
static void
test_long_word(void **state)
{
	char line[400] = "a.example ", why[STS_RULE_WHY_CAP];
	struct sts_rule_draft draft;

	(void)state;
	memset(line + 10, 0xe9, 300);
	assert_int_equal(parse(line, 310, &draft, why), STS_EINVAL);
	assert_int_equal(strlen(why), 1 + 60 * 4 + 3 + 3 + strlen(NOT_A_WORD));
	assert_string_equal(why + strlen(why) - strlen(NOT_A_WORD), NOT_A_WORD);
}

/* ---- bounds ---- */

static void
test_line_length(void **state)
{
	char line[STS_RULE_LINE_MAX + 2], why[STS_RULE_WHY_CAP];
	struct sts_rule_draft draft;

	(void)state;
	memset(line, 'x', sizeof(line));
	memcpy(line, "a.example exempt #", 18);
	assert_int_equal(parse(line, STS_RULE_LINE_MAX, &draft, why), STS_OK);
	sts_domain_rule_draft_fini(&draft);
	assert_int_equal(parse(line, STS_RULE_LINE_MAX + 1, &draft, why), STS_EINVAL);
	assert_string_equal(why, "the line is too long");
}

static void
test_cert_length(void **state)
{
	char line[512], why[STS_RULE_WHY_CAP];
	struct sts_rule_draft draft;

	(void)state;
	snprintf(line, sizeof(line), "a.example exempt cert=%0*d", STS_RULE_CERT_MAX, 0);
	assert_int_equal(parse(line, strlen(line), &draft, why), STS_OK);
	sts_domain_rule_draft_fini(&draft);
	snprintf(line, sizeof(line), "a.example exempt cert=%0*d", STS_RULE_CERT_MAX + 1, 0);
	assert_int_equal(parse(line, strlen(line), &draft, why), STS_EINVAL);
	assert_non_null(strstr(why, ": too long for the names in a certificate"));
}

/* Parses "a.example exempt client=" and count clients: prefix, number, suffix. */
static enum sts_status
parse_clients(const char *const affixes[2], int count, size_t *names_len, char why[STS_RULE_WHY_CAP])
{
	char line[STS_RULE_LINE_MAX + 1];
	struct sts_rule_draft draft;
	struct sts_text text;
	enum sts_status status;

	sts_text_init(&text, line, sizeof(line));
	sts_text_add(&text, "a.example exempt client=");
	for (int i = 0; i < count; i++)
		sts_text_addf(&text, "%s%s%d%s", i > 0 ? "," : "", affixes[0], i, affixes[1]);
	assert_false(text.overflow);
	status = parse(line, text.len, &draft, why);
	*names_len = status == STS_OK ? draft.names_len : 0;
	if (status == STS_OK)
		sts_domain_rule_draft_fini(&draft);
	return status;
}

static void
test_number_of_clients(void **state)
{
	static const char *const affixes[][2] = { { "x", ".example" }, { ".x", ".example" }, { "192.0.2.", "" } };
	char why[STS_RULE_WHY_CAP];
	size_t names_len;

	(void)state;
	for (size_t i = 0; i < COUNT(affixes); i++) {
		assert_int_equal(parse_clients(affixes[i], STS_RULE_CLIENTS_MAX, &names_len, why), STS_OK);
		assert_int_equal(parse_clients(affixes[i], STS_RULE_CLIENTS_MAX + 1, &names_len, why), STS_EINVAL);
		assert_non_null(strstr(why, ": more than 64 clients"));
	}
}

/* Names can be longer as A-labels than in the line: there is room for all of them. */
static void
test_long_names(void **state)
{
	static const char *const pile[2] = {
		"\xe3\x8e\xa1\xe3\x8e\xa1\xe3\x8e\xa1\xe3\x8e\xa1\xe3\x8e\xa1\xe3\x8e\xa1\xe3\x8e\xa1", ".example"
	};
	char why[STS_RULE_WHY_CAP] = "";
	size_t names_len;

	(void)state;
	assert_int_equal(parse_clients(pile, STS_RULE_CLIENTS_MAX, &names_len, why), STS_OK);
	assert_true(names_len > STS_RULE_CLIENTS_MAX * 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_lines),
		cmocka_unit_test(test_bad_lines),
		cmocka_unit_test(test_long_word),
		cmocka_unit_test(test_line_length),
		cmocka_unit_test(test_cert_length),
		cmocka_unit_test(test_number_of_clients),
		cmocka_unit_test(test_long_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
