/* SPDX-License-Identifier: ISC */
/* test_query.c - the order of stream ids, and the Redis users. tests/stsctl tests all else with a real Redis. */
#include "config.h"

#include "shared-cache/query/query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/query/acl.h"

static void
test_order_of_ids(void **state)
{
	static const struct {
		const char *a, *b;
		bool before;
	} rows[] = {
		{ "0-0", "1-0", true },
		{ "1-0", "0-0", false },
		{ "5-5", "5-5", false },
		{ "9-9", "10-0", true },
		{ "1700000000000-9", "1700000000000-10", true },
		{ "1700000000000-10", "1700000000000-9", false },
		{ "18446744073709551615-0", "18446744073709551615-18446744073709551615", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (sts_query_id_before(rows[i].a, rows[i].b) != rows[i].before)
			fail_msg("%s, %s", rows[i].a, rows[i].b);
}

static void
test_step_back(void **state)
{
	static const struct {
		const char *id, *before;
	} rows[] = {
		{ "5-1", "5-0" },
		{ "1700000000000-10", "1700000000000-9" },
		{ "5-0", "4-18446744073709551615" },
		{ "0-1", "0-0" },
		{ "0-0", "0-0" },
		{ "18446744073709551615-18446744073709551615", "18446744073709551615-18446744073709551614" },
	};
	char id[STS_STREAM_ID_CAP];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		sts_query_id_step_back(rows[i].id, id);
		assert_string_equal(id, rows[i].before);
	}
}

static const char *
acl(enum sts_acl_user user, char *out, size_t cap)
{
	struct sts_text text;

	sts_text_init(&text, out, cap);
	sts_acl_add(&text, user, "p:");
	assert_false(text.overflow);
	return out;
}

static void
test_acl(void **state)
{
	char line[1024];

	(void)state;
	for (unsigned i = 0; i < STS_ACL_USERS; i++) {
		acl((enum sts_acl_user)i, line, sizeof(line));
		assert_memory_equal(line, "ACL SETUSER ", 12);
		assert_memory_equal(line + 12, sts_acl_name((enum sts_acl_user)i), strlen(sts_acl_name((enum sts_acl_user)i)));
		/* a command that is repeated must not remove a password */
		assert_null(strstr(line, " reset "));
		assert_null(strstr(line, "nopass"));
		assert_non_null(strstr(line, " -@all "));
	}
	assert_non_null(strstr(acl(STS_ACL_MILTER, line, sizeof(line)), " ~p:* &p:* "));
	assert_non_null(strstr(acl(STS_ACL_OPERATOR, line, sizeof(line)), " %R~p:* "));
	assert_non_null(strstr(acl(STS_ACL_RSPAMD, line, sizeof(line)), " %R~p:policy:* %R~p:domain:* "));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_of_ids),
		cmocka_unit_test(test_step_back),
		cmocka_unit_test(test_acl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
