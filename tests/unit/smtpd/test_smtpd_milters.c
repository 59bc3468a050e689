/* SPDX-License-Identifier: ISC */
/* test_smtpd_milters.c - the findings about smtpd_milters, their order, timeouts and actions: tables of faults. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/doctor/doctor_facts.h"

/* Our milter is /m.sock, or /var/spool/postfix/m.sock from outside of the chroot. */
static enum milter_identity
identify(const void *arg, const struct postfix_milter *m, bool chrooted)
{
	(void)arg;
	if (m->kind == POSTFIX_MILTER_UNIX && strcmp(m->path, "/m.sock") == 0)
		return MILTER_OURS;
	if (m->kind == POSTFIX_MILTER_UNIX && chrooted && strcmp(m->path, "/var/spool/postfix/m.sock") == 0)
		return MILTER_OURS_OUTSIDE;
	return m->kind == POSTFIX_MILTER_INET && m->port == 11332 ? MILTER_RSPAMD : MILTER_OTHER;
}

#define OURS "{ unix:/m.sock, connect_timeout=2s, command_timeout=10s, content_timeout=10s, default_action=accept }"
#define OWN "smtp inet n - y - - smtpd\nsubmission inet n - y - - smtpd\n127.0.0.1:10025 inet n - n - - smtpd\n"

static void
test_smtpd_milters(void **state)
{
	static const struct facts_row rows[] = {
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
		const struct doctor_smtpd_milters milters = { &pf, "unix:/var/spool/postfix/m.sock", 2000, false, identify, NULL };

		facts_postfix(&pf, rows[i].settings, rows[i].services, rows[i].own);
		judge_smtpd_milters(&milters, &f);
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
		const struct doctor_smtpd_milters milters = { &pf, "unix:/var/spool/postfix/m.sock", 2000, true, identify, NULL };
		char settings[200];

		snprintf(settings, sizeof(settings), "milter_command_timeout = %s\n"
		    "smtpd_milters = { unix:/m.sock, content_timeout=10s, default_action=accept }\n", rows[i].limit);
		facts_postfix(&pf, settings, NULL, NULL);
		judge_smtpd_milters(&milters, &f);
		facts_expect(rows[i].limit, &f, rows[i].want);
		facts_fini(&pf);
	}
}

/* A socket outside of the chroot must be moved first. */
static void
test_socket_must_move(void **state)
{
	struct findings f = { .list = NULL };
	struct doctor_postfix pf;
	const struct doctor_smtpd_milters milters = { &pf, "unix:/run/mta-sts-milter/milter.sock", 2000, false, identify, NULL };

	(void)state;
	facts_postfix(&pf, "smtpd_milters =\n", NULL, NULL);
	judge_smtpd_milters(&milters, &f);
	assert_true(facts_fix_has(&f, "milter_socket = unix:/var/spool/postfix/mta-sts-milter/milter.sock\n"));
	assert_true(facts_fix_has(&f, "postconf -e 'smtpd_milters = { unix:/mta-sts-milter/milter.sock, "));
	facts_expect("must move", &f, "fail postfix.milter-missing");
	facts_fini(&pf);
	facts_postfix(&pf, "smtpd_milters =\n", "smtp inet n - n - - smtpd\n", NULL);
	judge_smtpd_milters(&milters, &f);
	assert_true(facts_fix_has(&f, "postconf -e 'smtpd_milters = { unix:/run/mta-sts-milter/milter.sock, "));
	assert_false(facts_fix_has(&f, "install -d"));
	facts_expect("not chrooted", &f, "fail postfix.milter-missing");
	facts_fini(&pf);
}

/* The proposed limits leave room for policy_wait, however long it is. */
static void
test_long_policy_wait(void **state)
{
	struct findings f = { .list = NULL };
	struct doctor_postfix pf;
	const struct doctor_smtpd_milters milters = { &pf, "unix:/var/spool/postfix/m.sock", 20000, false, identify, NULL };

	(void)state;
	facts_postfix(&pf, NULL, NULL, NULL);
	judge_smtpd_milters(&milters, &f);
	assert_true(facts_fix_has(&f, "command_timeout=28s, content_timeout=28s"));
	facts_expect("long policy_wait", &f, "fail postfix.milter-timeout, warn postfix.milter-timeout");
	facts_fini(&pf);
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

		assert_string_equal(doctor_milter_endpoint(&pf, rows[i].socket, rows[i].chrooted, out), rows[i].want);
	}
	facts_fini(&pf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_smtpd_milters),
		cmocka_unit_test(test_commands_with_enforcement),
		cmocka_unit_test(test_socket_must_move),
		cmocka_unit_test(test_long_policy_wait),
		cmocka_unit_test(test_endpoints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
