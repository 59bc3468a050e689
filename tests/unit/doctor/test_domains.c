/* SPDX-License-Identifier: ISC */
/* test_domains.c - the findings about the domains for which this machine receives mail: a table of facts. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/doctor/doctor_facts.h"

#define D(text) .name = text

static void
test_domains(void **state)
{
	static const struct {
		const char *name;
		struct doctor_domain list[3];
		size_t count;
		bool no_local;
		const char *unlisted, *want;
		bool unsure;
	} rows[] = {
		{ "nothing at all", { { D("") } }, 0, true, "", "", false },
		{ "good", { { D("a.example"), .setting = "mydestination", .local = true } }, 1, false, "", "", false },
		{ "local_domains empty", { { D("a.example"), .setting = "mydestination" } }, 1, true, "", "info domains.none",
		  false },
		{ "one missing", { { D("a.example"), .setting = "relay_domains", .local = true },
		  { D("b.example"), .setting = "relay_domains" } }, 2, false, "", "warn domains.missing", false },
		{ "one too many", { { D("a.example"), .setting = "relay_domains", .local = true },
		  { D("b.example"), .local = true } }, 2, false, "", "info domains.unknown", false },
		{ "who knows", { { D("b.example"), .local = true } }, 1, false, "relay_domains: mysql:/x",
		  "info domains.unlisted", false },
		{ "policies", { { D("a.example"), .setting = "x", .local = true, .policy = POLICY_THERE },
		  { D("b.example"), .setting = "x", .local = true, .policy = POLICY_ABSENT },
		  { D("c.example"), .setting = "x", .local = true, .policy = POLICY_BROKEN } }, 3, false, "",
		  "warn domains.policy, fail domains.policy", false },
		{ "not found out", { { D("a.example"), .setting = "x", .local = true, .policy = POLICY_UNKNOWN } }, 1, false, "",
		  "info domains.policy", true },
	};
	struct doctor_postfix pf;

	(void)state;
	facts_postfix(&pf, NULL, NULL, NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct doctor_domain list[3];
		struct doctor_domains domains = { .list = list, .count = rows[i].count, .no_local = rows[i].no_local };
		struct findings f = { .list = NULL };

		memcpy(list, rows[i].list, sizeof(list));
		snprintf(domains.unlisted, sizeof(domains.unlisted), "%s", rows[i].unlisted);
		judge_domains(&pf, &domains, &f);
		if (strcmp(rows[i].name, "one missing") == 0)
			assert_true(facts_fix_has(&f, "local_domains = a.example, b.example\n"));
		assert_int_equal(f.unsure, rows[i].unsure);
		facts_expect(rows[i].name, &f, rows[i].want);
	}
	facts_fini(&pf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_domains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
