/* SPDX-License-Identifier: ISC */
/* test_session_header.c - what the header says about a message: result, TLS, alignment, signature. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fake/fake_cache.h"
#include "tests/unit/session/session_world.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void
test_results(void **state)
{
	(void)state;
	fake_policy("enforce.example", STS_MODE_ENFORCE, "e1", "mx.enforce.example");
	fake_policy("testing.example", STS_MODE_TESTING, "t1", "mx.testing.example");
	fake_policy("none.example", STS_MODE_NONE, "n1", "");
	fake_absent("absent.example");
	fake_failed("broken.example", STS_REASON_FETCH_TLS);
	fake_failed("slow.example", STS_REASON_DNS_TIMEOUT);
	begin_usual();
	mail("<a@enforce.example>");
	finish();
	WANT("pass", "v=1", "host=mx.test", "result=pass", "domain=enforce.example", "identity=mailfrom", "policy=enforce",
	    "id=e1", "tls=TLSv1.3", "cipher=TLS_AES_256_GCM_SHA384", "bits=256", "aligned=no");
	assert_false(header_has("reason=plaintext"));
	mail_over("<a@enforce.example>", NULL, NULL, NULL);
	finish();
	WANT("fail", "result=fail", "reason=plaintext", "tls=none");
	mail_over("<a@testing.example>", "TLSv1.2", "NULL-SHA256", "0");
	finish();
	WANT("softfail", "result=softfail", "reason=cipher", "tls=TLSv1.2", "bits=0");
	mail("<a@none.example>");
	finish();
	WANT("mode none", "result=none", "policy=none", "id=n1");
	mail("<a@absent.example>");
	finish();
	WANT("absent", "result=none", "policy=absent");
	mail("<a@broken.example>");
	finish();
	WANT("broken", "result=permerror", "reason=fetch-tls", "policy=unknown");
	mail("<a@slow.example>");
	finish();
	WANT("slow", "result=temperror", "reason=dns-timeout", "policy=unknown");
	mail("<a@nobody-knows.example>");
	finish();
	WANT("pending", "result=temperror", "reason=pending", "policy=unknown");
	assert_int_equal(fake_records(), 8);
	assert_int_equal(fake_lookups(), 8);
}

/* Missing macros mean plaintext only if they were requested. */
static void
test_tls_states(void **state)
{
	(void)state;
	fake_policy("enforce.example", STS_MODE_ENFORCE, "e1", "mx.enforce.example");
	begin(false);
	connect_from("192.0.2.10", NULL, NULL);
	mail_over("<a@enforce.example>", NULL, NULL, NULL);
	finish();
	WANT("not asked, not said", "result=neutral", "reason=tls-unknown", "tls=unknown", "aligned=unknown");
	mail_over("<a@enforce.example>", "TLSv1.2", NULL, NULL);
	finish();
	WANT("not asked, but said", "result=pass", "tls=TLSv1.2");
	assert_null(strstr(w.outcome.header, "cipher="));
	assert_null(strstr(w.outcome.header, "bits="));
	begin_usual();
	mail_over("<a@enforce.example>", "", "", "");
	finish();
	WANT("asked, empty", "result=fail", "tls=none");
	mail_over("<a@enforce.example>", "TLSv1.3", "X", "25x");
	finish();
	WANT("bits that are no number", "result=pass");
	assert_null(strstr(w.outcome.header, "bits="));
}

static int
setup_front(void **state)
{
	static const char *const overrides[] = { "authserv_id=mx.test", "front_daemons=OTHER FRONT" };

	(void)state;
	return world_open(overrides, COUNT(overrides));
}

/* A front end that terminates TLS, or speaks TLS of its own: the client's TLS is unknown, and nothing is held against it. */
static void
test_behind_a_front(void **state)
{
	static const struct {
		const char *daemon, *version, *tls, *result;
	} rows[] = {
		{ NULL, NULL, "tls=none", "result=fail" },
		{ "smtpd", NULL, "tls=none", "result=fail" },
		{ "FRONT", NULL, "tls=unknown", "result=neutral" },
		{ "FRONT", "TLSv1.3", "tls=unknown", "result=neutral" },
		{ "OTHER", NULL, "tls=unknown", "result=neutral" },
		{ "FRON", NULL, "tls=none", "result=fail" },
		{ "OTHER FRONT", NULL, "tls=none", "result=fail" },
		{ "", "TLSv1.3", "tls=TLSv1.3", "result=pass" },
	};
	struct session_mail arg = { .sender = "<a@enforce.example>", .cipher = "X", .cipher_bits = "256", .tls_sni = "mx.test" };

	(void)state;
	fake_policy("enforce.example", STS_MODE_ENFORCE, "e1", "mx.enforce.example");
	for (size_t i = 0; i < COUNT(rows); i++) {
		begin(true);
		world_daemon = rows[i].daemon;
		connect_from("192.0.2.10", "mail.sender.example", "4444");
		world_daemon = NULL;
		arg.tls_version = rows[i].version;
		session_mail(w.session, &arg);
		finish();
		WANT(rows[i].daemon != NULL ? rows[i].daemon : "no name", rows[i].tls, rows[i].result);
		assert_int_equal(strstr(w.outcome.header, "sni=") != NULL, strcmp(rows[i].tls, "tls=TLSv1.3") == 0);
	}
}

/* What the client sent with STARTTLS and MAIL; nothing of it in the next message. */
static void
test_requiretls_and_sni(void **state)
{
	struct session_mail arg = { .sender = "<a@sender.example>", .tls_version = "TLSv1.3", .tls_sni = "mx.ours.example",
		.parameters = (const char *const[]){ "REQUIRETLS", NULL } };

	(void)state;
	fake_absent("sender.example");
	begin_usual();
	session_mail(w.session, &arg);
	finish();
	WANT("both", "tls=TLSv1.3", "sni=mx.ours.example", "requiretls=yes");
	assert_true(strstr(w.outcome.header, "sni=") < strstr(w.outcome.header, "aligned="));
	assert_non_null(strstr(w.line, " sni=mx.ours.example aligned=yes rcpt=- requiretls=yes history=- "));
	assert_true(fake_counted("requiretls"));
	assert_true(fake_counted_for_domain("aligned:requiretls"));
	assert_string_equal(fake_entry_field("requiretls"), "yes");
	assert_string_equal(fake_entry_field("sni"), "mx.ours.example");
	mail("<b@sender.example>");
	finish();
	assert_null(strstr(w.outcome.header, "requiretls="));
	assert_null(strstr(w.outcome.header, "sni="));
	assert_null(strstr(w.line, "sni="));
	assert_false(fake_counted("requiretls"));
	assert_string_equal(fake_entry_field("requiretls"), "");
	/* The client's words; and no server name without TLS. */
	arg.tls_sni = "a;b\r\nX-Evil: yes";
	session_mail(w.session, &arg);
	finish();
	WANT("odd", "sni=a_b__X-Evil:_yes");
	arg.tls_version = NULL;
	session_mail(w.session, &arg);
	finish();
	assert_null(strstr(w.outcome.header, "sni="));
	WANT("asked for in plaintext", "requiretls=yes", "tls=none");
}

/* XCLIENT without an address, or with one of an unknown family. */
static void
test_address_is_not_told(void **state)
{
	(void)state;
	begin(true);
	connect_from(NULL, NULL, "0");
	session_helo(w.session, "mail.sender.example");
	mail_over("<a@good.example>", NULL, NULL, NULL);
	finish();
	WANT("plaintext of somebody", "tls=unknown");
	assert_non_null(strstr(w.line, "client=-"));
	mail("<a@good.example>");
	finish();
	WANT("TLS of somebody", "tls=unknown");
}

static void
test_aligned(void **state)
{
	(void)state;
	fake_policy("hosted.example", STS_MODE_ENFORCE, "1", "*.mailer.test");
	begin(true);
	connect_from("192.0.2.10", "out1.mailer.test", "4444");
	mail("<a@hosted.example>");
	finish();
	WANT("by mx", "aligned=yes");
	assert_true(fake_counted_for_domain("aligned:tls:TLSv1.3"));
	assert_false(fake_counted("aligned:tls:TLSv1.3"));
	mail("<a@other.example>");
	finish();
	WANT("not", "aligned=no");
	connect_from("192.0.2.10", "unknown", "4444");
	mail("<a@hosted.example>");
	finish();
	WANT("no name", "aligned=unknown");
}

/* The key 0, 1, 2, ... signs queue id and tags; the expected values come from hashlib.blake2b. */
static void
test_signed(void **state)
{
	char path[] = "/tmp/test_session.XXXXXX", setting[64];
	const char *const overrides[] = { "authserv_id=mx.test", setting };
	static const char key[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, key, sizeof(key) - 1), sizeof(key) - 1);
	close(fd);
	snprintf(setting, sizeof(setting), "header_key_file=%s", path);
	service_conf_swap(&w.service, world_settings(overrides, COUNT(overrides)));
	unlink(path);
	fake_policy("enforce.example", STS_MODE_ENFORCE, "e1", "mx.enforce.example");
	begin_usual();
	mail("<a@enforce.example>");
	finish();
	WANT("signed", "aligned=no", "sig=71afac0e36aa3c3773baf014a89ab8d6");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_results, world_setup, world_close),
		cmocka_unit_test_setup_teardown(test_tls_states, world_setup, world_close),
		cmocka_unit_test_setup_teardown(test_behind_a_front, setup_front, world_close),
		cmocka_unit_test_setup_teardown(test_requiretls_and_sni, world_setup, world_close),
		cmocka_unit_test_setup_teardown(test_address_is_not_told, world_setup, world_close),
		cmocka_unit_test_setup_teardown(test_aligned, world_setup, world_close),
		cmocka_unit_test_setup_teardown(test_signed, world_setup, world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
