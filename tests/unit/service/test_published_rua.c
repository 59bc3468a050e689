/* SPDX-License-Identifier: ISC */
/* test_published_rua.c - which addresses of a record are ours, and how they are written. */
#include "config.h"

#include "milter/service/published_rua.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/names/domain_set.h"
#include "shared-cache/policy/txt_fields.h"

/* A URI of the record, a path from Postfix, and whether the path is one of the addresses. */
static const struct {
	const char *uri, *path;
	bool has;
} rows[] = {
	{ "mailto:tls@ours.example", "<tls@ours.example>", true },
	{ "mailto:tls@ours.example", "<TLS@Ours.Example>", true },
	{ "mailto:tls@ours.example", "<tls@other.example>", false },
	{ "mailto:tls@ours.example", "<other@ours.example>", false },
	{ "mailto:tls@ours.example?subject=report", "<tls@ours.example>", true },
	{ "mailto:t%6Cs@ours.example", "<tls@ours.example>", true },
	{ "mailto:tls%2Breports@ours.example", "<tls+reports@ours.example>", true },
	{ "mailto:t%00s@ours.example", "<t@ours.example>", false },
	{ "mailto:tls@elsewhere.example", "<tls@elsewhere.example>", false },
	{ "https://ours.example/tls", "<tls@ours.example>", false },
	{ "mailto:", "<tls@ours.example>", false },
	{ "mailto:ours.example", "<tls@ours.example>", false },
};

static void
test_add(void **state)
{
	struct sts_domain_set *local;
	enum sts_domain_fault fault;

	(void)state;
	assert_int_equal(sts_domain_set_new(&local), STS_OK);
	assert_int_equal(sts_domain_set_add(local, "ours.example", strlen("ours.example"), &fault), STS_OK);
	sts_domain_set_seal(local);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct sts_slice uri = { rows[i].uri, strlen(rows[i].uri) };
		struct published_rua rua;
		struct sts_address_list *list;

		published_rua_init(&rua);
		assert_int_equal(sts_address_list_new(&list), STS_OK);
		published_rua_add(list, local, &uri);
		rua.list = list;
		if (published_rua_has(&rua, rows[i].path, strlen(rows[i].path)) != rows[i].has)
			fail_msg("%s, %s: want %d", rows[i].uri, rows[i].path, rows[i].has);
		published_rua_fini(&rua);
	}
	sts_domain_set_free(&local);
}

static void
test_nothing_known(void **state)
{
	struct published_rua rua;

	(void)state;
	published_rua_init(&rua);
	assert_false(published_rua_has(&rua, "<a@ours.example>", strlen("<a@ours.example>")));
	published_rua_stop(&rua);
	published_rua_fini(&rua);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_nothing_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
