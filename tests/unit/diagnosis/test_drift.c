/* SPDX-License-Identifier: ISC */
/* test_drift.c - changes of id and policy from run to run. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/diagnosis/drift.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
enum { NOW = 1763982000 /* 2025-11-24 11:00 UTC */ };

#define POLICY(mode, mx) "version: STSv1\nmode: " mode "\n" mx "max_age: 86400\n"
#define A POLICY("enforce", "mx: a.example\n")
#define B POLICY("testing", "mx: a.example\n")

/* Successive runs: what each one sees, and its findings. id or policy "": none. */
static const struct step {
	const char *id, *policy, *want;
} steps[] = {
	{ "1", A, "" },
	{ "1", A, "" },
	{ "1", "version: STSv1\r\nmax_age: 86400\r\nmode: enforce\r\nmx: a.example\r\n", "" },
	{ "1", B, "fail drift.content-without-id" },
	{ "1", B, "fail drift.content-without-id" },
	{ "1", A, "" },
	{ "1", B, "fail drift.content-without-id" },
	{ "", B, "" },
	{ "1", "", "" },
	{ "1", B, "fail drift.content-without-id" },
	{ "2", B, "" },
	{ "2", B, "" },
	{ "3", B, "info drift.id-without-content" },
	{ "3", B, "" },
	{ "2", B, "info drift.id-without-content" },
	{ "2", A, "fail drift.content-without-id" },
};

static void
look(const struct step *step, struct check_baseline *baseline, struct findings *found)
{
	struct check_facts facts;

	check_facts_init(&facts, "d.example");
	snprintf(facts.id, sizeof(facts.id), "%s", step->id);
	if (step->policy[0] != '\0')
		assert_int_equal(sts_policy_parse(step->policy, strlen(step->policy), &facts.policy, NULL), STS_OK);
	findings_init(found);
	check_drift(&facts, NOW, baseline, found);
	check_facts_fini(&facts);
}

static void
test_story(void **state)
{
	struct check_baseline baseline = { .id = "" };

	(void)state;
	for (size_t i = 0; i < COUNT(steps); i++) {
		struct findings found;
		char got[80] = "";

		look(&steps[i], &baseline, &found);
		if (found.count > 0)
			snprintf(got, sizeof(got), "%s %s", finding_level_name(found.list[0].level), found.list[0].id);
		if (strcmp(got, steps[i].want) != 0 || found.count > 1)
			fail_msg("step %zu: got '%s', want '%s'", i, got, steps[i].want);
		if (found.count > 0 && found.list[0].level == FINDING_FAIL)
			assert_string_equal(found.list[0].fix, "_mta-sts.d.example. IN TXT \"v=STSv1; id=20251124T110000;\"");
		findings_fini(&found);
	}
}

static const struct {
	const char *name, *left, *right;
	bool same;
} pairs[] = {
	{ "the same", A, A, true },
	{ "an extension", A, A "x: y\n", true },
	{ "order of mx", POLICY("enforce", "mx: a.example\nmx: b.example\n"),
	    POLICY("enforce", "mx: b.example\nmx: a.example\n"), true },
	{ "mode", A, B, false },
	{ "max_age", A, "version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 86401\n", false },
	{ "one more mx", A, POLICY("enforce", "mx: a.example\nmx: b.example\n"), false },
	{ "another mx", A, POLICY("enforce", "mx: b.example\n"), false },
	{ "mode none", POLICY("none", ""), POLICY("none", ""), true },
};

static void
test_hashes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		const char *texts[] = { pairs[i].left, pairs[i].right };
		char hashes[2][CHECK_HASH_CAP];

		for (size_t k = 0; k < 2; k++) {
			struct sts_policy *policy;

			assert_int_equal(sts_policy_parse(texts[k], strlen(texts[k]), &policy, NULL), STS_OK);
			assert_true(check_drift_hash(policy, hashes[k]));
			assert_int_equal(strlen(hashes[k]), CHECK_HASH_CAP - 1);
			sts_policy_free(&policy);
		}
		if ((strcmp(hashes[0], hashes[1]) == 0) != pairs[i].same)
			fail_msg("%s: %s and %s", pairs[i].name, hashes[0], hashes[1]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_story),
		cmocka_unit_test(test_hashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
