/* SPDX-License-Identifier: ISC */
/* What stsctl doctor says of Postfix' settings: tables of faults. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/doctor/doctor_facts.h"

/* One fault: what differs from a good Postfix, what is found, and what the fix has. NULL: nothing. */
struct row {
	const char *name, *settings, *services, *own, *want, *fix;
};

static void
test_tls(void **state)
{
	static const struct row rows[] = {
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
	static const struct row rows[] = {
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

/* What postconf -x of Postfix 3.11 prints. */
#define REQUIRETLS_TABLES "inline:{ { example.net = opportunistic } { .example.net = opportunistic } { localhost = opportunistic } } " \
    "cidr:{ { 0.0.0.0/0 opportunistic } { ::/0 opportunistic } } "

static void
test_requiretls(void **state)
{
	static const struct row rows[] = {
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

/* Ours is /m.sock, or /var/spool/postfix/m.sock seen from a chroot. */
static enum doctor_whose
whose(const void *arg, const struct postfix_milter *m, bool chrooted)
{
	(void)arg;
	if (m->kind == POSTFIX_MILTER_UNIX && strcmp(m->path, "/m.sock") == 0)
		return WHOSE_OURS;
	if (m->kind == POSTFIX_MILTER_UNIX && chrooted && strcmp(m->path, "/var/spool/postfix/m.sock") == 0)
		return WHOSE_OURS_OUTSIDE;
	return m->kind == POSTFIX_MILTER_INET && m->port == 11332 ? WHOSE_RSPAMD : WHOSE_OTHER;
}

#define OURS "{ unix:/m.sock, connect_timeout=2s, command_timeout=10s, content_timeout=10s, default_action=accept }"
#define OWN "smtp inet n - y - - smtpd\nsubmission inet n - y - - smtpd\n127.0.0.1:10025 inet n - n - - smtpd\n"

static void
test_wiring(void **state)
{
	static const struct row rows[] = {
		{ "good", NULL, NULL, NULL, "", NULL },
		{ "no milters", "smtpd_milters =\n", NULL, NULL, "fail postfix.milter-missing",
		  "postconf -e 'smtpd_milters = " OURS "'" },
		{ "others only", "smtpd_milters = inet:127.0.0.1:11332, inet:127.0.0.1:1\n", NULL, NULL,
		  "fail postfix.milter-missing", OURS " inet:127.0.0.1:11332 inet:127.0.0.1:1'" },
		{ "one service goes its own way", NULL, "smtp inet n - y - - smtpd\n26 inet n - y - - smtpd\n",
		  "26/inet/smtpd_milters =\n", "fail postfix.milter-missing",
		    "postconf -P '26/inet/smtpd_milters = {unix:/m.sock,connect_timeout=2s,command_timeout=10s," },
		{ "no_milters", NULL, NULL, "smtp/inet/receive_override_options = no_milters\n", "fail postfix.milter-missing",
		  NULL },
		{ "named by its path outside", "smtpd_milters = unix:/var/spool/postfix/m.sock\n", NULL, NULL,
		  "fail postfix.milter-chroot", "unix:/m.sock" },
		{ "rspamd first", "smtpd_milters = inet:127.0.0.1:11332 " OURS "\n", NULL, NULL, "fail postfix.milter-order",
		  "postconf -e 'smtpd_milters = " OURS " inet:127.0.0.1:11332'" },
		{ "on submission and inside", NULL, OWN, NULL, "info postfix.milter-submission, warn postfix.milter-inner",
		  "postconf -P 'submission/inet/smtpd_milters = inet:127.0.0.1:11332'" },
		{ "not on submission, not inside", NULL, OWN,
		  "submission/inet/smtpd_milters = inet:127.0.0.1:11332\n127.0.0.1:10025/inet/receive_override_options = "
		    "no_milters\n",
		  "", NULL },
		{ "options of main.cf", "smtpd_milters = unix:/m.sock\n", NULL, NULL,
		  "info postfix.milter-timeout, warn postfix.milter-action", NULL },
		{ "options of main.cf, better ones", "smtpd_milters = unix:/m.sock\nmilter_default_action = accept\n"
		  "milter_content_timeout = 10s\n", NULL, NULL, "", NULL },
		{ "shorter than policy_wait", "smtpd_milters = { unix:/m.sock, content_timeout=2s, default_action=accept }\n",
		  NULL, NULL, "fail postfix.milter-timeout", "content_timeout=10s" },
		{ "commands of main.cf", "smtpd_milters = { unix:/m.sock, content_timeout=10s, default_action=accept }\n"
		  "milter_command_timeout = 2s\n", NULL, NULL, "warn postfix.milter-timeout", "command_timeout=10s" },
		{ "no time for a command", "smtpd_milters = { unix:/m.sock, command_timeout=0, content_timeout=10s, "
		  "default_action=accept }\n", NULL, NULL, "fail postfix.milter-timeout", NULL },
		{ "connection", "smtpd_milters = { unix:/m.sock, content_timeout=10s, default_action=accept }\n"
		  "milter_connect_timeout = 1s\n", NULL, NULL, "warn postfix.milter-timeout", "connect_timeout=2s" },
		{ "connection of its own", "smtpd_milters = { unix:/m.sock, connect_timeout=0s, content_timeout=10s, "
		  "default_action=accept }\n", NULL, NULL, "fail postfix.milter-timeout", NULL },
		{ "all of them", "smtpd_milters = unix:/m.sock\nmilter_default_action = accept\nmilter_content_timeout = 1s\n"
		  "milter_command_timeout = 1s\nmilter_connect_timeout = 1s\n", NULL, NULL,
		  "fail postfix.milter-timeout, warn postfix.milter-timeout, warn postfix.milter-timeout", NULL },
		{ "of one service", NULL, NULL, "smtp/inet/milter_content_timeout = 1s\nsmtp/inet/smtpd_milters = unix:/m.sock\n"
		  "smtp/inet/milter_default_action = accept\n", "fail postfix.milter-timeout", NULL },
		{ "reject", "smtpd_milters = { unix:/m.sock, content_timeout=10s, default_action=reject }\n", NULL, NULL,
		  "fail postfix.milter-action", NULL },
		{ "shutdown", "smtpd_milters = { unix:/m.sock, content_timeout=10s }\nmilter_default_action = shutdown\n", NULL,
		  NULL, "warn postfix.milter-action", NULL },
		{ "protocol of main.cf", "milter_protocol = 2\n", NULL, NULL, "warn postfix.milter-protocol",
		  "postconf -e 'milter_protocol = 6'" },
		{ "protocol of its own",
		  "smtpd_milters = { unix:/m.sock, content_timeout=10s, default_action=accept, protocol=4 }\n", NULL, NULL, "warn postfix.milter-protocol", "postconf -e 'smtpd_milters = " OURS "'" },
		{ "macros", "milter_helo_macros =\n", NULL, NULL, "info postfix.milter-macros", "{tls_version} {cipher}" },
		{ "macros without braces", "milter_helo_macros = tls_version cipher\n", NULL, NULL, "", NULL },
		{ "no other list matters", "milter_mail_macros =\nmilter_connect_macros =\n", NULL, NULL, "", NULL },
		{ "maps", "smtpd_milter_maps = cidr:/x\n", NULL, NULL, "info postfix.milter-maps", NULL },
		{ "nonsense", "smtpd_milters = { } {{{ , }\n", NULL, NULL, "fail postfix.milter-missing", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct findings f = { .list = NULL };
		struct doctor_postfix pf;
		const struct doctor_wiring wiring = { &pf, "unix:/var/spool/postfix/m.sock", 2000, false, whose, NULL };

		facts_postfix(&pf, rows[i].settings, rows[i].services, rows[i].own);
		judge_wiring(&wiring, &f);
		if (rows[i].fix != NULL && !facts_fix_has(&f, rows[i].fix))
			fail_msg("%s: no such fix", rows[i].name);
		facts_expect(rows[i].name, &f, rows[i].want);
		facts_fini(&pf);
	}
}

/* With enforcement RCPT waits, too. */
static void
test_commands_with_enforcement(void **state)
{
	static const struct { const char *limit, *want; } rows[] = {
		{ "2s", "fail postfix.milter-timeout" }, { "3s", "" }, { "30s", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct findings f = { .list = NULL };
		struct doctor_postfix pf;
		const struct doctor_wiring wiring = { &pf, "unix:/var/spool/postfix/m.sock", 2000, true, whose, NULL };
		char settings[200];

		snprintf(settings, sizeof(settings), "milter_command_timeout = %s\n"
		    "smtpd_milters = { unix:/m.sock, content_timeout=10s, default_action=accept }\n", rows[i].limit);
		facts_postfix(&pf, settings, NULL, NULL);
		judge_wiring(&wiring, &f);
		facts_expect(rows[i].limit, &f, rows[i].want);
		facts_fini(&pf);
	}
}

/* A socket outside of the chroot must move first. */
static void
test_socket_must_move(void **state)
{
	struct findings f = { .list = NULL };
	struct doctor_postfix pf;
	const struct doctor_wiring wiring = { &pf, "unix:/run/mta-sts-milter/milter.sock", 2000, false, whose, NULL };

	(void)state;
	facts_postfix(&pf, "smtpd_milters =\n", NULL, NULL);
	judge_wiring(&wiring, &f);
	assert_true(facts_fix_has(&f, "milter_socket = unix:/var/spool/postfix/mta-sts-milter/milter.sock\n"));
	assert_true(facts_fix_has(&f, "postconf -e 'smtpd_milters = { unix:/mta-sts-milter/milter.sock, "));
	facts_expect("must move", &f, "fail postfix.milter-missing");
	facts_fini(&pf);
	facts_postfix(&pf, "smtpd_milters =\n", "smtp inet n - n - - smtpd\n", NULL);
	judge_wiring(&wiring, &f);
	assert_true(facts_fix_has(&f, "postconf -e 'smtpd_milters = { unix:/run/mta-sts-milter/milter.sock, "));
	assert_false(facts_fix_has(&f, "install -d"));
	facts_expect("not chrooted", &f, "fail postfix.milter-missing");
	facts_fini(&pf);
}

/* The limit that is proposed leaves room for policy_wait, however long that is. */
static void
test_long_policy_wait(void **state)
{
	struct findings f = { .list = NULL };
	struct doctor_postfix pf;
	const struct doctor_wiring wiring = { &pf, "unix:/var/spool/postfix/m.sock", 20000, false, whose, NULL };

	(void)state;
	facts_postfix(&pf, NULL, NULL, NULL);
	judge_wiring(&wiring, &f);
	assert_true(facts_fix_has(&f, "command_timeout=28s, content_timeout=28s"));
	facts_expect("long policy_wait", &f, "fail postfix.milter-timeout, warn postfix.milter-timeout");
	facts_fini(&pf);
}

static int
exists(const char *path)
{
	if (strcmp(path, "/secret") == 0)
		return -1;
	return strncmp(path, "/there", 6) == 0;
}

/* What serves the table is told by its path. */
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
	static const struct row rows[] = {
		{ "good", NULL, NULL, NULL, "", NULL },
		{ "none", "smtp_tls_policy_maps =\n", NULL, NULL, "info postfix.outbound",
		  "postconf -e 'smtp_tls_policy_maps = socketmap:unix:/run/mta-sts-milter/socketmap.sock:postfix'" },
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
		struct doctor_sending sending = { .count = rows[i].map != NULL, .dane = rows[i].dane };
		struct findings f = { .list = NULL };
		struct doctor_postfix pf;

		facts_postfix(&pf, rows[i].settings, NULL, NULL);
		doctor_read_resolver(rows[i].resolv_conf, &sending.resolver);
		strcpy(sending.maps[0].name, rows[i].map != NULL ? rows[i].map : "");
		judge_sending(&pf, &sending, &f);
		facts_expect(rows[i].name, &f, rows[i].want);
		facts_fini(&pf);
	}
}

static void
test_header_checks(void **state)
{
	static const struct {
		const char *name;
		enum doctor_strip strip;
		struct doctor_strip_wish wish;
		const char *want;
		bool unsure;
	} rows[] = {
		{ "good", STRIP_YES, { false, false }, "", false },
		{ "missing", STRIP_NO, { false, false }, "warn postfix.header-checks", false },
		{ "no blanks", STRIP_PLAIN, { false, false }, "warn postfix.header-checks", false },
		{ "not wanted", STRIP_NO, { true, false }, "", false },
		{ "there, but not wanted", STRIP_YES, { true, false }, "warn postfix.header-checks-keep", false },
		{ "not known", STRIP_UNKNOWN, { false, false }, "info postfix.header-checks", true },
		{ "needed", STRIP_YES, { false, true }, "", false },
		{ "needed and missing", STRIP_NO, { false, true }, "fail postfix.header-checks", false },
		{ "needed, no blanks", STRIP_PLAIN, { false, true }, "fail postfix.header-checks", false },
		{ "needed, missing, some kept", STRIP_NO, { true, true }, "fail postfix.header-checks", false },
		{ "needed, some kept", STRIP_YES, { true, true }, "warn postfix.header-checks-keep", false },
		{ "needed, not known", STRIP_UNKNOWN, { false, true }, "info postfix.header-checks", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct findings f = { .list = NULL };
		struct doctor_postfix pf;

		facts_postfix(&pf, "header_checks = pcre:/x\n", NULL, NULL);
		judge_header_checks(&pf, rows[i].strip, &rows[i].wish, &f);
		assert_int_equal(f.unsure, rows[i].unsure);
		if (strstr(rows[i].want, "warn postfix.header-checks") == rows[i].want && !rows[i].wish.keeps_fields)
			assert_true(facts_fix_has(&f, "'header_checks = pcre:/x, regexp:{{/^X-MTA-STS[[:space:]]*:/ IGNORE}}'"));
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
test_endpoints(void **state)
{
	static const struct { const char *socket; bool chrooted; const char *want; } rows[] = {
		{ "unix:/run/m.sock", false, "unix:/run/m.sock" },
		{ "unix:/var/spool/postfix/m/m.sock", true, "unix:/m/m.sock" },
		{ "unix:/var/spool/postfix/m/m.sock", false, "unix:/var/spool/postfix/m/m.sock" },
		{ "unix:/run/m.sock", true, "unix:/mta-sts-milter/milter.sock" },
		{ "unix:/var/spool/postfix2/m.sock", true, "unix:/mta-sts-milter/milter.sock" },
		{ "inet:8890@127.0.0.1", true, "inet:127.0.0.1:8890" },
		{ "inet:8890@[::1]", true, "inet:[::1]:8890" },
		{ "inet:8890", true, "inet:8890" },
	};
	struct doctor_postfix pf;

	(void)state;
	facts_postfix(&pf, NULL, NULL, NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char out[POSTFIX_VALUE_CAP];

		assert_string_equal(doctor_endpoint(&pf, rows[i].socket, rows[i].chrooted, out), rows[i].want);
	}
	facts_fini(&pf);
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
		cmocka_unit_test(test_requiretls),
		cmocka_unit_test(test_wiring),
		cmocka_unit_test(test_commands_with_enforcement),
		cmocka_unit_test(test_socket_must_move),
		cmocka_unit_test(test_long_policy_wait),
		cmocka_unit_test(test_policy_maps),
		cmocka_unit_test(test_header_checks),
		cmocka_unit_test(test_sending),
		cmocka_unit_test(test_services),
		cmocka_unit_test(test_endpoints),
		cmocka_unit_test(test_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
