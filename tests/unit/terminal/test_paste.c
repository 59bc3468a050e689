/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stsctl/terminal/paste.h"

static const char *overrides[] = { "redis=none", "report_organization=A & B" };
static const struct cmd_context bare = { .json = false };
static const struct cmd_context called = { .conf_file = "/etc/it's here", .overrides = overrides, .override_count = 2,
	.values = { "", "/etc/postfix-in", NULL, "3" } };
static const struct cmd_option options[] = { { "apply", NULL, "" }, { "postfix", "DIR", "" }, { "record", "DIR", "" }, { "d", "N", "" },
	CMD_OPTIONS_END };
#define CALL "stsctl -c '/etc/it'\\''s here' -o redis=none -o 'report_organization=A & B'"

static void
test_words(void **state)
{
	static const struct { const char *word, *want; } rows[] = {
		{ "/etc/postfix", "/etc/postfix" }, { "", "''" }, { "a b", "'a b'" }, { "it's", "'it'\\''s'" }, { "$(x)", "'$(x)'" },
		{ "~x", "'~x'" }, { "a;b", "'a;b'" }, { "*", "'*'" },
	};
	char out[100];
	struct sts_text text;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		sts_text_init(&text, out, sizeof(out));
		paste_word(&text, rows[i].word);
		assert_string_equal(out, rows[i].want);
	}
	sts_text_init(&text, out, sizeof(out));
	paste_quoted(&text, "plain");
	assert_string_equal(out, "'plain'");
}

static void
test_calls(void **state)
{
	char out[400], small[20];
	struct sts_text text;

	(void)state;
	sts_text_init(&text, out, sizeof(out));
	paste_stsctl(&text, &called);
	paste_options(&text, &called, options, 1U << 0);
	assert_string_equal(out, CALL " --postfix /etc/postfix-in -d 3");
	sts_text_init(&text, out, sizeof(out));
	paste_options(&text, &called, options, 0);
	assert_string_equal(out, " --apply --postfix /etc/postfix-in -d 3");
	sts_text_init(&text, out, sizeof(out));
	paste_stsctl(&text, &bare);
	paste_options(&text, &bare, options, 0);
	assert_string_equal(out, "stsctl");

	assert_string_equal(paste_as_called(&called, "first: stsctl check a.example; stsctl fetches\nstsctl enforce reset", out, sizeof(out)),
	    "first: " CALL " check a.example; " CALL " fetches\n" CALL " enforce reset");
	assert_string_equal(paste_as_called(&called, "stsctl: run stsctl doctor as root: lib/stsctl check", out, sizeof(out)),
	    "stsctl: run stsctl doctor as root: lib/stsctl check");
	assert_string_equal(paste_as_called(&bare, "stsctl check", out, sizeof(out)), "stsctl check");
	assert_string_equal(paste_as_called(&called, "stsctl check", small, sizeof(small)), "stsctl check");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
