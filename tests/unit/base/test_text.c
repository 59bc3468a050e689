/* SPDX-License-Identifier: ISC */
/* test_text.c - bounded text, escaping, numbers. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/base/text.h"

static void
test_appends(void **state)
{
	char storage[16];
	struct sts_text t;

	(void)state;
	memset(storage, 'x', sizeof(storage));
	sts_text_init(&t, storage, sizeof(storage));
	assert_string_equal(storage, "");
	sts_text_add(&t, "ab");
	sts_text_add_bytes(&t, "cdef", 2);
	sts_text_addf(&t, "%d-%s", 7, "g");
	assert_string_equal(storage, "abcd7-g");
	assert_int_equal(t.len, 7);
	assert_false(t.overflow);
}

/* Whichever call overflows: the text is cut and terminated, the overflow is remembered, and no byte after the storage is touched. */
static void
test_overflow(void **state)
{
	(void)state;
	for (int how = 0; how < 4; how++) {
		char storage[9];
		struct sts_text t;

		storage[8] = '#';
		sts_text_init(&t, storage, 8);
		sts_text_add(&t, "abcde");
		switch (how) {
		case 0:
			sts_text_add(&t, "fghi");
			break;
		case 1:
			sts_text_add_bytes(&t, "fghi", 4);
			break;
		case 2:
			sts_text_addf(&t, "%s", "fghi");
			break;
		default:
			sts_text_add_token(&t, "fghi", 4);
		}
		assert_string_equal(storage, "abcdefg");
		assert_int_equal(t.len, 7);
		assert_true(t.overflow);
		assert_int_equal(storage[8], '#');
		sts_text_add(&t, "z");
		sts_text_addf(&t, "%d", 1);
		assert_string_equal(storage, "abcdefg");
	}
}

static void
test_exact_fit(void **state)
{
	char storage[4];
	struct sts_text t;

	(void)state;
	sts_text_init(&t, storage, sizeof(storage));
	sts_text_addf(&t, "%s", "abc");
	assert_false(t.overflow);
	sts_text_add(&t, "");
	assert_false(t.overflow);
	sts_text_add(&t, "d");
	assert_true(t.overflow);
	sts_text_init(&t, storage, 1);
	sts_text_add(&t, "a");
	assert_string_equal(storage, "");
	assert_true(t.overflow);
}

static const struct {
	const char *name;
	const char *input;
	size_t len;
	size_t max;
	const char *want;
} escapes[] = {
	{ "plain", "abc.DEF-123", 11, 64, "abc.DEF-123" },
	{ "empty", "", 0, 64, "" },
	{ "blank, quote, backslash, equals", "a b\"c\\d=e", 9, 64, "a\\x20b\\x22c\\x5cd\\x3de" },
	{ "line ends", "a\r\nb\t", 5, 64, "a\\x0d\\x0ab\\x09" },
	{ "NUL", "a\0b", 3, 64, "a\\x00b" },
	{ "DEL and high bytes", "\x7f\x80\xff", 3, 64, "\\x7f\\x80\\xff" },
	{ "escape sequence", "\x1b[31m", 5, 64, "\\x1b[31m" },
	{ "percent stays", "%s%n", 4, 64, "%s%n" },
	{ "exactly max", "abcd", 4, 4, "abcd" },
	{ "more than max", "abcde", 5, 4, "abcd..." },
	{ "cut counts input bytes", "\n\n\n", 3, 2, "\\x0a\\x0a..." },
};

static void
test_escaped(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		char storage[128];
		struct sts_text t;

		sts_text_init(&t, storage, sizeof(storage));
		sts_text_add_escaped(&t, escapes[i].input, escapes[i].len, escapes[i].max);
		assert_int_equal(sts_text_escaped_len(escapes[i].input, escapes[i].len, escapes[i].max), t.len);
		if (strcmp(storage, escapes[i].want) != 0)
			fail_msg("%s: got \"%s\", want \"%s\"", escapes[i].name, storage, escapes[i].want);
	}
}

/* Both ways of escaping turn every byte into printable ASCII. */
static void
test_all_bytes(void **state)
{
	char all[256], storage[1200];
	struct sts_text t;

	(void)state;
	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	sts_text_init(&t, storage, sizeof(storage));
	sts_text_add_escaped(&t, all, sizeof(all), sizeof(all));
	sts_text_add_token(&t, all, sizeof(all));
	assert_false(t.overflow);
	for (size_t i = 0; i < t.len; i++) {
		assert_in_range((unsigned char)storage[i], 0x21, 0x7e);
		assert_int_not_equal(storage[i], '"');
		assert_int_not_equal(storage[i], '=');
	}
}

static void
test_token(void **state)
{
	char storage[600], longer[300];
	struct sts_text t;

	(void)state;
	sts_text_init(&t, storage, sizeof(storage));
	sts_text_add_token(&t, "TLS_AES:1.3+x-y; a\r\nb\0c\xc3", 24);
	assert_string_equal(storage, "TLS_AES:1.3+x-y__a__b_c_");
	memset(longer, 'a', sizeof(longer));
	sts_text_init(&t, storage, sizeof(storage));
	sts_text_add_token(&t, longer, sizeof(longer));
	assert_int_equal(t.len, 255);
	assert_false(t.overflow);
}

static const struct {
	const char *input;
	size_t len;
	unsigned max_digits;
	bool ok;
	unsigned long long want;
} numbers[] = {
	{ "0", 1, 10, true, 0 },
	{ "86400", 5, 10, true, 86400 },
	{ "0000000001", 10, 10, true, 1 },
	{ "9999999999", 10, 10, true, 9999999999ull },
	{ "9999999999999999999", 19, 19, true, 9999999999999999999ull },
	{ "12345", 3, 10, true, 123 },
	{ "", 0, 10, false, 0 },
	{ "00000000001", 11, 10, false, 0 },
	{ "99999999999999999999", 20, 20, false, 0 },
	{ "-1", 2, 10, false, 0 },
	{ "+1", 2, 10, false, 0 },
	{ " 1", 2, 10, false, 0 },
	{ "1 ", 2, 10, false, 0 },
	{ "1_0", 3, 10, false, 0 },
	{ "0x1", 3, 10, false, 0 },
	{ "1.0", 3, 10, false, 0 },
	{ "1\0" "2", 3, 10, false, 0 },
	{ "\xd9\xa1", 2, 10, false, 0 },
};

static void
test_parse_u64(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		unsigned long long got = 4711;
		bool ok = sts_text_parse_u64(numbers[i].input, numbers[i].len, numbers[i].max_digits, &got);

		if (ok != numbers[i].ok || got != (ok ? numbers[i].want : 4711))
			fail_msg("\"%s\": got %d %llu", numbers[i].input, (int)ok, got);
	}
}

static void
test_number(void **state)
{
	static const int64_t rows[] = { 0, 7, -1, 10, 99, 1760000000123, INT64_MAX, INT64_MIN };
	char storage[32], want[32];
	struct sts_text t;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		sts_text_init(&t, storage, sizeof(storage));
		sts_text_add_number(&t, rows[i]);
		snprintf(want, sizeof(want), "%lld", (long long)rows[i]);
		assert_string_equal(t.buf, want);
		assert_int_equal(t.len, strlen(want));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_appends),
		cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_exact_fit),
		cmocka_unit_test(test_escaped),
		cmocka_unit_test(test_all_bytes),
		cmocka_unit_test(test_token),
		cmocka_unit_test(test_number),
		cmocka_unit_test(test_parse_u64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
