/* SPDX-License-Identifier: ISC */
/* test_session_judged.c - which messages are judged, and for which domain: the sender's domain, and exempt clients. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake/fake_cache.h"
#include "tests/unit/session/session_world.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void
test_senders(void **state)
{
	static const struct {
		const char *sender;
		const char *domain;	/* NULL: none */
		const char *identity;
	} rows[] = {
		{ "<a@Good.Example>", "domain=good.example", "identity=mailfrom" },
		{ "a@good.example", "domain=good.example", "identity=mailfrom" },
		{ "<\"a@b\"@good.example>", "domain=good.example", "identity=mailfrom" },
		{ "<@r1.test,@r2.test:u@good.example>", "domain=good.example", "identity=mailfrom" },
		{ "<a@good.example.>", "domain=good.example", "identity=mailfrom" },
		{ "<jos\xc3\xa9@b\xc3\xbc" "cher.example>", "domain=xn--bcher-kva.example", "identity=mailfrom" },
		{ "<>", "domain=mail.sender.example", "identity=helo" },
		{ "<postmaster>", NULL, "identity=mailfrom" },
		{ "<u@[192.0.2.1]>", NULL, "identity=mailfrom" },
		{ "<u@[IPv6:::1]>", NULL, "identity=mailfrom" },
		{ "<@r1.test>", "domain=r1.test", "identity=mailfrom" },
	};

	(void)state;
	begin_usual();
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t before = fake_lookups();
		bool has_domain = rows[i].domain != NULL;

		mail(rows[i].sender);
		finish();
		WANT(rows[i].sender, rows[i].identity, has_domain ? rows[i].domain : "domain=-");
		if (!has_domain)
			WANT(rows[i].sender, "result=none", "policy=absent");
		assert_int_equal(fake_lookups() - before, has_domain ? 1 : 0);
		assert_string_equal(fake_record_domain(), has_domain ? rows[i].domain + strlen("domain=") : "");
	}
}

static void
test_null_sender_helo(void **state)
{
	static const char *const unusable[] = { "[192.0.2.1]", "192.0.2.1", "localhost", "", ".", "a..b", "WIN-1234",
		"a b.example", "x\r\ny.example", "*.example" };

	(void)state;
	begin(true);
	connect_from("192.0.2.10", NULL, "4444");
	mail("<>");
	finish();
	WANT("no HELO", "domain=-", "identity=helo", "result=none");
	for (size_t i = 0; i < COUNT(unusable); i++) {
		session_helo(w.session, "good.example");
		session_helo(w.session, unusable[i]);
		mail("<>");
		finish();
		WANT(unusable[i], "domain=-", "identity=helo", "result=none", "policy=absent");
	}
	assert_int_equal(fake_lookups(), 0);
	session_helo(w.session, "first.example");
	session_helo(w.session, "Second.Example.");
	mail("<>");
	finish();
	WANT("second HELO", "domain=second.example");
	mail("<a@first.example>");
	finish();
	WANT("HELO does not matter to others", "domain=first.example", "identity=mailfrom");
}

static void
test_exempt(void **state)
{
	static const struct {
		const char *name;
		const char *addr, *port;
		const char *auth_type, *auth_authen;
		const char *why;
	} rows[] = {
		{ "authenticated", "192.0.2.10", "4444", "PLAIN", "joe", "exempt=auth" },
		{ "mechanism alone", "192.0.2.10", "4444", "PLAIN", NULL, "exempt=auth" },
		{ "name alone", "192.0.2.10", "4444", NULL, "joe", "exempt=auth" },
		{ "trusted IPv4", "127.0.0.5", "4444", NULL, NULL, "exempt=trusted" },
		{ "trusted IPv6", "::1", "4444", NULL, NULL, "exempt=trusted" },
		{ "mapped", "::ffff:127.0.0.1", "4444", NULL, NULL, "exempt=trusted" },
		{ "sendmail command", "127.0.0.1", "0", NULL, NULL, "exempt=local" },
		{ "sendmail command, IPv6", "::1", "0", NULL, NULL, "exempt=local" },
		{ "port 0 from elsewhere", "192.0.2.10", "0", NULL, NULL, NULL },
		{ "no address", NULL, NULL, NULL, NULL, NULL },
		{ "no address, no port", NULL, "0", NULL, NULL, NULL },
		{ "empty macros are none", "192.0.2.10", "4444", "", "", NULL },
		{ "nothing", "192.0.2.10", "4444", NULL, NULL, NULL },
		{ "no port told", "192.0.2.10", NULL, NULL, NULL, NULL },
		{ "IPv6", "2001:db8::1", "4444", NULL, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct session_mail arg = { .sender = "<a@sender.example>", .tls_version = "TLSv1.3",
			.auth_type = rows[i].auth_type, .auth_authen = rows[i].auth_authen };
		size_t before = fake_lookups();

		begin(true);
		connect_from(rows[i].addr, "mail.sender.example", rows[i].port);
		session_helo(w.session, "mail.sender.example");
		session_mail(w.session, &arg);
		session_field(w.session, "X-MTA-STS");
		finish();
		if (w.outcome.forged != 1)
			fail_msg("%s: the forged field is not removed", rows[i].name);
		if (w.outcome.add != (rows[i].why == NULL))
			fail_msg("%s: header: %d", rows[i].name, w.outcome.add);
		if (rows[i].why != NULL && strstr(w.line, rows[i].why) == NULL)
			fail_msg("%s: logged \"%s\"", rows[i].name, w.line);
		if (fake_lookups() - before != (rows[i].why == NULL ? 1 : 0))
			fail_msg("%s: look-ups", rows[i].name);
		if (fake_counted("exempt") != (rows[i].why != NULL) || fake_counted("messages") != (rows[i].why == NULL))
			fail_msg("%s: counters", rows[i].name);
		if ((fake_entry_field("domain") != NULL) != (rows[i].why == NULL))
			fail_msg("%s: evidence", rows[i].name);
		assert_true(fake_counted("forged"));
	}
	assert_int_equal(w.lines, COUNT(rows));
}

/* Without a connect event the client is unknown, and is not judged. */
static void
test_no_connect(void **state)
{
	(void)state;
	begin(true);
	mail("<a@sender.example>");
	finish();
	assert_false(w.outcome.add);
	assert_non_null(strstr(w.line, "exempt=local"));
}

/* Exempt messages do not affect the count of a session. */
static void
test_sessions_counted(void **state)
{
	const struct session_mail auth = { .sender = "<a@sender.example>", .auth_type = "PLAIN" };

	(void)state;
	begin_usual();
	session_mail(w.session, &auth);
	finish();
	assert_false(fake_counted("sessions"));
	mail("<a@sender.example>");
	finish();
	assert_true(fake_counted("sessions"));
	session_mail(w.session, &auth);
	finish();
	mail("<a@sender.example>");
	finish();
	assert_false(fake_counted("sessions"));
}

static int
setup_accept(void **state)
{
	static const char *const overrides[] = { "authserv_id=mx.test", "accept_header_from=192.0.2.0/24" };

	(void)state;
	return world_open(overrides, COUNT(overrides));
}

static void
test_accept_header_from(void **state)
{
	(void)state;
	begin(true);
	connect_from("192.0.2.10", NULL, "4444");
	mail("<a@sender.example>");
	session_field(w.session, "X-MTA-STS");
	finish();
	assert_int_equal(w.outcome.forged, 0);
	assert_true(w.outcome.add);
	assert_false(fake_counted("forged"));
	assert_non_null(strstr(w.line, " forged=0 "));
	begin(true);
	connect_from("198.51.100.1", NULL, "4444");
	mail("<a@sender.example>");
	session_field(w.session, "X-MTA-STS");
	finish();
	assert_int_equal(w.outcome.forged, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_senders, world_setup, world_close),
		cmocka_unit_test_setup_teardown(test_null_sender_helo, world_setup, world_close),
		cmocka_unit_test_setup_teardown(test_exempt, world_setup, world_close),
		cmocka_unit_test_setup_teardown(test_no_connect, world_setup, world_close),
		cmocka_unit_test_setup_teardown(test_sessions_counted, world_setup, world_close),
		cmocka_unit_test_setup_teardown(test_accept_header_from, setup_accept, world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
