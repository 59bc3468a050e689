/* SPDX-License-Identifier: ISC */
/* test_netstring.c - complete, partial, oversized and broken netstrings, each cut at every byte. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/outbound/netstring.h"

enum { MAX = 16 };

struct row {
	const char *name, *input;
	enum sts_netstring_state state;
	const char *data;	/* WHOLE */
	size_t used;		/* WHOLE, LONG */
};

static const struct row rows[] = {
	{ "plain", "3:abc,", STS_NETSTRING_WHOLE, "abc", 6 },
	{ "empty", "0:,", STS_NETSTRING_WHOLE, "", 3 },
	{ "another behind", "1:a,1:b,", STS_NETSTRING_WHOLE, "a", 4 },
	{ "as long as may be", "16:0123456789abcdef,", STS_NETSTRING_WHOLE, "0123456789abcdef", 20 },
	{ "one byte longer", "17:0123456789abcdefg,", STS_NETSTRING_LONG, NULL, 21 },
	{ "much longer, cut", "1000000:0", STS_NETSTRING_LONG, NULL, 1000009 },
	{ "longer than anybody skips", "1000001:0", STS_NETSTRING_BAD, NULL, 0 },
	{ "4 GiB", "4294967296:a,", STS_NETSTRING_BAD, NULL, 0 },
	{ "digits without end", "111111111111111111111111", STS_NETSTRING_BAD, NULL, 0 },
	{ "nothing", "", STS_NETSTRING_MORE, NULL, 0 },
	{ "no colon yet", "12", STS_NETSTRING_MORE, NULL, 0 },
	{ "no length", ":abc,", STS_NETSTRING_BAD, NULL, 0 },
	{ "something else than a colon", "3;abc,", STS_NETSTRING_BAD, NULL, 0 },
	{ "leading zero", "03:abc,", STS_NETSTRING_BAD, NULL, 0 },
	{ "two zeros", "00:,", STS_NETSTRING_BAD, NULL, 0 },
	{ "sign", "-1:a,", STS_NETSTRING_BAD, NULL, 0 },
	{ "blank in front", " 1:a,", STS_NETSTRING_BAD, NULL, 0 },
	{ "no comma", "3:abc;", STS_NETSTRING_BAD, NULL, 0 },
	{ "longer than it says", "2:abc,", STS_NETSTRING_BAD, NULL, 0 },
	{ "HTTP", "GET / HTTP/1.1\r\n", STS_NETSTRING_BAD, NULL, 0 },
	{ "TLS hello", "\x16\x03\x01\x02", STS_NETSTRING_BAD, NULL, 0 },
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct sts_netstring got;
		enum sts_netstring_state s = sts_netstring_read(row->input, strlen(row->input), MAX, &got);

		if (s != row->state)
			fail_msg("%s: got state %d, want %d", row->name, (int)s, (int)row->state);
		if (row->used != 0 && got.used != row->used)
			fail_msg("%s: got used %zu, want %zu", row->name, got.used, row->used);
		if (row->data != NULL && (got.len != strlen(row->data) || memcmp(got.data, row->data, got.len) != 0))
			fail_msg("%s: wrong data", row->name);
	}
}

static void
test_every_cut(void **state)
{
	static const char input[] = "11:postfix a.b,";
	struct sts_netstring got;

	(void)state;
	for (size_t have = 0; have < sizeof(input) - 1; have++) {
		char *exact = malloc(have + 1);		/* so that reading one byte too far is detected */

		memcpy(exact, input, have);
		assert_int_equal(sts_netstring_read(exact, have, MAX, &got), STS_NETSTRING_MORE);
		free(exact);
	}
	assert_int_equal(sts_netstring_read(input, sizeof(input) - 1, MAX, &got), STS_NETSTRING_WHOLE);
}

static void
test_frame(void **state)
{
	static const struct { size_t len; const char *head; } sizes[] = {
		{ 0, "0:" }, { 1, "1:" }, { 9, "9:" }, { 10, "10:" }, { 99000, "99000:" }, { 1000000, "1000000:" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char *storage = malloc(STS_NETSTRING_HEAD + sizes[i].len + 1);
		struct sts_netstring got;
		const char *start;
		size_t total;

		memset(storage, 'x', STS_NETSTRING_HEAD + sizes[i].len + 1);
		start = sts_netstring_frame(storage, sizes[i].len, &total);
		assert_memory_equal(start, sizes[i].head, strlen(sizes[i].head));
		assert_true(start + total == storage + STS_NETSTRING_HEAD + sizes[i].len + 1);
		assert_int_equal(sts_netstring_read(start, total, STS_NETSTRING_SKIP_MAX, &got), STS_NETSTRING_WHOLE);
		assert_int_equal(got.len, sizes[i].len);
		free(storage);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
