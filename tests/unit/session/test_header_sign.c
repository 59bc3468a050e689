/* SPDX-License-Identifier: ISC */
/* test_header_sign.c - the value of sig=, compared with Python's hashlib.blake2b. */
#include "config.h"

#include "milter/session/header_sign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define TEN "xxxxxxxxxx"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

/* A key of len bytes 0, 1, 2, ... */
static struct sts_header_key
key_of(size_t len)
{
	struct sts_header_key key = { .len = len };

	for (size_t i = 0; i < len; i++)
		key.bytes[i] = (unsigned char)i;
	return key;
}

static void
test_vectors(void **state)
{
	static const struct {
		const char *name;
		size_t key_len;
		const char *text, *want;
	} rows[] = {
		{ "shortest key", STS_HEADER_KEY_MIN, "abc", "4c76bc7ad0fc52e4bde231b38727c331" },
		{ "longest key", STS_HEADER_KEY_MAX, "abc", "06bbc3dedf13a31139498655251b7588" },
		{ "no text", 32, "", "84bfa69f0d90df7db2a3ee026042988b" },
		{ "a header", 32, "4Zq1bX0K2Lz9x\nv=1; host=mx1.example.net; result=pass", "e4b85ce10d0250ba104922e28279cac7" },
		{ "more than one block", 32, HUNDRED HUNDRED HUNDRED, "b85bf9606f44a0dd5930b1b2a52acf89" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct sts_header_key key = key_of(rows[i].key_len);
		char out[STS_HEADER_SIG_CAP];

		if (!header_sign(&key, rows[i].text, strlen(rows[i].text), out))
			fail_msg("%s: no signature", rows[i].name);
		if (strcmp(out, rows[i].want) != 0)
			fail_msg("%s: got %s, want %s", rows[i].name, out, rows[i].want);
	}
}

/* A key that OpenSSL does not accept gives no signature, rather than a weak one. */
static void
test_refused(void **state)
{
	const struct sts_header_key none = key_of(0);
	char out[STS_HEADER_SIG_CAP] = "?";

	(void)state;
	assert_false(header_sign(&none, "abc", 3, out));
	assert_string_equal(out, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
