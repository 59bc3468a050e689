/* SPDX-License-Identifier: ISC */
/* test_domain_rules_find.c - which rule applies: the most specific one for this day and this client. */
#include "config.h"

#include "shared-cache/enforcement/domain_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/enforcement/rules_world.h"

static const char precedence[] =
    ".example tls=required action=accept\n"				/* 1 */
    ".b.example tls=required action=reject\n"				/* 2 */
    "a.b.example exempt\n"						/* 3 */
    ".c.b.example tls=optional\n"					/* 4 */
    "rcpt:b.example tls=required action=reject\n"			/* 5 */
    "rcpt:.b.example exempt\n"						/* 6 */
    "dated.example exempt from=2026-11-24 until=2026-11-25\n"		/* 7 */
    "dated.example tls=optional from=2026-11-26\n"			/* 8 */
    "two.example tls=required action=reject\n"				/* 9 */
    "two.example exempt client=192.0.2.1\n"				/* 10 */
    "two.example tls=optional client=192.0.2.0/24,mx.two.example,.out.two.example\n"	/* 11 */
    "only.b.example exempt client=192.0.2.1\n"				/* 12 */
    "then.example exempt client=192.0.2.1 until=2026-11-23\n"		/* 13 */
    "then.example exempt client=192.0.2.2\n"				/* 14 */
    "rcpt:postmaster@b.example tls=required action=tempfail\n"		/* 15 */
    "rcpt:abuse@b.example exempt client=192.0.2.1\n"			/* 16 */
    "com exempt\n"							/* 17 */
    "\xe4\xbe\x8b.b.example exempt client=b\xc3\xbc" "cher.example\n";	/* 18 */

static const struct {
	const char *domain, *client;
	int64_t after;		/* seconds from the beginning of 2026-11-24 */
	unsigned sender, rcpt;	/* lines; 0: none */
} speaking[] = {
	/* the most specific */
	{ "example", "", 0, 0, 0 },
	{ "a.example", "", 0, 1, 0 },
	{ "b.example", "", 0, 1, 5 },
	{ "x.b.example", "", 0, 2, 6 },
	{ "y.x.b.example", "", 0, 2, 6 },
	{ "a.b.example", "", 0, 3, 6 },
	{ "x.a.b.example", "", 0, 2, 6 },
	{ "aa.b.example", "", 0, 2, 6 },
	{ "c.b.example", "", 0, 2, 6 },
	{ "x.c.b.example", "", 0, 4, 6 },
	{ "xc.b.example", "", 0, 2, 6 },
	{ "z.y.x.c.b.example", "", 0, 4, 6 },
	{ "notb.example", "", 0, 1, 0 },
	{ "com", "", 0, 17, 0 },
	{ "a.com", "", 0, 0, 0 },
	{ "org", "", 0, 0, 0 },
	{ "", "", 0, 0, 0 },
	/* days */
	{ "dated.example", "", -1, 1, 0 },
	{ "dated.example", "", 0, 7, 0 },
	{ "dated.example", "", DAY - 1, 7, 0 },
	{ "dated.example", "", 2 * DAY - 1, 7, 0 },
	{ "dated.example", "", 2 * DAY, 8, 0 },
	{ "dated.example", "", 20000LL * DAY, 8, 0 },
	{ "dated.example", "", INT64_MIN / 2, 1, 0 },
	/* clients */
	{ "two.example", "192.0.2.1", 0, 10, 0 },
	{ "two.example", "::ffff:192.0.2.1", 0, 10, 0 },
	{ "two.example", "192.0.2.2", 0, 11, 0 },
	{ "two.example", "192.0.3.1", 0, 9, 0 },
	{ "two.example", "mx.two.example", 0, 11, 0 },
	{ "two.example", "MX.Two.Example.", 0, 11, 0 },
	{ "two.example", "x.mx.two.example", 0, 9, 0 },
	{ "two.example", "out.two.example", 0, 9, 0 },
	{ "two.example", "a.out.two.example", 0, 11, 0 },
	{ "two.example", "b.a.out.two.example", 0, 11, 0 },
	{ "two.example", "aout.two.example", 0, 9, 0 },
	{ "two.example", "unknown", 0, 9, 0 },
	{ "two.example", "", 0, 9, 0 },
	{ "two.example", "not a name", 0, 9, 0 },
	{ "two.example", "pending", 0, 9, 0 },
	{ "only.b.example", "192.0.2.1", 0, 12, 6 },
	{ "only.b.example", "192.0.2.2", 0, 2, 6 },
	{ "then.example", "192.0.2.1", -1, 13, 0 },
	{ "then.example", "192.0.2.1", 0, 1, 0 },
	{ "then.example", "192.0.2.2", 0, 14, 0 },
	{ "xn--fsq.b.example", "b\xc3\xbc" "cher.example", 0, 18, 6 },
	{ "xn--fsq.b.example", "xn--bcher-kva.example", 0, 18, 6 },
};

static unsigned
line_of(const struct sts_domain_rule *rule)
{
	return rule != NULL ? rule->line : 0;
}

static void
test_speaking(void **state)
{
	struct sts_domain_rules *rules = parse_good(precedence);

	(void)state;
	for (size_t i = 0; i < COUNT(speaking); i++) {
		struct sts_ipaddr addr;
		struct sts_rule_session session = session_of(speaking[i].client, &addr);
		int64_t now = today + speaking[i].after;
		unsigned sender = line_of(sts_domain_rules_find(rules, STS_RULE_SENDER, speaking[i].domain, &session, now));
		unsigned rcpt = line_of(sts_domain_rules_find(rules, STS_RULE_RCPT, speaking[i].domain, &session, now));

		if (sender != speaking[i].sender || rcpt != speaking[i].rcpt)
			fail_msg("%s from \"%s\" at %lld: got lines %u, %u, want %u, %u", speaking[i].domain, speaking[i].client,
			    (long long)speaking[i].after, sender, rcpt, speaking[i].sender, speaking[i].rcpt);
		assert_null(sts_domain_rules_find(NULL, STS_RULE_SENDER, speaking[i].domain, &session, now));
	}
	sts_domain_rules_free(&rules);
}

static void
test_roles(void **state)
{
	static const struct {
		const char *local_part, *domain, *client;
		unsigned line;
	} rows[] = {
		{ "postmaster", "b.example", "", 15 }, { "PostMaster", "b.example", "", 15 },
		{ "postmaster", "x.b.example", "", 0 }, { "postmaster", "a.example", "", 0 }, { "postmaster", "", "", 0 },
		{ "abuse", "b.example", "192.0.2.1", 16 }, { "ABUSE", "b.example", "192.0.2.2", 0 },
		{ "joe", "b.example", "", 0 }, { "", "b.example", "", 0 }, { "postmaster@b.example", "b.example", "", 0 },
		{ "a-local-part-that-is-longer-than-a-pattern-may-be-a-local-part-that-is-longer-than-a-pattern-may-be-"
		  "a-local-part-that-is-longer-than-a-pattern-may-be-a-local-part-that-is-longer-than-a-pattern-may-be-"
		  "a-local-part-that-is-longer-than-a-pattern-may-be-a-local-part-that-is-longer-than-a-pattern-may-be-",
		  "b.example", "", 0 },
	};
	struct sts_domain_rules *rules = parse_good(precedence);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sts_ipaddr addr;
		struct sts_rule_session session = session_of(rows[i].client, &addr);
		unsigned got = line_of(sts_domain_rules_find_role(rules, rows[i].local_part, rows[i].domain, &session, today));

		if (got != rows[i].line)
			fail_msg("%s@%s: got line %u, want %u", rows[i].local_part, rows[i].domain, got, rows[i].line);
		assert_null(sts_domain_rules_find_role(NULL, rows[i].local_part, rows[i].domain, &session, today));
	}
	sts_domain_rules_free(&rules);
}

/* A certificate lets mail through when it matches, or when the MTA was not asked for one. */
static void
test_narrowed_by_cert(void **state)
{
	static const struct {
		bool told;
		const char *subject;
		unsigned line;
	} rows[] = { { true, "x", 2 }, { true, "y", 1 }, { true, NULL, 1 }, { false, NULL, 2 } };
	struct sts_domain_rules *rules = parse_good("a.example tls=required action=reject\na.example exempt cert=x\n");

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct sts_rule_session session = { .cert_told = rows[i].told, .cert_subject = rows[i].subject };

		assert_int_equal(line_of(sts_domain_rules_find(rules, STS_RULE_SENDER, "a.example", &session, today)),
		    rows[i].line);
	}
	sts_domain_rules_free(&rules);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_speaking),
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_narrowed_by_cert),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
