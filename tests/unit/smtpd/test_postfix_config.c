/* SPDX-License-Identifier: ISC */
/* test_postfix_config.c - the findings about Postfix's settings for inbound mail: tables of faults. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/doctor/doctor_facts.h"

static void
test_tls(void **state)
{
	static const struct facts_row rows[] = {
		{ "good", NULL, NULL, NULL, "", NULL },
		{ "no level", "smtpd_tls_security_level =\n", NULL, NULL, "fail postfix.tls-level",
		  "postconf -e 'smtpd_tls_security_level = may'" },
		{ "none", "smtpd_tls_security_level = none\n", NULL, NULL, "fail postfix.tls-level", NULL },
		{ "a level of smtp's", "smtpd_tls_security_level = dane\n", NULL, NULL, "fail postfix.tls-level", NULL },
		{ "older words", "smtpd_tls_security_level =\nsmtpd_use_tls = yes\n", NULL, NULL, "", NULL },
		{ "off for one service", NULL, "smtp inet n - y - - smtpd\n26 inet n - y - - smtpd\n",
		  "26/inet/smtpd_tls_security_level = none\n", "fail postfix.tls-level",
		  "postconf -P '26/inet/smtpd_tls_security_level = may'" },
		{ "wrapper mode needs no level", "smtpd_tls_security_level =\n", "465 inet n - y - - smtpd\n",
		  "465/inet/smtpd_tls_wrappermode = yes\n", "", NULL },
		{ "nobody from outside", "smtpd_tls_security_level =\n", "127.0.0.1:10025 inet n - n - - smtpd\n", NULL, "",
		  NULL },
		{ "behind postscreen", "smtpd_tls_security_level =\n", "smtpd pass - - n - - smtpd\n", NULL,
		  "fail postfix.tls-level", NULL },
		{ "old versions", "smtpd_tls_protocols = >=TLSv1\n", NULL, NULL, "info postfix.old-tls",
		  "postconf -e 'smtpd_tls_protocols = >=TLSv1.2'" },
		{ "old versions only", "smtpd_tls_protocols = !TLSv1.2, !TLSv1.3\n", NULL, NULL, "fail postfix.tls-versions",
		  NULL },
		{ "encrypt goes by the mandatory ones", "smtpd_tls_protocols = >=TLSv1\nsmtpd_tls_security_level = encrypt\n",
		  NULL, NULL, "warn postfix.tls-reports", "postconf -e 'smtpd_tls_security_level = may'" },
		{ "received", "smtpd_tls_received_header = no\n", NULL, NULL, "info postfix.received-header", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct findings f = { .list = NULL };
		struct doctor_postfix pf;

		facts_postfix(&pf, rows[i].settings, rows[i].services, rows[i].own);
		judge_tls(&pf, &f);
		if (rows[i].fix != NULL && !facts_fix_has(&f, rows[i].fix))
			fail_msg("%s: no such fix", rows[i].name);
		facts_expect(rows[i].name, &f, rows[i].want);
		facts_fini(&pf);
	}
}

static void
test_fronts(void **state)
{
	static const struct facts_row rows[] = {
		{ "none", NULL, NULL, NULL, "", NULL },
		{ "postscreen", NULL, "smtp inet n - n - 1 postscreen\nsmtpd pass - - n - - smtpd\n", NULL, "", NULL },
		{ "haproxy before postscreen", "postscreen_upstream_proxy_protocol = haproxy\n",
		  "smtp inet n - n - 1 postscreen\nsmtpd pass - - n - - smtpd\n", NULL, "info postfix.haproxy", NULL },
		{ "haproxy", "smtpd_upstream_proxy_protocol = haproxy\n", NULL, NULL, "info postfix.haproxy", NULL },
		{ "xclient", "smtpd_authorized_xclient_hosts = 192.0.2.0/24\n", NULL, NULL, "info postfix.xclient", NULL },
		{ "xclient inside", NULL, "smtp inet n - y - - smtpd\n127.0.0.1:10025 inet n - n - - smtpd\n",
		  "127.0.0.1:10025/inet/smtpd_authorized_xclient_hosts = 127.0.0.0/8\n", "", NULL },
		{ "proxy filter", NULL, NULL, "smtp/inet/smtpd_proxy_filter = 127.0.0.1:10024\n", "warn postfix.proxy-filter",
		  "postconf -P 'smtp/inet/smtpd_proxy_filter = '" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct findings f = { .list = NULL };
		struct doctor_postfix pf;

		facts_postfix(&pf, rows[i].settings, rows[i].services, rows[i].own);
		judge_fronts(&pf, &f);
		if (rows[i].fix != NULL && !facts_fix_has(&f, rows[i].fix))
			fail_msg("%s: no such fix", rows[i].name);
		facts_expect(rows[i].name, &f, rows[i].want);
		facts_fini(&pf);
	}
}

static void
test_header_checks(void **state)
{
	static const struct {
		const char *name;
		struct doctor_header_checks sight;
		struct doctor_strip_needs wish;
		const char *want;
		bool unsure;
	} rows[] = {
		{ "good", { .strip = STRIP_YES }, { false, false }, "", false },
		{ "missing", { .strip = STRIP_NO }, { false, false }, "warn postfix.header-checks", false },
		{ "no blanks", { .strip = STRIP_SOME, .left = "in small letters" }, { false, false }, "warn postfix.header-checks", false },
		{ "not wanted", { .strip = STRIP_NO }, { true, false }, "", false },
		{ "there, but not wanted", { .strip = STRIP_YES }, { true, false }, "warn postfix.header-checks-keep", false },
		{ "not known", { .strip = STRIP_UNKNOWN }, { false, false }, "info postfix.header-checks", true },
		{ "needed", { .strip = STRIP_YES }, { false, true }, "", false },
		{ "needed and missing", { .strip = STRIP_NO }, { false, true }, "fail postfix.header-checks", false },
		{ "needed, no blanks", { .strip = STRIP_SOME, .left = "in small letters" }, { false, true }, "fail postfix.header-checks", false },
		{ "needed, missing, some kept", { .strip = STRIP_NO }, { true, true }, "fail postfix.header-checks", false },
		{ "needed, some kept", { .strip = STRIP_YES }, { true, true }, "warn postfix.header-checks-keep", false },
		{ "too much", { .strip = STRIP_YES, .wide = true }, { false, true }, "warn postfix.header-checks", false },
		{ "the milter's own", { .strip = STRIP_YES, .own = "pcre:/y" }, { false, true }, "fail postfix.milter-header-checks", false },
		{ "needed, not known", { .strip = STRIP_UNKNOWN }, { false, true }, "info postfix.header-checks", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct findings f = { .list = NULL };
		struct doctor_postfix pf;

		facts_postfix(&pf, "header_checks = pcre:/x\nmilter_header_checks = pcre:/z, pcre:/y\n", NULL, NULL);
		judge_header_checks(&pf, &rows[i].sight, &rows[i].wish, &f);
		assert_int_equal(f.unsure, rows[i].unsure);
		if (strstr(rows[i].want, " postfix.header-checks") != NULL && rows[i].sight.strip > STRIP_YES && !rows[i].unsure)
			assert_true(facts_fix_has(&f, "'header_checks = regexp:{{/^X-MTA-STS[[:space:]]*:/ IGNORE}}, pcre:/x'"));
		if (rows[i].sight.own[0] != '\0')
			assert_true(facts_fix_has(&f, "'milter_header_checks = pcre:/z'"));
		facts_expect(rows[i].name, &f, rows[i].want);
		facts_fini(&pf);
	}
}

static void
test_services(void **state)
{
	static const struct { const char *line; bool smtpd; enum doctor_role role; bool chrooted, by_default; } rows[] = {
		{ "smtp inet n - y - - smtpd\n", true, ROLE_MX, true, true },
		{ "smtp inet n - - - - smtpd\n", true, ROLE_MX, false, true },
		{ "smtp inet n - n - - smtpd\n", true, ROLE_MX, false, false },
		{ "smtpd pass - - y - - smtpd\n", true, ROLE_MX, true, true },
		{ "smtp inet n - n - 1 postscreen\n", false, ROLE_MX, false, false },
		{ "smtp unix - - y - - smtp\n", false, ROLE_MX, true, true },
		{ "submission inet n - n - - smtpd\n", true, ROLE_SUBMISSION, false, false },
		{ "192.0.2.1:587 inet n - n - - smtpd\n", true, ROLE_SUBMISSION, false, false },
		{ "smtps inet n - n - - smtpd\n", true, ROLE_SUBMISSION, false, false },
		{ "[::1]:10025 inet n - n - - smtpd\n", true, ROLE_INNER, false, false },
		{ "localhost:10025 inet n - n - - smtpd\n", true, ROLE_INNER, false, false },
		{ "192.0.2.1:smtp inet n - n - - smtpd\n", true, ROLE_MX, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct postconf_service *s;
		struct doctor_postfix pf, old;

		facts_postfix(&pf, NULL, rows[i].line, NULL);
		facts_postfix(&old, "compatibility_level = 0\n", rows[i].line, NULL);
		s = &pf.conf->services[0];
		if (doctor_service_is_smtpd(s) != rows[i].smtpd || doctor_service_role(s) != rows[i].role ||
		    doctor_service_is_chrooted(&pf, s) != rows[i].chrooted ||
		    doctor_service_is_chrooted(&old, s) != rows[i].by_default)
			fail_msg("%s", rows[i].line);
		facts_fini(&pf);
		facts_fini(&old);
	}
}

static void
test_the_whole(void **state)
{
	struct findings f = { .list = NULL };
	struct doctor_postfix pf = { .directory = "", .why = "postconf: there is no such program" };

	(void)state;
	judge_postfix(&pf, &f);
	assert_true(f.unsure);
	assert_int_equal(findings_exit(&f), CMD_UNKNOWN);
	facts_expect("unreadable", &f, "warn postfix.unreadable");
	facts_postfix(&pf, NULL, "smtp inet n - n - 1 postscreen\n", NULL);
	pf.warnings = strdup("postconf: warning: /etc/postfix/main.cf: unused parameter: smtpd_milter=x\nsomething else\n");
	judge_postfix(&pf, &f);
	assert_string_equal(f.list[1].seen, "smtpd_milter=x");
	facts_expect("no smtpd", &f, "fail postfix.no-smtpd, warn postfix.unused");
	facts_fini(&pf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tls),
		cmocka_unit_test(test_fronts),
		cmocka_unit_test(test_header_checks),
		cmocka_unit_test(test_services),
		cmocka_unit_test(test_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
