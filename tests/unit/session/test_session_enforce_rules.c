/* SPDX-License-Identifier: ISC */
/* test_session_enforce_rules.c - domain rules, which override the general actions. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fake/fake_cache.h"
#include "tests/unit/session/enforce_world.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static int
setup_rules(void **state)
{
	char path[] = "/tmp/test_session_enforce.XXXXXX", setting[64];
	static const char rules[] =
	    "sender.example tls=required action=reject\n"
	    "enforce.example exempt\n"
	    "testing.example tls=optional\n"
	    "broken.example tls=required action=tempfail\n"
	    "rcpt:lax.example tls=required action=reject\n"
	    "rcpt:nothing.example exempt\n"
	    "rcpt:postmaster@strict.example tls=required action=reject\n"
	    "rcpt:abuse@strict.example exempt\n"
	    "cert.example cert=mail.partner.example client=192.0.2.0/24 action=reject\n";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, rules, sizeof(rules) - 1), sizeof(rules) - 1);
	close(fd);
	snprintf(setting, sizeof(setting), "domain_rules=%s", path);
	OPEN("sender_enforce_action=reject", "sender_testing_action=reject", "recipient_enforce_action=reject", setting);
	unlink(path);
	return 0;
}

/* Rules override the general actions of their own side; an exempting rule also those of the other side, but not its rules. */
static void
test_rules(void **state)
{
	static const struct {
		const char *sender, *rcpt;
		enum sts_action want;
	} rows[] = {
		{ "<a@sender.example>", "<x@elsewhere.example>", STS_ACTION_REJECT },
		{ "<a@sender.example>", "<x@nothing.example>", STS_ACTION_REJECT },	/* an exempt recipient, but there is a rule */
		{ "<a@sender.example>", "<postmaster@nothing.example>", STS_ACTION_ACCEPT },
		{ "<a@sender.example>", "<postmaster@strict.example>", STS_ACTION_REJECT },	/* named */
		{ "<a@sender.example>", "<abuse@strict.example>", STS_ACTION_ACCEPT },	/* named, to be let through */
		{ "<a@enforce.example>", "<x@elsewhere.example>", STS_ACTION_ACCEPT },
		{ "<a@enforce.example>", "<x@strict.example>", STS_ACTION_ACCEPT },
		{ "<a@enforce.example>", "<x@lax.example>", STS_ACTION_REJECT },
		{ "<a@testing.example>", "<x@elsewhere.example>", STS_ACTION_ACCEPT },
		{ "<a@testing.example>", "<x@strict.example>", STS_ACTION_REJECT },
		{ "<a@broken.example>", "<x@elsewhere.example>", STS_ACTION_ACCEPT },	/* permerror: never */
		{ "<a@absent.example>", "<x@nothing.example>", STS_ACTION_ACCEPT },
		{ "<a@absent.example>", "<x@lax.example>", STS_ACTION_REJECT },
		{ "<>", "<x@lax.example>", STS_ACTION_REJECT },
		{ "<>", "<x@elsewhere.example>", STS_ACTION_ACCEPT },
	};

	(void)state;
	begin_usual();
	session_helo(w.session, "sender.example");
	for (size_t i = 0; i < COUNT(rows); i++) {
		plaintext(rows[i].sender);
		if (rcpt(rows[i].rcpt).action != rows[i].want)
			fail_msg("%s to %s: not %s", rows[i].sender, rows[i].rcpt, sts_action_name(rows[i].want));
		session_reset(w.session);
	}
}

/* A rule about a recipient whose domain's policy is not known yet: waits for it, as nobody is refused before. */
static void
test_rules_wait(void **state)
{
	(void)state;
	begin_usual();
	mail("<a@absent.example>");
	session_rcpt(w.session, "<x@lax.example>");
	assert_null(session_rcpt_lookup(w.session, NOW_MS));
	plaintext("<a@absent.example>");
	session_rcpt(w.session, "<x@lax.example>");
	assert_non_null(session_rcpt_lookup(w.session, NOW_MS));
	session_reset(w.session);
	fake_known_from("lax.example", 1);
	plaintext("<a@absent.example>");
	want_rcpt("<x@lax.example>", STS_ACTION_ACCEPT);
}

static void
test_rules_of_certificates(void **state)
{
	struct session_mail mail = { .sender = "<a@cert.example>", .tls_version = "TLSv1.3" };
	const struct session_terms terms = { .macros_asked = true, .cert_asked = true };

	(void)state;
	begin_usual();
	session_mail(w.session, &mail);
	want_rcpt("<x@elsewhere.example>", STS_ACTION_ACCEPT);	/* Postfix was not asked for it */
	session_set_terms(w.session, &terms);
	session_mail(w.session, &mail);
	want_rcpt("<x@elsewhere.example>", STS_ACTION_REJECT);
	mail.cert_subject = "mail.partner.example";
	mail.cert_issuer = "Some CA";
	session_mail(w.session, &mail);
	want_rcpt("<x@elsewhere.example>", STS_ACTION_ACCEPT);
	connect_from("198.51.100.1", NULL, NULL);
	session_mail(w.session, &mail);
	want_rcpt("<x@elsewhere.example>", STS_ACTION_REJECT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rules, setup_rules, world_close),
		cmocka_unit_test_setup_teardown(test_rules_wait, setup_rules, world_close),
		cmocka_unit_test_setup_teardown(test_rules_of_certificates, setup_rules, world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
