/* SPDX-License-Identifier: ISC */
/* test_reply.c - the text of refusals, and that nobody can inject anything into it. */
#include "config.h"

#include "shared-cache/enforcement/reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void
test_codes(void **state)
{
	static const char *const good[] = { "550 5.7.10", "554 5.7.1", "559 5.999.999", "550 5.0.0" };
	static const char *const bad[] = { "", "550", "550 ", "550 4.7.10", "450 4.7.10", "450 5.7.10", "500 5.7.1", "5500 5.7.1",
		"550  5.7.1", "550 5.7", "550 5.7.", "550 5..1", "550 5.7.1000", "550 5.7.1 ", "550 5.7.1x", "550 5.7.1\r\n250",
		"55x 5.7.1", "250 2.0.0", "550 55.7.1", "421 4.7.1" };

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		if (sts_reply_code_wrong(good[i]) != NULL)
			fail_msg("\"%s\" is refused", good[i]);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		if (sts_reply_code_wrong(bad[i]) == NULL)
			fail_msg("\"%s\" is not refused", bad[i]);
	}
}

static void
test_templates(void **state)
{
	static const char *const good[] = { "x", "%d%t%h%%", "See https://example.com/tls?a=%%20 for %d" };
	static const char *const bad[] = { "", "%", "x%", "%s", "%n", "%%%", "% d", "a\nb", "a\r", "a\tb", "caf\xc3\xa9",
		"\x7f" };
	char longest[STS_REPLY_TEMPLATE_MAX + 2];

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		if (sts_reply_template_wrong(good[i]) != NULL)
			fail_msg("\"%s\" is refused", good[i]);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		if (sts_reply_template_wrong(bad[i]) == NULL)
			fail_msg("\"%s\" is not refused", bad[i]);
	}
	memset(longest, 'x', sizeof(longest));
	longest[STS_REPLY_TEMPLATE_MAX] = '\0';
	assert_null(sts_reply_template_wrong(longest));
	longest[STS_REPLY_TEMPLATE_MAX] = 'x';
	longest[STS_REPLY_TEMPLATE_MAX + 1] = '\0';
	assert_non_null(sts_reply_template_wrong(longest));
}

static void
test_make(void **state)
{
	static const struct {
		const char *code, *template;
		enum sts_action action;
		const char *want_code, *want_xcode, *want_text;
	} rows[] = {
		{ "550 5.7.10", "Encryption needed for mail of %d: %t", STS_ACTION_REJECT, "550", "5.7.10",
		    "Encryption needed for mail of bank.example: this session is not encrypted" },
		{ "550 5.7.10", "%h: %d", STS_ACTION_TEMPFAIL, "450", "4.7.10", "mx1.example.net: bank.example" },
		{ "554 5.123.456", "100%% of %d%%", STS_ACTION_TEMPFAIL, "454", "4.123.456", "100% of bank.example%" },
		{ "554 5.7.1", "no", STS_ACTION_REJECT, "554", "5.7.1", "no" },
	};
	const struct sts_reply_words words = { "bank.example", "this session is not encrypted", "mx1.example.net" };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sts_reply_text got;

		sts_reply_make(rows[i].code, rows[i].template, rows[i].action, &words, &got);
		assert_string_equal(got.code, rows[i].want_code);
		assert_string_equal(got.xcode, rows[i].want_xcode);
		assert_string_equal(got.text, rows[i].want_text);
	}
}

/* Values with any bytes and any length: the result is one line of printable ASCII, and never a format string. */
static void
test_injection(void **state)
{
	static const char *const hostile[] = { "x\r\n250 2.0.0 fine", "\n.\n", "%s%s%n", "%d%t%h", "a\x01\x1b[2J\x7f\x80\xff",
		"<script>" };
	static char huge[4096], template[STS_REPLY_TEMPLATE_MAX + 1];
	struct sts_reply_text got;

	(void)state;
	for (size_t i = 0; i < COUNT(hostile); i++) {
		const struct sts_reply_words words = { hostile[i], hostile[i], hostile[i] };

		sts_reply_make("550 5.7.10", "%d %t %h", STS_ACTION_REJECT, &words, &got);
		for (const char *p = got.text; *p != '\0'; p++)
			assert_in_range(*p, ' ', '~');
		assert_int_equal(strlen(got.text), 3 * strlen(hostile[i]) + 2);
	}
	sts_reply_make("550 5.7.10", "%d", STS_ACTION_REJECT, &(struct sts_reply_words){ "%d%t", "x", "y" }, &got);
	assert_string_equal(got.text, "%d%t");	/* expanded once */

	memset(huge, '%', sizeof(huge) - 1);
	for (size_t i = 0; i < STS_REPLY_TEMPLATE_MAX; i += 2)
		memcpy(template + i, "%d", 2);
	assert_null(sts_reply_template_wrong(template));
	sts_reply_make("550 5.7.10", template, STS_ACTION_REJECT, &(struct sts_reply_words){ huge, huge, huge }, &got);
	assert_int_equal(strlen(got.text), STS_REPLY_TEXT_CAP - 1);
}

static void
test_missing(void **state)
{
	static const struct {
		enum sts_reason reason;
		const char *want;
	} rows[] = {
		{ STS_REASON_PLAINTEXT, "this session is not encrypted" },
		{ STS_REASON_TLS_VERSION, "TLSv1.1__x is too old" },
		{ STS_REASON_CIPHER, "the cipher RC4_MD5 is too weak" },
		{ STS_REASON_PENDING, "" },
		{ STS_REASON_NONE, "" },
	};
	const struct sts_tls tls = { STS_TLS_SECURED, "TLSv1.1\r\nx", "RC4 MD5", 128 };
	char out[STS_REPLY_MISSING_CAP];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(sts_reply_missing(sts_reply_unmet_of(rows[i].reason), &tls, out), rows[i].want);
	for (unsigned i = STS_UNMET_TLS; i < STS_UNMET_COUNT; i++)
		assert_int_not_equal(sts_reply_missing((enum sts_unmet)i, &tls, out)[0], '\0');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_templates),
		cmocka_unit_test(test_make),
		cmocka_unit_test(test_injection),
		cmocka_unit_test(test_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
