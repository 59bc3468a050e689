/* SPDX-License-Identifier: ISC */
/* test_required_tls.c - replies of the socketmap, parsed like Postfix; hosts and certificate names compared with them. */
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
		/* a testing policy requires nothing */
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
		struct required_tls required;
		bool ours = required_tls_read(rows[i].reply, "a.test", STS_SEND_ENCRYPT, &required);

		if (ours != rows[i].ours || required.level != rows[i].level || required.defers != rows[i].defers ||
		    required.by_default != rows[i].by_default || (required.match != NULL) != rows[i].match ||
		    (required.patterns != NULL) != rows[i].patterns)
			fail_msg("%s: level %s", rows[i].reply, sts_send_level_name(required.level));
	}
	assert_int_equal(required_tls_level("dane-only"), STS_SEND_DANE_ONLY);
	assert_int_equal(required_tls_level("default"), STS_SEND_DEFAULT);
	assert_int_equal(required_tls_level("dane-"), STS_SEND_DEFAULT);
	assert_int_equal(required_tls_level(""), STS_SEND_DEFAULT);
}

static void
test_hosts(void **state)
{
	static const char reply[] = "OK secure match=mx.a.test:.b.test servername=hostname" REPORT
	    " mx_host_pattern=mx.a.test mx_host_pattern=*.b.test";
	struct required_tls required;

	(void)state;
	assert_true(required_tls_read(reply, "a.test", STS_SEND_MAY, &required));
	assert_true(required_tls_allows_host(&required, "mx.a.test"));
	assert_true(required_tls_allows_host(&required, "x.b.test"));
	assert_false(required_tls_allows_host(&required, "b.test"));
	assert_false(required_tls_allows_host(&required, "x.y.b.test"));
	assert_false(required_tls_allows_host(&required, "evil.test"));
	/* without patterns, any */
	assert_true(required_tls_read("OK secure match=mx.a.test servername=hostname", "a.test", STS_SEND_MAY, &required));
	assert_true(required_tls_allows_host(&required, "evil.test"));
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
		/* with patterns, only the host's own name counts */
		{ by_pattern, "mx.a.test", "mx.a.test", true },
		{ by_pattern, "mx.a.test", "*.a.test", true },
		{ by_pattern, "mx.a.test", "x.b.test", false },
		/* Postfix's default: the domain and all names below it */
		{ bare, "mx.b.test", "a.test", true },
		{ bare, "mx.b.test", "mx.a.test", true },
		{ bare, "mx.b.test", "mx.b.test", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct required_tls required;

		assert_true(required_tls_read(rows[i].reply, "a.test", STS_SEND_MAY, &required));
		if (required_tls_allows_name(&required, rows[i].host, rows[i].name) != rows[i].fits)
			fail_msg("%s: host %s, name %s", rows[i].reply, rows[i].host, rows[i].name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_replies), cmocka_unit_test(test_hosts), cmocka_unit_test(test_names) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
