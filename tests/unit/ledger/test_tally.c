/* SPDX-License-Identifier: ISC */
/* test_tally.c - which fields of an untrusted hash are accepted, and how hashes are summed. */
#include "config.h"

#include "shared-cache/ledger/tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void
take(struct sts_tally *tally, const char *name, const char *value)
{
	assert_int_equal(sts_tally_take(tally, name, strlen(name), value, strlen(value)), STS_OK);
}

static void
test_what_gets_in(void **state)
{
	static const char long_name[] =
	    "cipher:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	static const struct {
		const char *row, *name;
		size_t name_len;
		const char *value;
		size_t value_len;
		bool good;
	} rows[] = {
		{ "plain", "messages", 8, "12", 2, true },
		{ "zero", "messages", 8, "0", 1, true },
		{ "group", "cipher:ECDHE-RSA-AES128_SHA.x+y", 31, "1", 1, true },
		{ "longest number", "messages", 8, "999999999999999", 15, true },
		{ "number too long", "messages", 8, "1000000000000000", 16, false },
		{ "negative", "messages", 8, "-1", 2, false },
		{ "no number", "messages", 8, "many", 4, false },
		{ "blank before the number", "messages", 8, " 1", 2, false },
		{ "empty number", "messages", 8, "", 0, false },
		{ "NUL in the number", "messages", 8, "1\0", 2, false },
		{ "empty name", "", 0, "1", 1, false },
		{ "escape in the name", "tls:\033[2J", 8, "1", 1, false },
		{ "blank in the name", "a b", 3, "1", 1, false },
		{ "NUL in the name", "a\0b", 3, "1", 1, false },
		{ "beyond ASCII", "tls:\xc3\xa4", 6, "1", 1, false },
		{ "name at its cap", long_name, 111, "1", 1, true },
		{ "name beyond its cap", long_name, 112, "1", 1, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sts_tally tally = { 0 };

		assert_int_equal(sts_tally_take(&tally, rows[i].name, rows[i].name_len, rows[i].value, rows[i].value_len), STS_OK);
		if (tally.count != rows[i].good || tally.odd != !rows[i].good)
			fail_msg("%s: %zu taken, %zu odd", rows[i].row, tally.count, tally.odd);
		sts_tally_fini(&tally);
	}
}

static void
test_sorted_and_set(void **state)
{
	struct sts_tally tally = { 0 };

	(void)state;
	take(&tally, "tls:none", "3");
	take(&tally, "messages", "5");
	take(&tally, "sessions", "4");
	take(&tally, "messages", "6");
	assert_int_equal(tally.count, 3);
	assert_string_equal(tally.fields[0].name, "messages");
	assert_string_equal(tally.fields[2].name, "tls:none");
	assert_int_equal(sts_tally_get(&tally, "messages"), 6);
	assert_int_equal(sts_tally_get(&tally, "message"), 0);
	sts_tally_fini(&tally);
}

static void
test_merge(void **state)
{
	struct sts_tally sum = { 0 }, more = { 0 };

	(void)state;
	take(&sum, "messages", "5");
	take(&sum, "first_seen", "100");
	take(&sum, "last_seen", "200");
	take(&sum, "full", "999999999999999");
	take(&more, "messages", "7");
	take(&more, "first_seen", "150");
	take(&more, "last_seen", "300");
	take(&more, "last_plaintext", "250");
	take(&more, "full", "1");
	take(&more, "odd one", "1");
	assert_int_equal(sts_tally_merge(&sum, &more), STS_OK);
	assert_int_equal(sts_tally_get(&sum, "messages"), 12);
	assert_int_equal(sts_tally_get(&sum, "first_seen"), 100);
	assert_int_equal(sts_tally_get(&sum, "last_seen"), 300);
	assert_int_equal(sts_tally_get(&sum, "last_plaintext"), 250);
	assert_int_equal(sts_tally_get(&sum, "full"), 999999999999999);
	assert_int_equal(sum.odd, 1);
	sts_tally_fini(&more);
	sts_tally_fini(&sum);
}

static void
test_bound(void **state)
{
	struct sts_tally tally = { 0 };
	char name[24];

	(void)state;
	for (unsigned i = 0; i < STS_TALLY_FIELDS_MAX; i++) {
		snprintf(name, sizeof(name), "cipher:%u", i);
		take(&tally, name, "1");
	}
	assert_int_equal(sts_tally_take(&tally, "one-more", 8, "1", 1), STS_EFULL);
	assert_int_equal(tally.count, STS_TALLY_FIELDS_MAX);
	assert_int_equal(sts_tally_get(&tally, "cipher:4095"), 1);
	sts_tally_fini(&tally);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_gets_in),
		cmocka_unit_test(test_sorted_and_set),
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
