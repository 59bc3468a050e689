/* SPDX-License-Identifier: ISC */
/* test_known_domains.c - which domains are known, whose first message is held, and both limits. */
#include "config.h"

#include "shared-cache/ledger/known_domains.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { HELD = 3, KNOWN = 4 };

static int
setup(void **state)
{
	struct sts_known_domains *s;

	if (sts_known_domains_new(HELD, KNOWN, &s) != STS_OK)
		return -1;
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct sts_known_domains *s = *state;

	sts_known_domains_free(&s);
	sts_known_domains_free(&s);
	return s == NULL ? 0 : -1;
}

static void
hold(struct sts_known_domains *s, const char *domain, int64_t now)
{
	static const char *const fields[] = { "messages", "tls:none", NULL };
	const struct sts_held_message m = { now, true, fields, domain };

	assert_int_equal(sts_known_domains_hold(s, &m), STS_OK);
}

static void
test_hold_and_take(void **state)
{
	struct sts_known_domains *s = *state;
	struct sts_held_message *m;

	assert_null(sts_known_domains_take_held(s, "a.example"));
	hold(s, "a.example", 10);
	hold(s, "b.example", 11);
	assert_int_equal(sts_known_domains_held_count(s), 2);
	m = sts_known_domains_take_held(s, "a.example");
	assert_non_null(m);
	assert_string_equal(m->domain, "a.example");
	assert_int_equal(m->now, 10);
	assert_true(m->plaintext);
	assert_string_equal(m->fields[1], "tls:none");
	assert_null(m->fields[2]);
	free(m);
	assert_null(sts_known_domains_take_held(s, "a.example"));
}

static void
test_without_fields(void **state)
{
	const struct sts_held_message m = { 1, false, NULL, "a.example" };
	struct sts_held_message *held;

	assert_int_equal(sts_known_domains_hold(*state, &m), STS_OK);
	held = sts_known_domains_take_held(*state, "a.example");
	assert_null(held->fields[0]);
	free(held);
}

static void
test_stale(void **state)
{
	static const struct {
		const char *name;
		int64_t since;
		const char *gone;
	} rows[] = {
		{ "nothing is old", 10, NULL },
		{ "one is", 11, "a.example" },
		{ "and that was all", 11, NULL },
		{ "the next", 12, "b.example" },
	};
	struct sts_known_domains *s = *state;

	hold(s, "a.example", 10);
	hold(s, "b.example", 11);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sts_held_message *m = sts_known_domains_take_stale(s, rows[i].since);

		if ((m == NULL) != (rows[i].gone == NULL))
			fail_msg("%s: got %s", rows[i].name, m == NULL ? "none" : m->domain);
		if (m != NULL)
			assert_string_equal(m->domain, rows[i].gone);
		free(m);
	}
}

static void
test_too_many_held(void **state)
{
	struct sts_known_domains *s = *state;
	struct sts_held_message *m;

	for (int i = 0; i < HELD; i++) {
		char domain[32];

		snprintf(domain, sizeof(domain), "d%d.example", i);
		hold(s, domain, 10);
	}
	assert_null(sts_known_domains_take_stale(s, 0));
	hold(s, "more.example", 10);
	m = sts_known_domains_take_stale(s, 0);
	assert_non_null(m);
	assert_string_equal(m->domain, "d0.example");
	free(m);
	assert_null(sts_known_domains_take_stale(s, 0));
}

/* A flood of held messages does not displace known domains; of those, the one not seen for longest is forgotten. */
static void
test_known(void **state)
{
	struct sts_known_domains *s = *state;

	assert_false(sts_known_domains_contains(s, "a.example"));
	sts_known_domains_add(s, "a.example");
	sts_known_domains_add(s, "a.example");
	for (int i = 0; i < KNOWN - 1; i++) {
		char domain[32];

		snprintf(domain, sizeof(domain), "d%d.example", i);
		sts_known_domains_add(s, domain);
		hold(s, domain, i);
	}
	assert_true(sts_known_domains_contains(s, "a.example"));
	sts_known_domains_add(s, "new.example");
	assert_true(sts_known_domains_contains(s, "a.example"));
	assert_false(sts_known_domains_contains(s, "d0.example"));
	assert_true(sts_known_domains_contains(s, "d1.example"));
	assert_true(sts_known_domains_contains(s, "new.example"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_hold_and_take, setup, teardown),
		cmocka_unit_test_setup_teardown(test_without_fields, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stale, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_many_held, setup, teardown),
		cmocka_unit_test_setup_teardown(test_known, setup, teardown),
	};

	return cmocka_run_group_tests_name("known_domains", tests, NULL, NULL);
}
