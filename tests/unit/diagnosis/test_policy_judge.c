/* SPDX-License-Identifier: ISC */
/* test_policy_judge.c - the findings about policy files, and the corrected texts. */
#include "config.h"

#include "stsctl/diagnosis/policy_judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/diagnosis/found.h"

#define V "version: STSv1\n"
#define E "mode: enforce\n"
#define M "mx: mail.a.test\n"
#define A "max_age: 604800\n"
#define GOOD V E M A
#define COMPOSED "version: STSv1\nmode: testing\nmx: mx1.a.test\nmax_age: 604800"
#define LF_ENDS "version: STSv1\nmode: enforce\nmx: mail.a.test\nmax_age: 604800"	/* as fixes are shown */

static const struct row {
	const char *name;
	const char *text;
	const char *found;	/* "id=level ..." */
	const char *seen;	/* in the last finding; NULL: not compared */
	const char *fix;	/* of the last finding; NULL: not compared */
} rows[] = {
	{ "good", GOOD, "policy.ok=pass", "mode enforce, max_age 604800, mx mail.a.test", "" },
	{ "CRLF", "version: STSv1\r\nmode: enforce\r\nmx: mail.a.test\r\nmax_age: 604800\r\n", "policy.ok=pass", NULL, NULL },
	{ "no end at the end", V E M "max_age: 604800", "policy.ok=pass", NULL, NULL },
	{ "mixed ends", V "mode: enforce\r\n" M A, "policy.ok=pass policy.line-ends=info",
	    "3 lines end with LF, 1 with CRLF", LF_ENDS },
	{ "BOM", "\xef\xbb\xbf" GOOD, "policy.bom=fail", "EF BB BF", LF_ENDS },
	{ "UTF-16", "\xff\xfev", "policy.bom=fail", "UTF-16", COMPOSED },
	{ "CR alone", "version: STSv1\rmode: enforce\rmx: mail.a.test\rmax_age: 604800\r", "policy.line-ends=fail",
	    "line 1: a CR without LF (4 in all)", LF_ENDS },
	{ "CR in line 3", V E "mx: mail.a.test\r" A, "policy.line-ends=fail", "line 3: a CR without LF (1 in all)", LF_ENDS },
	{ "blank line", V "\n" E M A, "policy.syntax=fail", "line 2: a blank line", LF_ENDS },
	{ "indented", V "  mode: enforce\n" M A, "policy.syntax=fail", "line 2 is:   mode: enforce", LF_ENDS },
	{ "blank before the colon", V "mode : enforce\n" M A, "policy.syntax=fail", "line 2: no colon right after", LF_ENDS },
	{ "blanks at the end", GOOD "\n\n", "policy.ok=pass policy.syntax=warn", "line 5: blank lines at the end", LF_ENDS },
	{ "no colon", V E M "max_age=1\n", "policy.syntax=fail", "line 4", COMPOSED },
	{ "hostile", V "mode: \x1b[31m\n" M A, "policy.syntax=fail", "\\x1b[31m", NULL },
	{ "no mx", V E A, "policy.syntax=fail", "mx is missing", NULL },
	{ "empty", "", "policy.syntax=fail", "the policy is empty", NULL },
	{ "given twice", V E E M A, "policy.ok=pass policy.syntax=warn", "line 3: mode is given again", NULL },
	{ "short, a day", V E M "max_age: 86399\n", "policy.ok=pass policy.short-max-age=warn", "86399", "max_age: 604800" },
	{ "short, a week", V E M "max_age: 604799\n", "policy.ok=pass policy.short-max-age=info", "604799", "max_age: 604800" },
	{ "testing", V "mode: testing\n" M "max_age: 86400\n", "policy.ok=pass policy.testing=info", NULL, "" },
	{ "testing, short", V "mode: testing\n" M "max_age: 60\n",
	    "policy.ok=pass policy.short-max-age=warn policy.testing=info", NULL, NULL },
	{ "none", V "mode: none\nmax_age: 60\n", "policy.ok=pass policy.none=info", NULL, "" },
};

static void
fill(struct check_facts *facts, const char *text)
{
	memset(facts, 0, sizeof(*facts));
	snprintf(facts->domain, sizeof(facts->domain), "a.test");
	snprintf(facts->mx[0].host, sizeof(facts->mx[0].host), "mx1.a.test");
	facts->mx_count = 1;
	facts->policy_text = strdup(text);
	facts->policy_len = strlen(text);
	assert_non_null(facts->policy_text);
}

static void
check_row(const struct row *row)
{
	static struct check_facts facts;
	struct findings findings;
	const struct finding *last;
	char got[400];

	fill(&facts, row->text);
	findings_init(&findings);
	policy_judge("mta-sts.a.test", &facts, &findings);
	found_line(&findings, got, sizeof(got));
	last = &findings.list[findings.count - 1];
	if (strcmp(got, row->found) != 0)
		fail_msg("%s: got '%s', want '%s'", row->name, got, row->found);
	if ((row->seen != NULL && strstr(last->seen, row->seen) == NULL) ||
	    (row->fix != NULL && strcmp(last->fix, row->fix) != 0))
		fail_msg("%s: got '%s', fix '%s'", row->name, last->seen, last->fix);
	assert_int_equal(facts.policy != NULL, findings_count(&findings, FINDING_FAIL) == 0);
	findings_fini(&findings);
	free(facts.policy_text);
	sts_policy_free(&facts.policy);
}

static void
test_policies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i]);
}

/* Every text to paste is a valid policy. */
static void
test_fixes_are_policies(void **state)
{
	static struct check_facts facts;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct findings findings;

		fill(&facts, rows[i].text);
		findings_init(&findings);
		policy_judge("mta-sts.a.test", &facts, &findings);
		for (size_t k = 0; k < findings.count; k++) {
			const char *fix = findings.list[k].fix;
			struct sts_policy *policy;

			if (strchr(fix, '\n') == NULL)
				continue;
			if (sts_policy_parse(fix, strlen(fix), &policy, NULL) != STS_OK)
				fail_msg("%s: no policy: %s", rows[i].name, fix);
			sts_policy_free(&policy);
		}
		findings_fini(&findings);
		free(facts.policy_text);
		sts_policy_free(&facts.policy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policies),
		cmocka_unit_test(test_fixes_are_policies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
