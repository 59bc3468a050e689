/* SPDX-License-Identifier: ISC */
/* test_session_enforce_rcpt.c - recipients refused for the policies of their own domains; each message counted once. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake/fake_cache.h"
#include "tests/unit/session/enforce_world.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static int
setup_recipient(void **state)
{
	(void)state;
	return OPEN("recipient_enforce_action=reject", "recipient_testing_action=tempfail");
}

static void
test_recipients(void **state)
{
	struct refusal_answer answer;

	(void)state;
	begin_usual();
	plaintext("<a@sender.example>");
	want_rcpt("<x@nothing.example>", STS_ACTION_ACCEPT);
	answer = rcpt("<x@strict.example>");
	assert_int_equal(answer.action, STS_ACTION_REJECT);
	assert_string_equal(answer.reply.text, "Encryption needed for mail of strict.example: this session is not encrypted");
	want_rcpt("<x@lax.example>", STS_ACTION_TEMPFAIL);
	want_rcpt("<postmaster@strict.example>", STS_ACTION_ACCEPT);
	want_rcpt("<x@elsewhere.example>", STS_ACTION_ACCEPT);
	want_end("one of several", STS_ACTION_ACCEPT,
	    " rcpt=enforce history=- action=reject cause=recipient-policy waived=- refused=2 ");
	assert_true(header_has("action=accept"));
	assert_true(w.outcome.add);
	plaintext("<>");
	want_rcpt("<x@strict.example>", STS_ACTION_REJECT);
	session_reset(w.session);
	mail("<a@sender.example>");
	want_rcpt("<x@strict.example>", STS_ACTION_ACCEPT);
	want_end("adequate TLS", STS_ACTION_ACCEPT, " action=accept ");
}

/* The evidence of the message covers its recipients; those refused are listed apart. */
static void
test_refused_are_no_recipients(void **state)
{
	(void)state;
	begin_usual();
	plaintext("<a@sender.example>");
	want_rcpt("<x@strict.example>", STS_ACTION_REJECT);
	want_rcpt("<x@nothing.example>", STS_ACTION_ACCEPT);
	want_rcpt("<x@lax.example>", STS_ACTION_TEMPFAIL);
	want_end("mixed", STS_ACTION_ACCEPT, " rcpt=absent history=- action=reject cause=recipient-policy waived=- refused=2 ");
	assert_true(header_has("rcpt=absent"));
	assert_string_equal(fake_entry_field("rcpt"), "absent");
	assert_string_equal(fake_entry_field("rcpts"), "nothing.example:absent");
	assert_string_equal(fake_entry_field("refused_rcpts"), "lax.example:testing,strict.example:enforce");
	assert_true(fake_counted("rcpt:absent"));
	assert_false(fake_counted("rcpt:enforce"));
	/* One recipient of a domain is refused, another accepted: postmaster. */
	plaintext("<a@sender.example>");
	want_rcpt("<postmaster@strict.example>", STS_ACTION_ACCEPT);
	want_rcpt("<x@strict.example>", STS_ACTION_REJECT);
	want_rcpt("<x@strict.example>", STS_ACTION_REJECT);
	want_end("postmaster", STS_ACTION_ACCEPT, " rcpt=enforce ");
	assert_string_equal(fake_entry_field("rcpts"), "strict.example:enforce:spared");
	assert_string_equal(fake_entry_field("refused_rcpts"), "strict.example:enforce");
	/* Only recipients elsewhere are left, and then none. */
	plaintext("<a@sender.example>");
	want_rcpt("<x@strict.example>", STS_ACTION_REJECT);
	want_rcpt("<x@elsewhere.example>", STS_ACTION_ACCEPT);
	want_end("elsewhere", STS_ACTION_ACCEPT, " rcpt=- ");
	assert_null(strstr(w.outcome.header, "rcpt="));
	plaintext("<a@sender.example>");
	want_rcpt("<x@strict.example>", STS_ACTION_REJECT);
	session_reset(w.session);
	assert_non_null(strstr(w.line, " rcpt=- "));
	assert_string_equal(fake_entry_field("rcpts"), "");
	assert_string_equal(fake_entry_field("refused_rcpts"), "strict.example:enforce");
	assert_false(fake_counted("rcpt:enforce"));
}

/* From now on the look-up of the domain is done. */
static void
finish_lookup(const char *domain)
{
	fake_known_from(domain, 0);
}

/* A thousand recipients are judged once: each looks up only its own domain. */
static void
test_many_recipients(void **state)
{
	static const char *const domains[] = { "nothing.example", "strict.example", "lax.example", "elsewhere.example" };
	size_t before;

	(void)state;
	begin_usual();
	fake_known_from("enforce.example", 1);	/* not known at first */
	plaintext("<a@enforce.example>");
	before = fake_waits();
	for (unsigned i = 0; i < 1000; i++) {
		char path[64];

		snprintf(path, sizeof(path), "<user%u@%s>", i, domains[i % COUNT(domains)]);
		want_rcpt(path, i % COUNT(domains) == 1 ? STS_ACTION_REJECT : i % COUNT(domains) == 2 ? STS_ACTION_TEMPFAIL :
		    STS_ACTION_ACCEPT);
		if (i == 9)
			finish_lookup("enforce.example");
	}
	/* 750 for the recipients, some 10 until the sender's domain was known */
	assert_in_range(fake_waits() - before, 750, 770);
	want_end("all of them", STS_ACTION_ACCEPT, " result=fail reason=plaintext domain=enforce.example ");
	assert_non_null(strstr(w.line, " refused=500 "));
}

/* Waits only for those who may be refused; all waiting of one message has a limit. */
static void
test_patience(void **state)
{
	(void)state;
	begin_usual();
	mail("<a@sender.example>");
	session_rcpt(w.session, "<x@strict.example>");
	assert_null(session_rcpt_lookup(w.session, NOW_MS));
	plaintext("<a@sender.example>");
	session_rcpt(w.session, "<x@elsewhere.example>");
	assert_null(session_rcpt_lookup(w.session, NOW_MS));
	session_rcpt(w.session, "<x@strict.example>");
	assert_non_null(session_rcpt_lookup(w.session, NOW_MS));
	assert_int_equal(session_patience_ms(w.session), 2000);
	session_waited(w.session, 1500);
	assert_int_equal(session_patience_ms(w.session), 500);
	session_waited(w.session, 1500);
	assert_int_equal(session_patience_ms(w.session), 0);
	want_end("waited", STS_ACTION_ACCEPT, " wait_ms=3000 ");
	assert_int_equal(session_patience_ms(w.session), 2000);
	/* Not known in time: the recipient gets the mail. */
	fake_policy("slow.example", STS_MODE_ENFORCE, "1", "mx.slow.example");
	fake_known_from("slow.example", 1);
	plaintext("<a@sender.example>");
	want_rcpt("<x@slow.example>", STS_ACTION_ACCEPT);
	want_end("too late", STS_ACTION_ACCEPT, " action=accept ");
}

static void
test_counted_once(void **state)
{
	(void)state;
	begin_usual();
	for (size_t how = 0; how < 3; how++) {
		size_t before = fake_records();

		w.lines = 0;
		plaintext("<a@sender.example>");
		want_rcpt("<x@strict.example>", STS_ACTION_REJECT);
		want_rcpt("<y@strict.example>", STS_ACTION_REJECT);
		if (how == 0)
			session_reset(w.session);
		else if (how == 1)
			plaintext("<b@sender.example>");	/* MAIL after MAIL */
		else
			session_free(&w.session);
		assert_int_equal(fake_records(), before + 1);
		assert_int_equal(w.lines, 1);
		assert_non_null(strstr(w.line, "NOQUEUE: result=none "));
		assert_non_null(strstr(w.line, " action=reject cause=recipient-policy waived=- refused=2 "));
		assert_true(fake_counted("messages"));
		assert_true(fake_counted("refused"));
		assert_true(fake_counted("action:reject"));
		assert_int_equal(fake_counted("sessions"), how == 0);
		assert_string_equal(fake_entry_field("ts"), "1760000000000");
		if (how < 2)
			session_reset(w.session);
		assert_int_equal(fake_records(), before + 1);
	}
	/* Nobody was refused: ending the message is the client's own affair. */
	begin_usual();
	plaintext("<a@sender.example>");
	want_rcpt("<x@nothing.example>", STS_ACTION_ACCEPT);
	session_reset(w.session);
	assert_int_equal(fake_records(), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_recipients, setup_recipient, world_close),
		cmocka_unit_test_setup_teardown(test_refused_are_no_recipients, setup_recipient, world_close),
		cmocka_unit_test_setup_teardown(test_many_recipients, setup_recipient, world_close),
		cmocka_unit_test_setup_teardown(test_patience, setup_recipient, world_close),
		cmocka_unit_test_setup_teardown(test_counted_once, setup_recipient, world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
