/* SPDX-License-Identifier: ISC */
/* test_usage.c - mistakes on the command line and their texts; a stub of output.c keeps what is printed. */
#include "config.h"

#include "stsctl/context/usage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/terminal/output.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct cmd_context context;
static char said[400];

enum cmd_exit
output_error(const struct cmd_context *of, enum cmd_exit code, const char *format, ...)
{
	va_list ap;

	assert_non_null(of);
	assert_int_equal(code, CMD_USAGE);
	assert_string_equal(said, "");	/* one mistake is enough */
	va_start(ap, format);
	vsnprintf(said, sizeof(said), format, ap);
	va_end(ap);
	return code;
}

static int
forget(void **state)
{
	(void)state;
	said[0] = '\0';
	return 0;
}

/* want NULL: no mistake. */
static void
expect(const char *row, enum cmd_exit got, const char *want)
{
	if (got != (want != NULL ? CMD_USAGE : CMD_FINE) || strcmp(said, want != NULL ? want : "") != 0)
		fail_msg("%s: exit %d, \"%s\"", row, (int)got, said);
	said[0] = '\0';
}

static void
test_number(void **state)
{
	static const struct cmd_option days = { "days", "N", "" }, d = { "d", "N", "" };
	static const struct {
		const struct cmd_option *option;
		const char *value;
		unsigned long long max, n;	/* n: 77 where it stays as it was */
		const char *want;
	} rows[] = {
		{ &days, NULL, 10, 77, NULL },
		{ &days, "1", 10, 1, NULL },
		{ &days, "10", 10, 10, NULL },
		{ &days, "010", 10, 10, NULL },
		{ &days, "999999999999999999", 999999999999999999, 999999999999999999, NULL },
		{ &days, "11", 10, 77, "--days: expects a number from 1 to 10, not 11" },
		{ &d, "0", 365, 77, "-d: expects a number from 1 to 365, not 0" },
		{ &days, "", 10, 77, "--days: expects a number from 1 to 10, not " },
		{ &days, "-1", 10, 77, "--days: expects a number from 1 to 10, not -1" },
		{ &days, "+1", 10, 77, "--days: expects a number from 1 to 10, not +1" },
		{ &days, " 1", 10, 77, "--days: expects a number from 1 to 10, not  1" },
		{ &days, "1d", 10, 77, "--days: expects a number from 1 to 10, not 1d" },
		{ &days, "0x1", 10, 77, "--days: expects a number from 1 to 10, not 0x1" },
		{ &days, "ten", 10, 77, "--days: expects a number from 1 to 10, not ten" },
		/* 2^64 + 1 */
		{ &days, "18446744073709551617", 10, 77, "--days: expects a number from 1 to 10, not 18446744073709551617" },
		{ &days, "0000000000000000001", 10, 77, "--days: expects a number from 1 to 10, not 0000000000000000001" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *row = rows[i].value != NULL ? rows[i].value : "not given";
		unsigned long long n = 77;

		expect(row, usage_number(&context, rows[i].option, rows[i].value, rows[i].max, &n), rows[i].want);
		if (n != rows[i].n)
			fail_msg("%s: %llu", row, n);
	}
}

static void
test_choice(void **state)
{
	static const struct cmd_option by = { "by", "day|week|weekday|m", "" }, alone = { "f", "json", "" };
	static const struct {
		const struct cmd_option *option;
		const char *value;
		size_t choice;			/* 77 where it stays as it was */
		const char *want;
	} rows[] = {
		{ &by, NULL, 77, NULL },
		{ &by, "day", 0, NULL },
		{ &by, "week", 1, NULL },
		{ &by, "weekday", 2, NULL },
		{ &by, "m", 3, NULL },
		{ &alone, "json", 0, NULL },
		{ &by, "", 77, "--by: expects day|week|weekday|m, not " },
		{ &by, "da", 77, "--by: expects day|week|weekday|m, not da" },
		{ &by, "days", 77, "--by: expects day|week|weekday|m, not days" },
		{ &by, "Day", 77, "--by: expects day|week|weekday|m, not Day" },
		{ &by, "day|week", 77, "--by: expects day|week|weekday|m, not day|week" },
		{ &by, "|", 77, "--by: expects day|week|weekday|m, not |" },
		{ &alone, "csv", 77, "-f: expects json, not csv" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *row = rows[i].value != NULL ? rows[i].value : "not given";
		size_t choice = 77;

		expect(row, usage_choice(&context, rows[i].option, rows[i].value, &choice), rows[i].want);
		if (choice != rows[i].choice)
			fail_msg("%s: %zu", row, choice);
	}
}

static void
test_no_operands(void **state)
{
	char first[] = "a.example", second[] = "b.example";
	char *argv[] = { first, second, NULL };

	(void)state;
	expect("none", usage_no_operands(&context, "stats", 0, argv + 2, "; hint"), NULL);
	expect("two", usage_no_operands(&context, "stats", 2, argv, ""), "stats: takes no operands, not a.example");
	expect("one", usage_no_operands(&context, "stats", 1, argv + 1, "; for a domain, see --domain"),
	    "stats: takes no operands, not b.example; for a domain, see --domain");
}

static void
test_options(void **state)
{
	static const struct cmd_option four[] = {
		{ "days", "N", "" }, { "to", "ADDRESS", "" }, { "l", NULL, "" }, { "csv", NULL, "" }, CMD_OPTIONS_END,
	};
	static const struct {
		const char *row, *values[5];
		unsigned known;
		const char *want;
	} rows[] = {
		{ "none is given", { NULL }, 0, NULL },
		{ "all are known", { "1", "x", "", "" }, 0xf, NULL },
		{ "those that are known", { "1", NULL, "", NULL }, 1U << 0 | 1U << 2, NULL },
		{ "one is not", { "1", "x", NULL, NULL }, 1U << 0, "report html: does not take --to" },
		{ "without a value", { NULL, NULL, "", NULL }, 1U << 0 | 1U << 1 | 1U << 3, "report html: does not take -l" },
		{ "the first is told", { "1", "x", "", "" }, 1U << 1, "report html: does not take --days" },
		{ "the last", { NULL, NULL, NULL, "" }, 0, "report html: does not take --csv" },
		{ "behind the end of the list", { NULL, NULL, NULL, NULL, "x" }, 0, NULL },
	};
	struct cmd_option full[CMD_OPTIONS_MAX];
	struct cmd_context with = { .json = false };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		memcpy(with.values, rows[i].values, sizeof(rows[i].values));
		expect(rows[i].row, usage_options(&with, "report", "html", four, rows[i].known), rows[i].want);
	}
	/* a list that fills the values needs no end */
	memset(&with, 0, sizeof(with));
	for (size_t i = 0; i < CMD_OPTIONS_MAX; i++)
		full[i] = (struct cmd_option){ i + 1 < CMD_OPTIONS_MAX ? "some" : "last", NULL, "" };
	expect("none of many", usage_options(&with, "cache", "list", full, 0), NULL);
	with.values[CMD_OPTIONS_MAX - 1] = "";
	expect("the last of many", usage_options(&with, "cache", "list", full, 0), "cache list: does not take --last");
	expect("which is known", usage_options(&with, "cache", "list", full, 1U << (CMD_OPTIONS_MAX - 1)), NULL);
}

static void
test_csv_or_json(void **state)
{
	static const struct cmd_context json = { .json = true };

	(void)state;
	expect("neither", usage_csv_or_json(&context, NULL), NULL);
	expect("csv", usage_csv_or_json(&context, ""), NULL);
	expect("json", usage_csv_or_json(&json, NULL), NULL);
	expect("both", usage_csv_or_json(&json, ""), "--csv cannot be combined with --json");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_number, forget),
		cmocka_unit_test_setup(test_choice, forget),
		cmocka_unit_test_setup(test_no_operands, forget),
		cmocka_unit_test_setup(test_options, forget),
		cmocka_unit_test_setup(test_csv_or_json, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
