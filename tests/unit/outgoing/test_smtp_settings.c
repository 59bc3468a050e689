/* SPDX-License-Identifier: ISC */
/* test_smtp_settings.c - the findings about Postfix's settings for outgoing mail: tables of faults. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/doctor/doctor_facts.h"

static int
exists(const char *path)
{
	if (strcmp(path, "/secret") == 0)
		return -1;
	return strncmp(path, "/there", 6) == 0;
}

/* The path of the table says how its server answers. */
static enum socketmap_answer
ask(const struct doctor_postfix *pf, const char *name, char why[DOCTOR_LINE])
{
	(void)pf;
	strcpy(why, "as it is");
	if (strstr(name, "/gone") != NULL)
		return SOCKETMAP_SILENT;
	if (strstr(name, "/ill") != NULL)
		return SOCKETMAP_COMPLAINS;
	return strstr(name, "/secret") != NULL ? SOCKETMAP_DENIED : SOCKETMAP_SERVES;
}

static void
test_policy_maps(void **state)
{
	static const struct facts_row rows[] = {
		{ "good", NULL, NULL, NULL, "", NULL },
		{ "none", "smtp_tls_policy_maps =\n", NULL, NULL, "info postfix.outbound",
		  "postconf -e 'smtp_tls_policy_maps = socketmap:unix:/run/mta-sts-milter/socketmap.sock:postfix'" },
		{ "none, 3.9", "smtp_tls_policy_maps =\nmail_version = 3.9.1\n", NULL, NULL, "info postfix.outbound",
		  "/socketmap.sock:postfix'" },
		{ "none, 3.10", "smtp_tls_policy_maps =\nmail_version = 3.10.13\n", NULL, NULL, "info postfix.outbound",
		  "/socketmap.sock:tlsrpt'" },
		{ "a table besides", "smtp_tls_policy_maps = hash:/there\n", NULL, NULL, "info postfix.outbound",
		  "'smtp_tls_policy_maps = hash:/there, socketmap:" },
		{ "database missing", "smtp_tls_policy_maps = hash:/missing\n", NULL, NULL,
		  "fail postfix.policy-map-file, info postfix.outbound", "postconf -e 'smtp_tls_policy_maps = '" },
		{ "one of two", "smtp_tls_policy_maps = socketmap:unix:/x:QUERY, regexp:/missing, hash:/there\n", NULL, NULL,
		  "fail postfix.policy-map-file", "'smtp_tls_policy_maps = socketmap:unix:/x:QUERY, hash:/there'" },
		{ "cannot be told", "smtp_tls_policy_maps = texthash:/secret\n", NULL, NULL, "info postfix.outbound", NULL },
		{ "no such type", "smtp_tls_policy_maps = lmdb:/there\n", NULL, NULL,
		  "fail postfix.policy-map-type, info postfix.outbound", NULL },
		{ "part of a type", "smtp_tls_policy_maps = has:/there\n", NULL, NULL,
		  "fail postfix.policy-map-type, info postfix.outbound", NULL },
		{ "no type", "smtp_tls_policy_maps = /there\n", NULL, NULL, "fail postfix.policy-map-type, info postfix.outbound",
		  NULL },
		{ "socketmap without a name", "smtp_tls_policy_maps = socketmap:unix:/x\n", NULL, NULL,
		  "fail postfix.policy-map-socketmap, info postfix.outbound", NULL },
		{ "nobody serves it", "smtp_tls_policy_maps = socketmap:unix:/gone:QUERY\n", NULL, NULL,
		  "fail postfix.policy-map-silent", "postconf -e 'smtp_tls_policy_maps = '" },
		{ "nobody serves one of two", "smtp_tls_policy_maps = socketmap:unix:/x:A, proxy:socketmap:unix:/gone:B\n", NULL, NULL,
		  "fail postfix.policy-map-silent", "'smtp_tls_policy_maps = socketmap:unix:/x:A'" },
		{ "TEMP", "smtp_tls_policy_maps = socketmap:unix:/ill:QUERY\n", NULL, NULL, "warn postfix.policy-map-silent", NULL },
		{ "not for this user", "smtp_tls_policy_maps = socketmap:unix:/secret:QUERY\n", NULL, NULL,
		  "info postfix.policy-map-silent", NULL },
		{ "proxied", "smtp_tls_policy_maps = proxy:hash:/missing\n", NULL, NULL,
		  "fail postfix.policy-map-file, info postfix.outbound", NULL },
		{ "inline", "smtp_tls_policy_maps = inline:{a.example=encrypt}\n", NULL, NULL, "info postfix.outbound", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct findings f = { .list = NULL };
		struct doctor_postfix pf;

		facts_postfix(&pf, rows[i].settings, NULL, NULL);
		judge_policy_maps(&pf, exists, ask, &f);
		if (rows[i].fix != NULL && !facts_fix_has(&f, rows[i].fix))
			fail_msg("%s: no such fix", rows[i].name);
		for (size_t k = 0; k < f.count; k++)
			assert_null(strstr(f.list[k].fix, "removed"));
		facts_expect(rows[i].name, &f, rows[i].want);
		facts_fini(&pf);
	}
}

static void
test_sending(void **state)
{
#define SMTP(version, ca, dns, mx) "mail_version = " version "\nsmtp_tls_CAfile = " ca "\nsmtp_dns_support_level = " dns \
	"\nsmtp_tls_dane_insecure_mx_policy = " mx "\n"
#define GOOD_SMTP SMTP("3.7.11", "/ca", "dnssec", "dane")
	static const struct {
		const char *name, *settings, *map;
		bool dane;
		const char *resolv_conf, *want;
	} rows[] = {
		{ "good", GOOD_SMTP, "postfix", true, "nameserver 127.0.0.53\noptions edns0 trust-ad\n", "" },
		{ "no socketmap", "smtp_tls_CAfile =\n", NULL, true, "", "" },
		{ "report map, 3.7", GOOD_SMTP, "tlsrpt", false, "", "fail postfix.outbound-version" },
		{ "tlspol's, 3.7", GOOD_SMTP, "QUERYwithTLSRPT", false, "", "fail postfix.outbound-version" },
		{ "report map, 3.10", SMTP("3.10.13", "/ca", "dnssec", "dane"), "tlsrpt", false, "", "" },
		{ "plain map, 3.10", SMTP("3.10.13", "/ca", "dnssec", "dane"), "postfix", false, "",
		    "info postfix.outbound-version" },
		{ "no authorities", SMTP("3.7.11", "", "dnssec", "dane"), "postfix", false, "",
		    "fail postfix.outbound-ca" },
		{ "a directory of them", SMTP("3.7.11", "", "dnssec", "dane") "smtp_tls_CApath = /ca\n", "postfix", false,
		    "", "" },
		{ "the system's", SMTP("3.7.11", "", "dnssec", "dane") "tls_append_default_CA = yes\n", "postfix", false,
		    "", "" },
		{ "no DNSSEC", SMTP("3.7.11", "/ca", "", "dane"), "postfix", true, "",
		    "fail postfix.outbound-dnssec" },
		{ "no DNSSEC, and none needed", SMTP("3.7.11", "/ca", "", "dane"), "postfix", false, "", "" },
		{ "no trust-ad", GOOD_SMTP, "postfix", true, "nameserver ::1\n", "warn postfix.outbound-resolver" },
		{ "no trust-ad, like it", GOOD_SMTP, "postfix", true, "nameserver ::1\noptions no-trust-ad\n",
		    "warn postfix.outbound-resolver" },
		{ "another machine", GOOD_SMTP, "postfix", true,
		    "nameserver 127.0.0.1\nnameserver 192.0.2.1\noptions trust-ad\n", "warn postfix.outbound-resolver" },
		{ "unsigned MX", SMTP("3.7.11", "/ca", "dnssec", "may"), "postfix", true,
		    "nameserver 127.0.0.1\noptions trust-ad\n", "info postfix.outbound-insecure-mx" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct doctor_smtp_settings settings = { .count = rows[i].map != NULL, .dane = rows[i].dane };
		struct findings f = { .list = NULL };
		struct doctor_postfix pf;

		facts_postfix(&pf, rows[i].settings, NULL, NULL);
		doctor_read_resolver(rows[i].resolv_conf, &settings.resolver);
		strcpy(settings.maps[0].name, rows[i].map != NULL ? rows[i].map : "");
		judge_smtp_settings(&pf, &settings, &f);
		facts_expect(rows[i].name, &f, rows[i].want);
		facts_fini(&pf);
	}
}

/* The output of postconf -x of Postfix 3.11. */
#define REQUIRETLS_TABLES "inline:{ { example.net = opportunistic } { .example.net = opportunistic } { localhost = opportunistic } } " \
    "cidr:{ { 0.0.0.0/0 opportunistic } { ::/0 opportunistic } } "

static void
test_requiretls(void **state)
{
	static const struct facts_row rows[] = {
		{ "Postfix 3.10 has never heard of it", NULL, NULL, NULL, "", NULL },
		{ "off", "requiretls_enable = no\nsmtp_requiretls_policy = enforce\n", NULL, NULL, "", NULL },
		{ "Postfix 3.11", "requiretls_enable = yes\nsmtp_requiretls_policy = " REQUIRETLS_TABLES "enforce\n", NULL, NULL,
		  "info postfix.requiretls",
		  "postconf -e 'smtp_requiretls_policy = " REQUIRETLS_TABLES "opportunistic+starttls'" },
		{ "relaxed", "requiretls_enable = yes\nsmtp_requiretls_policy = " REQUIRETLS_TABLES "opportunistic+starttls\n", NULL,
		  NULL, "", NULL },
		{ "for a personal domain", "requiretls_enable = yes\nsmtp_requiretls_policy = opportunistic\n", NULL, NULL, "",
		  NULL },
		{ "the first word counts", "requiretls_enable = yes\nsmtp_requiretls_policy = enforce, opportunistic\n", NULL, NULL,
		  "info postfix.requiretls", "'smtp_requiretls_policy = opportunistic+starttls'" },
		{ "tables alone", "requiretls_enable = yes\nsmtp_requiretls_policy = hash:/etc/postfix/requiretls\n", NULL, NULL,
		  "info postfix.requiretls", "'smtp_requiretls_policy = hash:/etc/postfix/requiretls opportunistic+starttls'" },
		{ "empty", "requiretls_enable = yes\nsmtp_requiretls_policy =\n", NULL, NULL, "info postfix.requiretls",
		  "'smtp_requiretls_policy = opportunistic+starttls'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct findings f = { .list = NULL };
		struct doctor_postfix pf;

		facts_postfix(&pf, rows[i].settings, rows[i].services, rows[i].own);
		judge_requiretls(&pf, &f);
		if (rows[i].fix != NULL && !facts_fix_has(&f, rows[i].fix))
			fail_msg("%s: no such fix", rows[i].name);
		facts_expect(rows[i].name, &f, rows[i].want);
		facts_fini(&pf);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policy_maps),
		cmocka_unit_test(test_sending),
		cmocka_unit_test(test_requiretls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
