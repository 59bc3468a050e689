/* SPDX-License-Identifier: ISC */
/* test_milter.c - the findings about the milter's socket, and which milter is which: tables of facts. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/doctor/doctor_facts.h"

static void
test_socket(void **state)
{
	static const struct { const char *name; struct doctor_socket socket; const char *want; bool unsure; } rows[] = {
		{ "good", { .here = REACH_OK, .is_unix = true, .exists = true, .mode = 0660, .smtpd = REACH_OK }, "", false },
		{ "good, inet", { .here = REACH_OK, .smtpd = REACH_NOT_TRIED }, "", false },
		{ "not there", { .here = REACH_ABSENT, .smtpd = REACH_NOT_TRIED }, "fail milter.down", false },
		{ "nobody listens", { .here = REACH_REFUSED, .exists = true, .mode = 0660, .smtpd = REACH_REFUSED },
		  "fail milter.down", false },
		{ "hangs", { .here = REACH_SILENT, .smtpd = REACH_OK }, "fail milter.silent", false },
		{ "somebody else", { .here = REACH_ODD, .smtpd = REACH_OK }, "fail milter.silent", false },
		{ "not for us", { .here = REACH_DENIED, .smtpd = REACH_NOT_TRIED }, "info milter.unknown", true },
		{ "not for smtpd", { .here = REACH_OK, .exists = true, .mode = 0600, .smtpd = REACH_DENIED },
		  "fail milter.socket", false },
		{ "not in the chroot", { .here = REACH_OK, .smtpd = REACH_ABSENT, .chrooted = true }, "fail milter.socket",
		  false },
		{ "only root can try", { .here = REACH_OK, .smtpd = REACH_NOT_TRIED, .smtpd_why = "only root can try it" },
		  "info milter.unknown", true },
		{ "for everybody", { .here = REACH_OK, .exists = true, .mode = 0666, .smtpd = REACH_OK },
		  "info milter.socket-open", false },
	};
	struct sts_conf *conf = facts_settings(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct findings f = { .list = NULL };

		judge_milter(conf, &rows[i].socket, &f);
		assert_int_equal(f.unsure, rows[i].unsure);
		facts_expect(rows[i].name, &f, rows[i].want);
	}
	sts_conf_unref(&conf);
}

static void
test_whose(void **state)
{
	static const struct { const char *socket, *milter; bool chrooted; enum milter_identity want; } rows[] = {
		{ "unix:/nonexistent/m", "unix:/nonexistent/m", false, MILTER_OURS },
		{ "unix:/nonexistent/m", "unix:/nonexistent/m", true, MILTER_OURS_OUTSIDE },
		{ "unix:/nonexistent/q/m", "unix:/m", true, MILTER_OURS },
		{ "unix:/nonexistent/q/m", "unix:m", false, MILTER_OURS },
		{ "unix:/nonexistent/q/m", "unix:/m", false, MILTER_OTHER },
		{ "unix:/nonexistent/m", "inet:127.0.0.1:8890", false, MILTER_OTHER },
		{ "inet:8890@127.0.0.1", "inet:127.0.0.1:8890", false, MILTER_OURS },
		{ "inet:8890@[::1]", "inet:[::1]:8890", false, MILTER_OURS },
		{ "inet:8890@0.0.0.0", "inet:192.0.2.1:8890", false, MILTER_OURS },
		{ "inet:8890@127.0.0.1", "inet:192.0.2.1:8890", false, MILTER_OTHER },
		{ "inet:8890@127.0.0.1", "inet:127.0.0.1:8891", false, MILTER_OTHER },
		{ "unix:/nonexistent/m", "inet:127.0.0.1:11332", false, MILTER_RSPAMD },
		{ "unix:/nonexistent/m", "inet:127.0.0.1:4711", false, MILTER_RSPAMD },
		{ "unix:/nonexistent/m", "unix:/run/rspamd/milter.sock", false, MILTER_RSPAMD },
		{ "unix:/nonexistent/m", "inet:127.0.0.1:711", false, MILTER_OTHER },
	};
	const struct doctor_rspamd rspamd = { .addresses = { "localhost:4711" }, .address_count = 1 };
	struct doctor_postfix pf;

	(void)state;
	facts_postfix(&pf, "queue_directory = /nonexistent/q\n", NULL, NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct doctor_known_milters sights = { &pf, rows[i].socket, &rspamd };
		struct postfix_milter m;

		assert_true(postfix_milter_parse(rows[i].milter, strlen(rows[i].milter), &m));
		if (doctor_identify_milter(&sights, &m, rows[i].chrooted) != rows[i].want)
			fail_msg("%s %s", rows[i].socket, rows[i].milter);
	}
	facts_fini(&pf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_socket),
		cmocka_unit_test(test_whose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
