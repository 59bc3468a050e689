/* SPDX-License-Identifier: ISC */
/* test_session_enforce.c - messages refused, held or only marked for the sender's policy: at which stage, and what prevents it. */
#include "config.h"

#include "milter/session/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake/fake_cache.h"
#include "tests/unit/session/enforce_world.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static int
setup_sender(void **state)
{
	(void)state;
	return OPEN("sender_enforce_action=reject", "sender_testing_action=tempfail");
}

static int
setup_quarantine(void **state)
{
	(void)state;
	return OPEN("sender_enforce_action=quarantine", "recipient_enforce_action=quarantine");
}

static int
setup_dry(void **state)
{
	(void)state;
	return OPEN("sender_enforce_action=reject", "recipient_enforce_action=tempfail", "dry_run=yes");
}

static int
setup_wire(void **state)
{
	(void)state;
	return OPEN("sender_enforce_action=reject", "recipient_enforce_action=reject", "max_refusals_per_minute=2");
}

static int
setup_off(void **state)
{
	(void)state;
	return OPEN("dry_run=no");
}

static void
test_sender_at_rcpt(void **state)
{
	struct refusal_answer answer;

	(void)state;
	begin_usual();
	plaintext("<a@enforce.example>");
	answer = rcpt("<x@nothing.example>");
	assert_int_equal(answer.action, STS_ACTION_REJECT);
	assert_string_equal(answer.reply.code, "550");
	assert_string_equal(answer.reply.xcode, "5.7.10");
	assert_string_equal(answer.reply.text, "Encryption needed for mail of enforce.example: this session is not encrypted");
	want_rcpt("<PostMaster@nothing.example>", STS_ACTION_ACCEPT);
	want_rcpt("<abuse@elsewhere.example>", STS_ACTION_ACCEPT);
	want_rcpt("<postmaster>", STS_ACTION_ACCEPT);
	want_rcpt("<postmasters@nothing.example>", STS_ACTION_REJECT);
	want_end("rest", STS_ACTION_ACCEPT, " action=reject cause=sender-policy waived=- refused=2 ");
	assert_true(header_has("action=accept"));
	assert_string_equal(fake_entry_field("action"), "reject");
	assert_string_equal(fake_entry_field("cause"), "sender-policy");
	assert_true(fake_counted("action:reject"));
	assert_true(fake_counted("cause:sender-policy"));
	assert_false(fake_counted("refused"));
	assert_int_equal(fake_records(), 1);

	mail_over("<a@testing.example>", "TLSv1.1", "X", "256");
	answer = rcpt("<x@nothing.example>");
	assert_int_equal(answer.action, STS_ACTION_TEMPFAIL);
	assert_string_equal(answer.reply.code, "450");
	assert_string_equal(answer.reply.xcode, "4.7.10");
	assert_string_equal(answer.reply.text, "Encryption needed for mail of testing.example: TLSv1.1 is too old");
	session_reset(w.session);
	mail("<a@enforce.example>");
	want_rcpt("<x@nothing.example>", STS_ACTION_ACCEPT);
	want_end("adequate TLS", STS_ACTION_ACCEPT, " action=accept cause=- waived=- refused=0 ");
}

/* Not known at RCPT TO: decided at the end, and then for no recipient, if a role account is among them. */
static void
test_sender_at_end(void **state)
{
	(void)state;
	begin_usual();
	fake_known_from("enforce.example", 1);
	plaintext("<a@enforce.example>");
	want_rcpt("<x@nothing.example>", STS_ACTION_ACCEPT);
	want_end("late", STS_ACTION_REJECT, " action=reject cause=sender-policy waived=- refused=0 ");
	assert_false(w.outcome.add);
	assert_string_equal(w.outcome.answer.reply.xcode, "5.7.10");
	assert_true(fake_counted("refused"));
	fake_known_from("enforce.example", 1);
	plaintext("<a@enforce.example>");
	want_rcpt("<x@nothing.example>", STS_ACTION_ACCEPT);
	want_rcpt("<abuse@nothing.example>", STS_ACTION_ACCEPT);
	want_end("with abuse@", STS_ACTION_ACCEPT, " action=accept cause=sender-policy waived=role-account refused=0 ");
	fake_known_from("enforce.example", 1);
	plaintext("<a@enforce.example>");
	want_rcpt("<TLS-Reports@nothing.example>", STS_ACTION_ACCEPT);
	want_end("a TLS report", STS_ACTION_ACCEPT, " action=accept cause=sender-policy waived=role-account refused=0 ");
	assert_true(header_has("action=accept"));
	assert_int_equal(fake_records(), 3);
}

static void
test_never(void **state)
{
	static const char *const senders[] = { "<>", "<a@broken.example>", "<a@unheard-of.example>", "<a@sender.example>" };
	const struct session_mail auth = { .sender = "<a@enforce.example>", .auth_type = "PLAIN" };

	(void)state;
	begin_usual();
	session_helo(w.session, "enforce.example");
	for (size_t i = 0; i < COUNT(senders); i++) {
		plaintext(senders[i]);
		want_rcpt("<x@nothing.example>", STS_ACTION_ACCEPT);
		want_end(senders[i], STS_ACTION_ACCEPT, " action=accept ");
	}
	session_mail(w.session, &auth);
	want_rcpt("<x@strict.example>", STS_ACTION_ACCEPT);
	want_end("authenticated", STS_ACTION_ACCEPT, "exempt=auth");
	begin(false);
	connect_from("192.0.2.10", NULL, NULL);
	plaintext("<a@enforce.example>");
	want_rcpt("<x@strict.example>", STS_ACTION_ACCEPT);
	want_end("unknown TLS", STS_ACTION_ACCEPT, " result=neutral ");
	begin(true);
	connect_from("127.0.0.1", NULL, "4444");
	plaintext("<a@enforce.example>");
	want_rcpt("<x@strict.example>", STS_ACTION_ACCEPT);
	want_end("trusted", STS_ACTION_ACCEPT, "exempt=trusted");
}

static void
test_unconfirmed(void **state)
{
	(void)state;
	begin_usual();
	fake_confirmed("old.example", NOW_MS / 1000 - 7201);
	plaintext("<a@old.example>");
	want_rcpt("<x@nothing.example>", STS_ACTION_TEMPFAIL);
	session_reset(w.session);
	assert_non_null(strstr(w.line, " action=tempfail cause=sender-policy waived=unconfirmed refused=1 "));
	fake_confirmed("old.example", NOW_MS / 1000 - 7200);
	plaintext("<a@old.example>");
	want_rcpt("<x@nothing.example>", STS_ACTION_REJECT);
}

/* ---- quarantine ---- */

static void
test_quarantine(void **state)
{
	(void)state;
	begin_usual();
	plaintext("<a@enforce.example>");
	want_rcpt("<x@nothing.example>", STS_ACTION_ACCEPT);
	want_end("sender's", STS_ACTION_QUARANTINE, " action=quarantine cause=sender-policy ");
	assert_true(header_has("action=quarantine"));
	assert_false(fake_counted("refused"));
	plaintext("<a@sender.example>");
	want_rcpt("<x@strict.example>", STS_ACTION_ACCEPT);
	want_end("recipient's", STS_ACTION_QUARANTINE, " action=quarantine cause=recipient-policy ");
	plaintext("<a@enforce.example>");
	want_rcpt("<abuse@nothing.example>", STS_ACTION_ACCEPT);
	want_end("for abuse@ alone", STS_ACTION_ACCEPT, " action=accept cause=sender-policy waived=role-account ");
	plaintext("<a@enforce.example>");
	want_rcpt("<abuse@nothing.example>", STS_ACTION_ACCEPT);
	want_rcpt("<x@nothing.example>", STS_ACTION_ACCEPT);
	want_end("for abuse@ too", STS_ACTION_QUARANTINE, " action=quarantine ");
}

/* ---- what prevents refusals ---- */

static void
test_dry_run(void **state)
{
	(void)state;
	begin_usual();
	plaintext("<a@sender.example>");
	want_rcpt("<x@strict.example>", STS_ACTION_ACCEPT);
	want_end("recipient's", STS_ACTION_ACCEPT, " action=would-tempfail cause=recipient-policy waived=dry-run refused=0 ");
	assert_true(header_has("action=would-tempfail"));
	assert_true(fake_counted("action:would-tempfail"));
	assert_string_equal(fake_entry_field("action"), "would-tempfail");
	/* Also where role accounts would have got their mail, and others not. */
	plaintext("<a@enforce.example>");
	want_rcpt("<x@nothing.example>", STS_ACTION_ACCEPT);
	want_rcpt("<postmaster@nothing.example>", STS_ACTION_ACCEPT);
	want_end("sender's", STS_ACTION_ACCEPT, " action=would-reject cause=sender-policy waived=dry-run ");
	plaintext("<a@enforce.example>");
	want_rcpt("<postmaster@nothing.example>", STS_ACTION_ACCEPT);
	want_end("postmaster", STS_ACTION_ACCEPT, " action=accept cause=sender-policy waived=role-account ");
	assert_true(header_has("action=accept"));
	assert_int_equal(w.service.wire.tripped, false);
}

static void
test_trip_wire(void **state)
{
	struct service_tripwire wire;

	(void)state;
	for (int i = 0; i < 2; i++) {
		begin_usual();
		connect_from(i == 0 ? "198.51.100.1" : "203.0.113.1", NULL, "4444");
		plaintext(i == 0 ? "<a@one.example>" : "<a@two.example>");
		/* Many recipients of one message count as one refusal. */
		for (int n = 0; n < 5; n++)
			want_rcpt("<x@strict.example>", STS_ACTION_REJECT);
		session_reset(w.session);
	}
	service_tripwire(&w.service, &wire);
	assert_int_equal(wire.tripped_at, 0);
	assert_int_equal(wire.last_minute, 2);
	assert_int_equal(wire.limit, 2);
	assert_true(wire.enforces);
	/* A domain or network that was counted before does not count again. */
	begin_usual();
	plaintext("<b@two.example>");
	want_rcpt("<x@strict.example>", STS_ACTION_REJECT);
	session_reset(w.session);
	w.lines = 0;
	plaintext("<a@enforce.example>");
	want_rcpt("<x@strict.example>", STS_ACTION_ACCEPT);
	assert_int_equal(w.lines, 1);
	assert_non_null(strstr(w.line, "trip wire: mail of more than 2 domains, from as many networks, refused or held"));
	want_end("tripped", STS_ACTION_ACCEPT, " action=would-reject cause=recipient-policy waived=trip-wire refused=0 ");
	service_tripwire(&w.service, &wire);
	assert_true(wire.tripped_at > 0);
	assert_int_equal(wire.trips, 1);
	assert_true(service_reset_tripwire(&w.service, "test"));
	assert_false(service_reset_tripwire(&w.service, "test"));
	plaintext("<a@enforce.example>");
	want_rcpt("<x@nothing.example>", STS_ACTION_REJECT);
}

/* Nothing is configured: not a word more than without enforcement. */
static void
test_off(void **state)
{
	(void)state;
	begin_usual();
	plaintext("<a@enforce.example>");
	want_rcpt("<x@strict.example>", STS_ACTION_ACCEPT);
	want_end("off", STS_ACTION_ACCEPT, " action=accept source=");
	assert_null(strstr(w.outcome.header, "action="));
	assert_null(strstr(w.line, "cause="));
	assert_false(fake_counted("refused"));
	assert_string_equal(fake_entry_field("cause"), "");
}

/* A session keeps the settings it began with, while the trip wire is shared. */
static void
test_reload(void **state)
{
	static const char *const off[] = { "authserv_id=mx.test" };

	(void)state;
	begin_usual();
	service_conf_swap(&w.service, world_settings(off, 1));
	plaintext("<a@enforce.example>");
	want_rcpt("<x@nothing.example>", STS_ACTION_REJECT);
	session_reset(w.session);
	begin_usual();
	plaintext("<a@enforce.example>");
	want_rcpt("<x@nothing.example>", STS_ACTION_ACCEPT);
	want_end("new session", STS_ACTION_ACCEPT, " action=accept source=");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sender_at_rcpt, setup_sender, world_close),
		cmocka_unit_test_setup_teardown(test_sender_at_end, setup_sender, world_close),
		cmocka_unit_test_setup_teardown(test_never, setup_sender, world_close),
		cmocka_unit_test_setup_teardown(test_unconfirmed, setup_sender, world_close),
		cmocka_unit_test_setup_teardown(test_quarantine, setup_quarantine, world_close),
		cmocka_unit_test_setup_teardown(test_dry_run, setup_dry, world_close),
		cmocka_unit_test_setup_teardown(test_trip_wire, setup_wire, world_close),
		cmocka_unit_test_setup_teardown(test_off, setup_off, world_close),
		cmocka_unit_test_setup_teardown(test_reload, setup_sender, world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
