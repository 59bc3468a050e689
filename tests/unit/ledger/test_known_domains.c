/* SPDX-License-Identifier: ISC */
/* test_known_domains.c - who is known, whose first message is held, and both bounds. */
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
	struct sts_sightings *s;

	if (sts_sightings_new(HELD, KNOWN, &s) != STS_OK)
		return -1;
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct sts_sightings *s = *state;

	sts_sightings_free(&s);
	sts_sightings_free(&s);
	return s == NULL ? 0 : -1;
}

static void
hold(struct sts_sightings *s, const char *domain, int64_t now)
{
	static const char *const fields[] = { "messages", "tls:none", NULL };
	const struct sts_sighting m = { now, true, fields, domain };

	assert_int_equal(sts_sightings_hold(s, &m), STS_OK);
}

static void
test_hold_and_take(void **state)
{
	struct sts_sightings *s = *state;
	struct sts_sighting *m;

	assert_null(sts_sightings_take(s, "a.example"));
	hold(s, "a.example", 10);
	hold(s, "b.example", 11);
	assert_int_equal(sts_sightings_held(s), 2);
	m = sts_sightings_take(s, "a.example");
	assert_non_null(m);
	assert_string_equal(m->domain, "a.example");
	assert_int_equal(m->now, 10);
	assert_true(m->plaintext);
	assert_string_equal(m->fields[1], "tls:none");
	assert_null(m->fields[2]);
	free(m);
	assert_null(sts_sightings_take(s, "a.example"));
}

static void
test_without_fields(void **state)
{
	const struct sts_sighting m = { 1, false, NULL, "a.example" };
	struct sts_sighting *held;

	assert_int_equal(sts_sightings_hold(*state, &m), STS_OK);
	held = sts_sightings_take(*state, "a.example");
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
	struct sts_sightings *s = *state;

	hold(s, "a.example", 10);
	hold(s, "b.example", 11);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sts_sighting *m = sts_sightings_take_stale(s, rows[i].since);

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
	struct sts_sightings *s = *state;
	struct sts_sighting *m;

	for (int i = 0; i < HELD; i++) {
		char domain[32];

		snprintf(domain, sizeof(domain), "d%d.example", i);
		hold(s, domain, 10);
	}
	assert_null(sts_sightings_take_stale(s, 0));
	hold(s, "more.example", 10);
	m = sts_sightings_take_stale(s, 0);
	assert_non_null(m);
	assert_string_equal(m->domain, "d0.example");
	free(m);
	assert_null(sts_sightings_take_stale(s, 0));
}

/* A flood of held ones leaves the known alone; of these, who was seen longest ago is forgotten. */
static void
test_known(void **state)
{
	struct sts_sightings *s = *state;

	assert_false(sts_sightings_knows(s, "a.example"));
	sts_sightings_admit(s, "a.example");
	sts_sightings_admit(s, "a.example");
	for (int i = 0; i < KNOWN - 1; i++) {
		char domain[32];

		snprintf(domain, sizeof(domain), "d%d.example", i);
		sts_sightings_admit(s, domain);
		hold(s, domain, i);
	}
	assert_true(sts_sightings_knows(s, "a.example"));
	sts_sightings_admit(s, "new.example");
	assert_true(sts_sightings_knows(s, "a.example"));
	assert_false(sts_sightings_knows(s, "d0.example"));
	assert_true(sts_sightings_knows(s, "d1.example"));
	assert_true(sts_sightings_knows(s, "new.example"));
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

	return cmocka_run_group_tests_name("sightings", tests, NULL, NULL);
}
