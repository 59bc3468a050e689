/* SPDX-License-Identifier: ISC */
/* test_required_tls.c - replies of the socketmap as Postfix reads them; hosts and names of certificates held against them. */
#include "config.h"

#include "stsctl/sendtest/required_tls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define REPORT " policy_type=sts policy_domain=a.test { policy_string = version: STSv1 } { policy_string = mx: evil.test }"

static void
test_replies(void **state)
{
	static const struct {
		const char *reply;
		bool ours;
		enum sts_send_level level;
		bool defers, by_default, match, patterns;
	} rows[] = {
		{ "OK secure match=mx.a.test servername=hostname", true, STS_SEND_SECURE, false, false, true, false },
		{ "OK secure servername=hostname", true, STS_SEND_SECURE, false, false, false, false },
		{ "OK secure match=mx.a.test servername=hostname" REPORT " mx_host_pattern=mx.a.test", true, STS_SEND_SECURE, false, false,
		    true, true },
		/* a testing policy asks for nothing */
		{ "OK may" REPORT " mx_host_pattern=mx.a.test", true, STS_SEND_MAY, false, false, false, false },
		{ "OK dane-only", true, STS_SEND_DANE_ONLY, false, false, false, false },
		{ "OK dane", true, STS_SEND_DANE, false, false, false, false },
		{ "OK none", true, STS_SEND_NONE, false, false, false, false },
		{ "NOTFOUND ", true, STS_SEND_ENCRYPT, false, true, false, false },
		{ "TEMP the policy of a.test could not be looked up yet", true, STS_SEND_ENCRYPT, true, false, false, false },
		{ "OK default", false, STS_SEND_DEFAULT, false, false, false, false },
		{ "OK ", false, STS_SEND_DEFAULT, false, false, false, false },
		{ "OK secured", false, STS_SEND_DEFAULT, false, false, false, false },
		{ "PERM no", false, STS_SEND_ENCRYPT, false, false, false, false },
		{ "", false, STS_SEND_ENCRYPT, false, false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct send_terms terms;
		bool ours = send_terms_read(rows[i].reply, "a.test", STS_SEND_ENCRYPT, &terms);

		if (ours != rows[i].ours || terms.level != rows[i].level || terms.defers != rows[i].defers ||
		    terms.by_default != rows[i].by_default || (terms.match != NULL) != rows[i].match ||
		    (terms.patterns != NULL) != rows[i].patterns)
			fail_msg("%s: level %s", rows[i].reply, sts_send_level_name(terms.level));
	}
	assert_int_equal(send_terms_level("dane-only"), STS_SEND_DANE_ONLY);
	assert_int_equal(send_terms_level("default"), STS_SEND_DEFAULT);
	assert_int_equal(send_terms_level("dane-"), STS_SEND_DEFAULT);
	assert_int_equal(send_terms_level(""), STS_SEND_DEFAULT);
}

static void
test_hosts(void **state)
{
	static const char reply[] = "OK secure match=mx.a.test:.b.test servername=hostname" REPORT
	    " mx_host_pattern=mx.a.test mx_host_pattern=*.b.test";
	struct send_terms terms;

	(void)state;
	assert_true(send_terms_read(reply, "a.test", STS_SEND_MAY, &terms));
	assert_true(send_terms_take_host(&terms, "mx.a.test"));
	assert_true(send_terms_take_host(&terms, "x.b.test"));
	assert_false(send_terms_take_host(&terms, "b.test"));
	assert_false(send_terms_take_host(&terms, "x.y.b.test"));
	assert_false(send_terms_take_host(&terms, "evil.test"));
	/* without patterns, any */
	assert_true(send_terms_read("OK secure match=mx.a.test servername=hostname", "a.test", STS_SEND_MAY, &terms));
	assert_true(send_terms_take_host(&terms, "evil.test"));
}

static void
test_names(void **state)
{
	static const char by_match[] = "OK secure match=mx.a.test:.b.test servername=hostname";
	static const char by_pattern[] = "OK secure match=mx.a.test:.b.test servername=hostname" REPORT " mx_host_pattern=mx.a.test";
	static const char bare[] = "OK secure servername=hostname";
	static const struct {
		const char *reply, *host, *name;
		bool fits;
	} rows[] = {
		{ by_match, "mx.a.test", "mx.a.test", true },
		{ by_match, "mx.a.test", "MX.A.test", true },
		{ by_match, "mx.a.test", "*.a.test", true },
		{ by_match, "mx.a.test", "*.test", false },
		{ by_match, "mx.a.test", "*.mx.a.test", false },
		{ by_match, "mx.a.test", "www.mx.a.test", false },
		{ by_match, "mx.a.test", "a.test", false },
		{ by_match, "mx.a.test", "*", false },
		{ by_match, "mx.a.test", "", false },
		/* any of the names, and any depth: Postfix is more generous than the RFC */
		{ by_match, "other.test", "mx.a.test", true },
		{ by_match, "mx.a.test", "x.b.test", true },
		{ by_match, "mx.a.test", "x.y.b.test", true },
		{ by_match, "mx.a.test", "*.b.test", true },
		{ by_match, "mx.a.test", "b.test", false },
		{ by_match, "mx.a.test", "xb.test", false },
		{ by_match, "mx.a.test", "hostname", false },
		/* with patterns it is the host's own name */
		{ by_pattern, "mx.a.test", "mx.a.test", true },
		{ by_pattern, "mx.a.test", "*.a.test", true },
		{ by_pattern, "mx.a.test", "x.b.test", false },
		/* Postfix' own: the domain and what is below it */
		{ bare, "mx.b.test", "a.test", true },
		{ bare, "mx.b.test", "mx.a.test", true },
		{ bare, "mx.b.test", "mx.b.test", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct send_terms terms;

		assert_true(send_terms_read(rows[i].reply, "a.test", STS_SEND_MAY, &terms));
		if (send_terms_take_name(&terms, rows[i].host, rows[i].name) != rows[i].fits)
			fail_msg("%s: host %s, name %s", rows[i].reply, rows[i].host, rows[i].name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_replies), cmocka_unit_test(test_hosts), cmocka_unit_test(test_names) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
