/* SPDX-License-Identifier: ISC */
/* test_session_history.c - a domain's history, and what is concluded from it; without a store. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/base/clock.h"
#include "tests/fake/fake_cache.h"
#include "tests/unit/session/session_world.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

enum { DAY_MS = 86400 * 1000 };
static const char *const history_overrides[] = { "authserv_id=mx.test", "downgrade_days=3", "downgrade_messages=3" };
static const char *const no_history_overrides[] = { "authserv_id=mx.test", "downgrade_days=0" };

static void
keep_histories(void)
{
	assert_int_equal(sts_histories_new(10, sts_clock_mono_ms, &w.service.histories), STS_OK);
}

static int
setup_history(void **state)
{
	(void)state;
	world_open(history_overrides, COUNT(history_overrides));
	keep_histories();
	return 0;
}

static int
setup_no_history(void **state)
{
	(void)state;
	world_open(no_history_overrides, COUNT(no_history_overrides));
	keep_histories();
	return 0;
}

/* A message from sender.example on a day, from a client with this name. */
static void
message_on(int day, const char *client, bool over_tls)
{
	begin(true);
	connect_from("192.0.2.10", client, "4444");
	mail_over("<a@sender.example>", over_tls ? "TLSv1.3" : NULL, NULL, NULL);
	finish_at(1760000000000 + (int64_t)day * DAY_MS);
}

static void
test_history(void **state)
{
	(void)state;
	fake_absent("sender.example");
	for (int day = 0; day < 3; day++) {
		message_on(day, "mail.sender.example", true);
		assert_null(strstr(w.outcome.header, "history="));
	}
	message_on(3, "mail.sender.example", true);
	WANT("always", "history=always-tls", "aligned=yes");
	assert_true(fake_counted("history:always-tls"));
	assert_string_equal(fake_entry_field("history"), "always-tls");
	assert_non_null(strstr(w.line, " history=always-tls "));
	/* Clients that are not aligned have no history, and add nothing to it. */
	message_on(3, "mail.elsewhere.example", false);
	assert_null(strstr(w.outcome.header, "history="));
	message_on(3, NULL, false);
	assert_null(strstr(w.outcome.header, "history="));
	message_on(3, "mail.sender.example", true);
	WANT("still", "history=always-tls");
	message_on(4, "mail.sender.example", false);
	WANT("downgrade", "history=downgrade", "tls=none", "result=none");
	assert_true(fake_counted("history:downgrade"));
	assert_true(fake_counted_for_domain("history:downgrade"));
	assert_string_equal(fake_entry_field("history"), "downgrade");
	message_on(4, "mail.sender.example", true);
	assert_null(strstr(w.outcome.header, "history="));
	assert_string_equal(fake_entry_field("history"), "");
	/* Plaintext again the next day: a habit. */
	message_on(5, "mail.sender.example", false);
	assert_null(strstr(w.outcome.header, "history="));
	/* With unknown TLS nothing is compared. */
	begin(false);
	connect_from("192.0.2.10", "mail.sender.example", "4444");
	mail_over("<a@sender.example>", NULL, NULL, NULL);
	finish_at(1760000000000 + 5LL * DAY_MS);
	assert_null(strstr(w.outcome.header, "history="));
	assert_int_equal(sts_histories_count(w.service.histories), 1);
}

/* The client is aligned by the policy's mx, which is known only at the end. */
static void
test_history_by_mx(void **state)
{
	struct sts_history_days days;

	(void)state;
	fake_policy("hosted.example", STS_MODE_ENFORCE, "1", "*.mailer.test");
	fake_known_from("hosted.example", 1);
	begin(true);
	connect_from("192.0.2.10", "out1.mailer.test", "4444");
	mail("<a@hosted.example>");
	finish();
	assert_true(sts_histories_get(w.service.histories, "hosted.example", &days));
	/* No domain, no history; nor for exempt messages. */
	mail("<postmaster>");
	finish();
	assert_int_equal(sts_histories_count(w.service.histories), 1);
}

static bool
count_asked(void *arg, const char *domain, uint64_t ticket)
{
	(void)domain;
	(void)ticket;
	++*(unsigned *)arg;
	return false;
}

/* If the message's TLS makes no use of a history, it is neither requested nor waited for. */
static void
test_history_is_asked_for(void **state)
{
	unsigned asked = 0;

	(void)state;
	fake_absent("sender.example");
	sts_histories_attach(w.service.histories, count_asked, &asked);
	begin(false);	/* TLS is unknown */
	connect_from("192.0.2.10", "mail.sender.example", "4444");
	mail_over("<a@sender.example>", NULL, NULL, NULL);
	finish();
	assert_int_equal(asked, 0);
	assert_int_equal(sts_histories_count(w.service.histories), 0);
	message_on(0, "mail.elsewhere.example", true);
	assert_int_equal(asked, 0);
	message_on(0, "mail.sender.example", true);
	assert_int_equal(asked, 1);
	sts_histories_attach(w.service.histories, NULL, NULL);
}

static void
test_no_history(void **state)
{
	(void)state;
	fake_absent("sender.example");
	for (int day = 0; day < 5; day++)
		message_on(day, "mail.sender.example", true);
	message_on(5, "mail.sender.example", false);
	assert_null(strstr(w.outcome.header, "history="));
	assert_int_equal(sts_histories_count(w.service.histories), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_history, setup_history, world_close),
		cmocka_unit_test_setup_teardown(test_history_by_mx, setup_history, world_close),
		cmocka_unit_test_setup_teardown(test_history_is_asked_for, setup_history, world_close),
		cmocka_unit_test_setup_teardown(test_no_history, setup_no_history, world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
