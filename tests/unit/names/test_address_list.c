/* SPDX-License-Identifier: ISC */
/* test_address_list.c - which forward-paths match a short list of addresses. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/names/address_list.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
test_elements(void **state)
{
	static const struct {
		const char *text;
		enum sts_status status;
	} elements[] = {
		{ "tls-reports", STS_OK }, { "TLS.Reports+x@Example.ORG.", STS_OK }, { "", STS_EINVAL }, { "@example.org", STS_EINVAL },
		{ "a@", STS_EINVAL }, { "a@b@c.test", STS_EINVAL }, { "a b", STS_EINVAL }, { "<a@b.test>", STS_EINVAL },
		{ "mailto:a@b.test", STS_EINVAL }, { "a@[192.0.2.1]", STS_EINVAL },
		{ "a23456789012345678901234567890123456789012345678901234567890123", STS_OK },
		{ "a2345678901234567890123456789012345678901234567890123456789012345", STS_EINVAL },
	};
	struct sts_address_list *list;

	(void)state;
	assert_int_equal(sts_address_list_new(&list), STS_OK);
	for (size_t i = 0; i < COUNT(elements); i++)
		if (sts_address_list_add(list, elements[i].text, strlen(elements[i].text)) != elements[i].status)
			fail_msg("%s", elements[i].text);
	for (size_t i = 3; i < STS_ADDRESSES_MAX; i++)
		assert_int_equal(sts_address_list_add(list, "a", 1), STS_OK);
	assert_int_equal(sts_address_list_add(list, "a", 1), STS_EFULL);
	sts_address_list_free(&list);
	assert_null(list);
}

static void
test_find(void **state)
{
	static const struct {
		const char *path, *found, *spared;	/* NULL: no match */
	} paths[] = {
		{ "<tls-reports@a.test>", "tls-reports", "tls-reports" }, { "TLS-Reports@b.test", "tls-reports", "tls-reports" },
		{ "<\"tls-reports\"@a.test>", "tls-reports", "tls-reports" }, { "<tls-reports>", "tls-reports", "tls-reports" },
		{ "<rua@example.org>", "rua", "rua" }, { "<rua@EXAMPLE.org.>", "rua", "rua" }, { "<rua@example.net>", NULL, NULL },
		{ "<tls-reports2@a.test>", NULL, NULL }, { "<xtls-reports@a.test>", NULL, NULL }, { "<>", NULL, NULL },
		{ "<postmaster@a.test>", NULL, "postmaster" }, { "<a@tls-reports.test>", NULL, NULL },
		{ "<tls-reports@b.test@a.test>", NULL, NULL }, { "<tls-reports%b.test@a.test>", NULL, NULL },
	};
	struct sts_address_list *list;

	(void)state;
	assert_int_equal(sts_address_list_new(&list), STS_OK);
	assert_null(sts_address_list_find(list, "<tls-reports@a.test>", 20));
	assert_int_equal(sts_address_list_add(list, "TLS-reports", 11), STS_OK);
	assert_int_equal(sts_address_list_add(list, "rua@example.org", 15), STS_OK);
	for (size_t i = 0; i < COUNT(paths); i++) {
		const char *found = sts_address_list_find(list, paths[i].path, strlen(paths[i].path));
		const char *spared = sts_address_list_spares(list, paths[i].path, strlen(paths[i].path));

		if ((found == NULL) != (paths[i].found == NULL) || (found != NULL && strcmp(found, paths[i].found) != 0) ||
		    (spared == NULL) != (paths[i].spared == NULL) || (spared != NULL && strcmp(spared, paths[i].spared) != 0))
			fail_msg("%s: %s, %s", paths[i].path, found != NULL ? found : "-", spared != NULL ? spared : "-");
	}
	assert_null(sts_address_list_find(NULL, "<tls-reports@a.test>", 20));
	sts_address_list_free(&list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_elements),
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
