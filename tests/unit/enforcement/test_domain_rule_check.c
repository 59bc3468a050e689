/* SPDX-License-Identifier: ISC */
/* test_domain_rule_check.c - which requirement of a rule a session does not meet, and the action. */
#include "config.h"

#include "shared-cache/enforcement/domain_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/enforcement/rules_world.h"

#define REQUIRED "a.example tls=required action=reject"
#define PLAIN "none", "", -1
#define GOOD "TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", 128

static const struct {
	const char *line;
	const char *tls, *cipher;
	int bits;
	const char *subject, *issuer, *client;
	enum sts_unmet want;
} lacking[] = {
	{ REQUIRED, GOOD, NULL, NULL, "", STS_UNMET_NOTHING },
	{ REQUIRED, PLAIN, NULL, NULL, "", STS_UNMET_TLS },
	{ REQUIRED, "TLSv1.1", "ECDHE-RSA-AES128-SHA", 128, NULL, NULL, "", STS_UNMET_VERSION },
	{ REQUIRED, "TLSv1.2", "RC4-SHA", 128, NULL, NULL, "", STS_UNMET_CIPHER },
	{ REQUIRED, "TLSv1.2", "AECDH-AES128-SHA", 128, NULL, NULL, "", STS_UNMET_CIPHER },
	{ REQUIRED, "TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", 64, NULL, NULL, "", STS_UNMET_CIPHER },
	{ REQUIRED, "unknown", "", -1, NULL, NULL, "", STS_UNMET_NOTHING },
	{ REQUIRED, "QUICv1", "TLS_AES_128_GCM_SHA256", 128, NULL, NULL, "", STS_UNMET_NOTHING },
	/* the rule's version in place of that of the settings: higher, lower */
	{ "a.example version=TLSv1.3 action=reject", GOOD, NULL, NULL, "", STS_UNMET_VERSION },
	{ "a.example version=TLSv1.3 action=reject", "TLSv1.3", "TLS_AES_128_GCM_SHA256", 128, NULL, NULL, "",
	    STS_UNMET_NOTHING },
	{ "a.example version=TLSv1.3 action=reject", PLAIN, NULL, NULL, "", STS_UNMET_TLS },
	{ "a.example version=TLSv1 action=reject", "TLSv1", "ECDHE-RSA-AES128-SHA", 128, NULL, NULL, "", STS_UNMET_NOTHING },
	{ "a.example version=TLSv1 action=reject", "SSLv3", "ECDHE-RSA-AES128-SHA", 128, NULL, NULL, "", STS_UNMET_VERSION },
	{ "a.example version=TLSv1 action=reject", "unknown", "", -1, NULL, NULL, "", STS_UNMET_NOTHING },
	/* certificates */
	{ "a.example cert=mx.a.example action=reject", GOOD, "mx.a.example", "CA", "", STS_UNMET_NOTHING },
	{ "a.example cert=mx.a.example action=reject", GOOD, "MX.A.Example", "CA", "", STS_UNMET_NOTHING },
	{ "a.example cert=mx.a.example action=reject", GOOD, "mx.a.example.evil.test", "CA", "", STS_UNMET_CERT },
	{ "a.example cert=mx.a.example action=reject", GOOD, "xmx.a.example", "CA", "", STS_UNMET_CERT },
	{ "a.example cert=mx.a.example action=reject", GOOD, NULL, NULL, "", STS_UNMET_CERT },
	{ "a.example cert=* action=reject", GOOD, NULL, NULL, "", STS_UNMET_CERT },
	{ "a.example cert=* action=reject", GOOD, "", "", "", STS_UNMET_CERT },
	{ "a.example cert=* action=reject", GOOD, "x", NULL, "", STS_UNMET_NOTHING },
	{ "a.example cert=* action=reject", PLAIN, NULL, NULL, "", STS_UNMET_TLS },
	{ "a.example cert=* action=reject", "unknown", "", -1, NULL, NULL, "", STS_UNMET_NOTHING },
	{ "a.example cert=* action=reject", "TLSv1.1", "ECDHE-RSA-AES128-SHA", 128, NULL, NULL, "", STS_UNMET_VERSION },
	{ "a.example cert=mx?.*.example/Lab?CA action=reject", GOOD, "mx1.a.example", "Lab CA", "", STS_UNMET_NOTHING },
	{ "a.example cert=mx?.*.example/Lab?CA action=reject", GOOD, "mx1.a.b.example", "lab ca", "", STS_UNMET_NOTHING },
	{ "a.example cert=mx?.*.example/Lab?CA action=reject", GOOD, "mx.a.example", "Lab CA", "", STS_UNMET_CERT },
	{ "a.example cert=mx?.*.example/Lab?CA action=reject", GOOD, "mx1.a.example", "Lab  CA", "", STS_UNMET_CERT },
	{ "a.example cert=mx?.*.example/Lab?CA action=reject", GOOD, "mx1.a.example", "Lab C", "", STS_UNMET_CERT },
	{ "a.example cert=mx?.*.example/Lab?CA action=reject", GOOD, "mx1.a.example", NULL, "", STS_UNMET_CERT },
	{ "a.example cert=*a*b* action=reject", GOOD, "xaxbx", "CA", "", STS_UNMET_NOTHING },
	{ "a.example cert=*a*b* action=reject", GOOD, "ab", "CA", "", STS_UNMET_NOTHING },
	{ "a.example cert=*a*b* action=reject", GOOD, "ba", "CA", "", STS_UNMET_CERT },
	{ "a.example cert=*aab action=reject", GOOD, "aaaab", "CA", "", STS_UNMET_NOTHING },
	{ "a.example cert=a** action=reject", GOOD, "a", "CA", "", STS_UNMET_NOTHING },
	/* clients */
	{ REQUIRED " client=192.0.2.0/24,.a.example", GOOD, NULL, NULL, "192.0.2.9", STS_UNMET_NOTHING },
	{ REQUIRED " client=192.0.2.0/24,.a.example", GOOD, NULL, NULL, "mx.a.example", STS_UNMET_NOTHING },
	{ REQUIRED " client=192.0.2.0/24,.a.example", GOOD, NULL, NULL, "a.example", STS_UNMET_CLIENT },
	{ REQUIRED " client=192.0.2.0/24,.a.example", GOOD, NULL, NULL, "192.0.3.9", STS_UNMET_CLIENT },
	{ REQUIRED " client=192.0.2.0/24,.a.example", GOOD, NULL, NULL, "unknown", STS_UNMET_CLIENT },
	{ REQUIRED " client=192.0.2.0/24,.a.example", GOOD, NULL, NULL, "", STS_UNMET_CLIENT },
	{ REQUIRED " client=192.0.2.0/24,.a.example", GOOD, NULL, NULL, "pending", STS_UNMET_CLIENT },
	{ REQUIRED " client=192.0.2.0/24,.a.example", PLAIN, NULL, NULL, "192.0.2.9", STS_UNMET_TLS },
	{ REQUIRED " client=192.0.2.0/24,.a.example", "unknown", "", -1, NULL, NULL, "192.0.3.9", STS_UNMET_NOTHING },
	{ REQUIRED " client=192.0.2.9", "QUICv1", "TLS_AES_128_GCM_SHA256", 128, NULL, NULL, "192.0.3.9", STS_UNMET_NOTHING },
	{ REQUIRED " client=unknown", GOOD, NULL, NULL, "unknown", STS_UNMET_CLIENT },
	{ REQUIRED " client=192.0.2.9 cert=x", GOOD, NULL, NULL, "192.0.3.9", STS_UNMET_CERT },
	/* rules that let mail through */
	{ "a.example exempt", PLAIN, NULL, NULL, "", STS_UNMET_NOTHING },
	{ "a.example tls=optional", PLAIN, NULL, NULL, "", STS_UNMET_NOTHING },
	{ "a.example exempt cert=x", GOOD, "x", NULL, "", STS_UNMET_NOTHING },
	{ "a.example tls=optional", "TLSv1", "RC4-MD5", 40, NULL, NULL, "", STS_UNMET_NOTHING },
};

static struct sts_tls
tls_of(const char *version, const char *cipher, int bits)
{
	struct sts_tls tls = { .state = STS_TLS_SECURED, .bits = bits };

	if (strcmp(version, "none") == 0)
		tls.state = STS_TLS_NONE;
	else if (strcmp(version, "unknown") == 0)
		tls.state = STS_TLS_UNKNOWN;
	else
		snprintf(tls.version, sizeof(tls.version), "%s", version);
	snprintf(tls.cipher, sizeof(tls.cipher), "%s", cipher);
	return tls;
}

static void
test_lacking(void **state)
{
	static const char *const weak[] = { "*RC4*", NULL };
	const struct sts_tls_rules tls_rules = { sts_tls_version_rank("TLSv1.2"), 128, weak };

	(void)state;
	for (size_t i = 0; i < COUNT(lacking); i++) {
		struct sts_domain_rules *rules = parse_good(lacking[i].line);
		struct sts_tls tls = tls_of(lacking[i].tls, lacking[i].cipher, lacking[i].bits);
		struct sts_ipaddr addr;
		struct sts_rule_session session = session_of(lacking[i].client, &addr);
		const struct sts_domain_rule *rule;
		enum sts_unmet got;

		session.cert_subject = lacking[i].subject;
		session.cert_issuer = lacking[i].issuer;
		rule = sts_domain_rules_find(rules, STS_RULE_SENDER, "a.example", &session, today);
		assert_non_null(rule);
		got = sts_domain_rule_check(rule, &tls, &tls_rules, &session);
		if (got != lacking[i].want)
			fail_msg("row %zu, %s: got %s, want %s", i, lacking[i].line, sts_unmet_name(got),
			    sts_unmet_name(lacking[i].want));
		/* What the MTA was not asked for is never lacking. */
		session.cert_told = false;
		session.cert_subject = session.cert_issuer = NULL;
		assert_int_not_equal(sts_domain_rule_check(rule, &tls, &tls_rules, &session), STS_UNMET_CERT);
		sts_domain_rules_free(&rules);
	}
}

static void
test_action(void **state)
{
	static const struct {
		const char *action;
		enum sts_action want, pending;
	} rows[] = {
		{ "accept", STS_ACTION_ACCEPT, STS_ACTION_ACCEPT },
		{ "quarantine", STS_ACTION_QUARANTINE, STS_ACTION_QUARANTINE },
		{ "tempfail", STS_ACTION_TEMPFAIL, STS_ACTION_TEMPFAIL },
		{ "reject", STS_ACTION_REJECT, STS_ACTION_TEMPFAIL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sts_rule_session session = nobody;
		const struct sts_domain_rule *rule;
		struct sts_domain_rules *rules;
		char line[64];

		snprintf(line, sizeof(line), "a.example tls=required action=%s", rows[i].action);
		rules = parse_good(line);
		rule = sts_domain_rules_find(rules, STS_RULE_SENDER, "a.example", &session, today);
		for (unsigned unmet = 0; unmet < STS_UNMET_COUNT; unmet++) {
			bool lacks = unmet != STS_UNMET_NOTHING;

			session.client_name_pending = false;
			assert_int_equal(sts_domain_rule_action(rule, (enum sts_unmet)unmet, &session),
			    lacks ? rows[i].want : STS_ACTION_ACCEPT);
			session.client_name_pending = true;
			assert_int_equal(sts_domain_rule_action(rule, (enum sts_unmet)unmet, &session),
			    lacks ? rows[i].pending : STS_ACTION_ACCEPT);
		}
		sts_domain_rules_free(&rules);
	}
}

static void
test_names(void **state)
{
	static const char *const unmet[STS_UNMET_COUNT] = { "nothing", "tls", "version", "cipher", "cert", "client" };

	(void)state;
	for (unsigned i = 0; i < STS_UNMET_COUNT; i++)
		assert_string_equal(sts_unmet_name((enum sts_unmet)i), unmet[i]);
	assert_string_equal(sts_unmet_name(STS_UNMET_COUNT), "");
	assert_string_equal(sts_rule_kind_name(STS_RULE_REQUIRE), "require");
	assert_string_equal(sts_rule_side_prefix(STS_RULE_SENDER), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lacking),
		cmocka_unit_test(test_action),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
