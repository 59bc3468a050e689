/* SPDX-License-Identifier: ISC */
/* test_domain_rules_starved.c - files of rules while memory fails: all rules or none, and no mistake reported to the author of the file. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/enforcement/domain_rules.h"
#include "tests/fake/starve.h"

static void
no_mistake(void *arg, unsigned line, const char *text)
{
	(void)arg;
	fail_msg("line %u: %s", line, text);
}

static enum sts_status
parse(void *arg)
{
	const char *text = arg;
	struct sts_domain_rules *rules;
	enum sts_status status = sts_domain_rules_parse(text, strlen(text), no_mistake, NULL, &rules);

	assert_int_equal(rules == NULL, status != STS_OK);
	if (rules != NULL) {
		size_t lines = 0;

		for (const char *p = text; *p != '\0'; p++)
			lines += *p == '\n';
		assert_int_equal(sts_domain_rules_count(rules), lines);
	}
	sts_domain_rules_free(&rules);
	return status;
}

static void
test_each_kind(void **state)
{
	static const char text[] =
	    "a.example exempt\n"
	    "rcpt:.b.example tls=required action=reject\n"
	    "c.example exempt client=192.0.2.0/24,.mx.example,mx2.example\n"
	    "d.example tls=required cert=c=DE,issuer=x action=quarantine\n"
	    "d.example exempt client=2001:db8::/32 from=2026-01-01 until=2026-01-31\n"
	    "rcpt:postmaster@e.example version=TLSv1.3 action=tempfail\n";

	(void)state;
	assert_true(starve(STARVE_ALL, parse, (void *)(uintptr_t)text) > 5);
}

/* Every allocation of a rule is once the first one that does not fit into a chunk: everything before it moves on bit by bit. */
static void
test_ends_of_chunks(void **state)
{
	enum { LINES = 260, LONGEST = 250, STEP = 8 };
	static char text[(LINES + 4) * 200], subject[LONGEST];

	(void)state;
	memset(subject, 'x', sizeof(subject));
	for (int shift = 1; shift < LONGEST; shift += STEP) {
		size_t len = (size_t)snprintf(text, sizeof(text), "a.example cert=%.*s action=reject\n", shift, subject);

		for (int i = 0; i < LINES; i++)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "domain-%04d.example tls=required cert=a-subject-%04d/an-issuer-%04d "
			    "client=mx%04d.a.example,mx%04d.b.example action=reject\n", i, i, i, i, i);
		assert_true(starve(STARVE_ALL, parse, text) >= 4);
	}
}

/* More rules than one chunk holds, and more than the initial hash table. */
static void
test_many(void **state)
{
	enum { LINES = 700 };
	static char text[LINES * 120];
	size_t len = 0;

	(void)state;
	for (int i = 0; i < LINES; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "a-rather-long-label-so-that-memory-is-used-%04d.example "
		    "tls=required cert=a-subject-%04d action=reject\n", i, i);
	assert_true(starve(STARVE_ALL, parse, text) >= 6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_kind),
		cmocka_unit_test(test_ends_of_chunks),
		cmocka_unit_test(test_many),
	};

	if (!starve_can())
		return 77;	/* skipped */
	return cmocka_run_group_tests_name("domain_rules_starved", tests, NULL, NULL);
}
