/* SPDX-License-Identifier: ISC */
/* test_counter_groups.c - which names of counters a person may use, and which fields belong to a group. */
#include "config.h"

#include "stsctl/stats/counter_groups.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
test_find(void **state)
{
	static const struct {
		const char *name, *field;	/* NULL: none */
	} rows[] = {
		{ "plaintext", "tls:none" },
		{ "fail", "result:fail" },
		{ "downgrade", "history:downgrade" },
		{ "history:always-tls", "history:always-tls" },
		{ "messages", "messages" },
		{ "forged", "forged" },
		{ "tls:TLSv1.2", "tls:TLSv1.2" },
		{ "cipher:TLS_AES_128_GCM_SHA256", "cipher:TLS_AES_128_GCM_SHA256" },
		{ "aligned:yes", "aligned:yes" },
		{ "aligned:messages", "aligned:messages" },
		{ "aligned:tls:none", "aligned:tls:none" },
		{ "tls:", NULL },
		{ "tls", NULL },
		{ "last_seen", NULL },
		{ "bogus", NULL },
		{ "bogus:x", NULL },
		{ "tls:a b", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *field = counter_groups_find(rows[i].name);

		if ((field == NULL) != (rows[i].field == NULL) || (field != NULL && strcmp(field, rows[i].field) != 0))
			fail_msg("%s: %s", rows[i].name, field != NULL ? field : "none");
	}
}

static void
take(struct sts_tally *tally, const char *name, const char *value)
{
	assert_int_equal(sts_tally_take(tally, name, strlen(name), value, strlen(value)), STS_OK);
}

static void
test_groups(void **state)
{
	const struct sts_tally_field *fields[4];
	struct sts_tally tally = { 0 };

	(void)state;
	take(&tally, "tls:none", "3");
	take(&tally, "tls:TLSv1.3", "9");
	take(&tally, "tls:TLSv1.2", "3");
	take(&tally, "tls:", "7");
	take(&tally, "tlsx:none", "7");
	take(&tally, "aligned:tls:none", "7");
	take(&tally, "aligned:yes", "2");
	take(&tally, "aligned:messages", "2");
	assert_int_equal(counter_groups_of_group(&tally, "tls", fields, 4), 3);
	assert_string_equal(counter_groups_name_in_group(fields[0], "tls"), "TLSv1.3");
	assert_string_equal(counter_groups_name_in_group(fields[1], "tls"), "TLSv1.2");
	assert_string_equal(counter_groups_name_in_group(fields[2], "tls"), "none");
	assert_int_equal(counter_groups_of_group(&tally, "tls", fields, 1), 1);
	assert_int_equal(counter_groups_of_group(&tally, "aligned", fields, 4), 1);
	assert_int_equal(counter_groups_of_group(&tally, "rcpt", fields, 4), 0);
	sts_tally_fini(&tally);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
