/* SPDX-License-Identifier: ISC */
/* test_organisation.c - organisational domains, searched and remembered. */
#include "config.h"

#include "shared-cache/names/organisation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <pthread.h>

enum { MANY = 50000, THREADS = 4 };

static void
check(const struct sts_organisations *list, const char *domain, const char *want)
{
	const char *got = sts_organisation_of(list, domain);

	if (strcmp(got, want) != 0)
		fail_msg("%s: got %s, want %s", domain, got, want);
	assert_in_range(got - domain, 0, strlen(domain));
}

static void
test_without_a_list(void **state)
{
	(void)state;
	check(NULL, "a.b.example.co.uk", "co.uk");
	check(NULL, "example.com", "example.com");
	check(NULL, "localhost", "localhost");
	check(NULL, "", "");
}

/* The second answer comes from memory. */
static void
test_with_a_list(void **state)
{
	static const char *const rows[][2] = {
		{ "a.b.example.co.uk", "example.co.uk" }, { "example.co.uk", "example.co.uk" }, { "co.uk", "co.uk" },
		{ "mx.example.com", "example.com" }, { "com", "com" }, { "localhost", "localhost" }, { "", "" },
	};
	struct sts_organisations *list;

	(void)state;
	if (sts_organisations_new(&list) != STS_OK)
		skip();
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			check(list, rows[i][0], rows[i][1]);
	}
	sts_organisations_free(&list);
}

/* More names than fit in memory, from several threads: each gets its own answer. */
static void *
ask_many(void *arg)
{
	const struct sts_organisations *list = arg;
	char name[64];
	uintptr_t wrong = 0;

	for (int i = 0; i < MANY; i++) {
		size_t prefix = (size_t)(i % 20) + 1;

		snprintf(name, sizeof(name), "%.*s.d%d.co.uk", (int)prefix, "abcdefghijklmnopqrstuvwxyz", i);
		wrong += sts_organisation_of(list, name) != name + prefix + 1;
	}
	return (void *)wrong;
}

static void
test_many(void **state)
{
	struct sts_organisations *list;
	pthread_t threads[THREADS];

	(void)state;
	if (sts_organisations_new(&list) != STS_OK)
		skip();
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask_many, list), 0);
	for (int i = 0; i < THREADS; i++) {
		void *wrong;

		pthread_join(threads[i], &wrong);
		assert_null(wrong);
	}
	sts_organisations_free(&list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_a_list),
		cmocka_unit_test(test_with_a_list),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
