/* SPDX-License-Identifier: ISC */
/* test_reason.c - the names of reasons are API, so they are spelt out here again. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/policy/reason.h"

static const struct {
	enum sts_reason reason;
	const char *name;
	bool permanent;
} rows[] = {
	{ STS_REASON_NONE, "", false },
	{ STS_REASON_PLAINTEXT, "plaintext", false },
	{ STS_REASON_TLS_VERSION, "tls-version", false },
	{ STS_REASON_CIPHER, "cipher", false },
	{ STS_REASON_TLS_UNKNOWN, "tls-unknown", false },
	{ STS_REASON_PENDING, "pending", false },
	{ STS_REASON_DNS_TIMEOUT, "dns-timeout", false },
	{ STS_REASON_DNS_FAILURE, "dns-failure", false },
	{ STS_REASON_FETCH_TIMEOUT, "fetch-timeout", false },
	{ STS_REASON_FETCH_CONNECT, "fetch-connect", false },
	{ STS_REASON_OVERLOAD, "overload", false },
	{ STS_REASON_RECORD_INVALID, "record-invalid", true },
	{ STS_REASON_FETCH_TLS, "fetch-tls", true },
	{ STS_REASON_FETCH_STATUS, "fetch-status", true },
	{ STS_REASON_FETCH_TYPE, "fetch-type", true },
	{ STS_REASON_FETCH_SIZE, "fetch-size", true },
	{ STS_REASON_FETCH_REFUSED, "fetch-refused", true },
	{ STS_REASON_POLICY_INVALID, "policy-invalid", true },
};

static void
test_table(void **state)
{
	(void)state;
	assert_int_equal(sizeof(rows) / sizeof(rows[0]), STS_REASON_COUNT);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum sts_reason back = STS_REASON_COUNT;

		if (strcmp(sts_reason_name(rows[i].reason), rows[i].name) != 0)
			fail_msg("got \"%s\", want \"%s\"", sts_reason_name(rows[i].reason), rows[i].name);
		if (!sts_reason_parse(rows[i].name, strlen(rows[i].name), &back) || back != rows[i].reason)
			fail_msg("%s: does not parse back", rows[i].name);
		if (sts_reason_is_permanent(rows[i].reason) != rows[i].permanent)
			fail_msg("%s: permanent is wrong", rows[i].name);
	}
}

static void
test_strangers(void **state)
{
	static const char *const strangers[] = { "Plaintext", "plaintext ", "fetch", "fetch-tlsx", "x" };
	enum sts_reason reason = STS_REASON_CIPHER;

	(void)state;
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++)
		assert_false(sts_reason_parse(strangers[i], strlen(strangers[i]), &reason));
	assert_false(sts_reason_parse("cipher\0", 7, &reason));
	assert_false(sts_reason_parse("\0", 1, &reason));
	assert_int_equal(reason, STS_REASON_CIPHER);
	assert_true(sts_reason_parse("pendingX", 7, &reason));
	assert_int_equal(reason, STS_REASON_PENDING);
	assert_string_equal(sts_reason_name(STS_REASON_COUNT), "");
	assert_string_equal(sts_reason_name((enum sts_reason)9999), "");
	assert_false(sts_reason_is_permanent(STS_REASON_COUNT));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_strangers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
