/* SPDX-License-Identifier: ISC */
/* test_session.c - sessions with several messages: what is asked, judged, counted and forgotten. */
#include "config.h"

#include "milter/session/session.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "milter/record/metrics_table.h"
#include "shared-cache/base/clock.h"
#include "shared-cache/base/log.h"
#include "tests/fake/fake_cache.h"
#include "tests/unit/session/session_world.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const char *const default_overrides[] = { "authserv_id=mx.test", "evidence_client_addr=full" };
static const char *const local_overrides[] = { "authserv_id=mx.test",
	"local_domains=ours.example also.example third.example" };

static int
setup(void **state)
{
	(void)state;
	return world_open(default_overrides, COUNT(default_overrides));
}

static int
setup_local(void **state)
{
	(void)state;
	return world_open(local_overrides, COUNT(local_overrides));
}

/* ---- the tests ---- */

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

/* Whether macros that are missing mean plaintext depends on whether they were asked for. */
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

/* A front that ends TLS, or speaks TLS of its own: of the client's nobody knows, and nothing is held against it. */
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

/* What the client asked for, when asking for TLS and with MAIL; nothing of it in the next message. */
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
	/* The client's words; and no name without TLS. */
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

/* Three messages, a RSET between: nothing of one shows in the next. */
static void
test_several_messages(void **state)
{
	(void)state;
	fake_policy("enforce.example", STS_MODE_ENFORCE, "e1", "mx.enforce.example");
	fake_absent("absent.example");
	begin_usual();
	mail("<a@enforce.example>");
	session_field(w.session, "X-MTA-STS");
	session_field(w.session, "Subject");
	session_field(w.session, "x-mta-sts");
	session_field(w.session, "X-MTA-STS-Extra");
	finish();
	assert_int_equal(w.outcome.forged, 2);
	assert_true(fake_counted("forged"));
	assert_true(fake_counted("sessions"));
	WANT("first", "result=pass", "domain=enforce.example");

	mail_over("<b@enforce.example>", NULL, NULL, NULL);
	session_field(w.session, "X-MTA-STS");
	session_reset(w.session);
	assert_int_equal(fake_open_lookups(), 0);
	session_reset(w.session);

	mail("<c@absent.example>");
	finish();
	assert_int_equal(w.outcome.forged, 0);
	assert_false(fake_counted("forged"));
	assert_false(fake_counted("sessions"));
	WANT("after RSET", "result=none", "domain=absent.example", "policy=absent", "tls=TLSv1.3");
	assert_null(strstr(w.outcome.header, "id="));

	/* MAIL after MAIL, as an MTA that forgot to abort would send it */
	mail("<d@absent.example>");
	session_field(w.session, "X-MTA-STS");
	mail("<d@enforce.example>");
	finish();
	assert_int_equal(w.outcome.forged, 0);
	WANT("MAIL after MAIL", "domain=enforce.example");
	assert_int_equal(fake_records(), 3);

	/* the end of a message that never began */
	finish();
	assert_false(w.outcome.add);
	assert_int_equal(w.outcome.forged, 0);
	assert_int_equal(fake_records(), 3);
}

/* XCLIENT without an address, or with one of a family of its own. */
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

/* A client that is never heard of (the MTA sent no connect event) is not judged. */
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

/* An exempt message neither begins nor ends the session's count. */
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

static void
test_recipients(void **state)
{
	(void)state;
	fake_policy("sender.example", STS_MODE_TESTING, "s1", "mx.sender.example");
	fake_policy("ours.example", STS_MODE_ENFORCE, "o1", "mx.ours.example");
	fake_policy("also.example", STS_MODE_TESTING, "o2", "mx.ours.example");
	fake_absent("third.example");
	begin_usual();
	mail("<a@sender.example>");
	session_rcpt(w.session, "<x@third.example>");
	session_rcpt(w.session, "<x@Also.Example>");
	session_rcpt(w.session, "<x@elsewhere.example>");
	session_rcpt(w.session, "<y@also.example>");
	session_rcpt(w.session, "<postmaster>");
	session_rcpt(w.session, "");
	finish();
	WANT("testing", "rcpt=testing");
	assert_int_equal(fake_lookups(), 3);
	assert_false(fake_asked("elsewhere.example"));
	mail("<a@sender.example>");
	session_rcpt(w.session, "<x@also.example>");
	session_rcpt(w.session, "<x@ours.example>");
	finish();
	WANT("enforce", "rcpt=enforce");
	assert_true(fake_counted("rcpt:enforce"));
	assert_string_equal(fake_entry_field("rcpt"), "enforce");
	mail("<a@sender.example>");
	session_rcpt(w.session, "<x@elsewhere.example>");
	finish();
	assert_null(strstr(w.outcome.header, "rcpt="));
	mail("<a@sender.example>");
	session_rcpt(w.session, "<x@third.example>");
	finish();
	WANT("without policy", "rcpt=absent");
	mail("<>");
	session_rcpt(w.session, "<x@ours.example>");
	session_reset(w.session);
	session_rcpt(w.session, "<x@ours.example>");
	assert_int_equal(fake_open_lookups(), 0);
}

static int
setup_many(void **state)
{
	static char list[64 * 20];
	const char *const overrides[] = { list };

	(void)state;
	snprintf(list, sizeof(list), "local_domains=");
	for (int i = 0; i < 64; i++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), " d%d.example", i);
	return world_open(overrides, COUNT(overrides));
}

static void
test_recipients_bounded(void **state)
{
	(void)state;
	begin_usual();
	mail("<a@sender.example>");
	for (int i = 0; i < 64; i++) {
		char rcpt[32];

		snprintf(rcpt, sizeof(rcpt), "<x@d%d.example>", i);
		session_rcpt(w.session, rcpt);
	}
	assert_int_equal(fake_open_lookups(), 1 + 32);
	finish();
	WANT("many", "rcpt=unknown");
	assert_int_equal(fake_open_lookups(), 0);
}

/* One deadline for everything; what comes within it is used. */
static void
test_wait(void **state)
{
	const struct session_end end = { NULL, 1760000000000 };

	(void)state;
	fake_policy("sender.example", STS_MODE_ENFORCE, "s1", "mx.sender.example");
	fake_policy("ours.example", STS_MODE_ENFORCE, "o1", "mx.ours.example");
	fake_known_from("sender.example", 2000);
	fake_known_from("ours.example", 3000);
	begin_usual();
	mail("<a@sender.example>");
	session_rcpt(w.session, "<x@ours.example>");
	session_wait(w.session, 2500);
	session_finish(w.session, &end, &w.outcome);
	WANT("in time, and too late", "result=pass", "rcpt=unknown");
	mail("<a@sender.example>");
	session_rcpt(w.session, "<x@ours.example>");
	session_wait(w.session, 3000);
	session_finish(w.session, &end, &w.outcome);
	WANT("both in time", "result=pass", "rcpt=enforce");
	fake_known_from("sender.example", 2000);
	mail("<a@sender.example>");
	session_finish(w.session, &end, &w.outcome);
	WANT("not waited at all", "result=temperror", "reason=pending");
	assert_non_null(strstr(w.line, "NOQUEUE: "));
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

/* ---- histories: here without a store ---- */

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

/* A message from sender.example on a day, by a client of this name. */
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
	/* Strangers have no history, and make none. */
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
	/* Who may not know does not tell. */
	begin(false);
	connect_from("192.0.2.10", "mail.sender.example", "4444");
	mail_over("<a@sender.example>", NULL, NULL, NULL);
	finish_at(1760000000000 + 5LL * DAY_MS);
	assert_null(strstr(w.outcome.header, "history="));
	assert_int_equal(sts_histories_count(w.service.histories), 1);
}

/* The client is the domain's own by its policy's mx, which is known only at the end. */
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
	/* No domain, no history; nor for whom is not judged. */
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

/* A history that the message's TLS makes no use of is neither asked for nor waited for. */
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

/* The strings of a hostile client, or of a broken MTA, of any length. */
static void
test_hostile(void **state)
{
	static char huge[10240];

	(void)state;
	memset(huge, '\x01', sizeof(huge) - 1);
	fake_policy("sender.example", STS_MODE_ENFORCE, "s1", "mx.sender.example");
	begin(true);
	connect_from("192.0.2.10", huge, huge);
	session_helo(w.session, huge);
	session_rcpt(w.session, huge);
	mail_over(huge, huge, huge, huge);
	session_rcpt(w.session, huge);
	session_field(w.session, huge);
	finish();
	WANT("huge", "domain=-", "result=none", "aligned=unknown", "tls=_______________");
	mail_over("<a@sender.example>", "TLSv1.3", "A;\r\nX-Evil: yes%s%n\"\xff", "256");
	finish();
	WANT("cipher", "result=pass", "cipher=A___X-Evil:_yes_s_n__");
	assert_string_equal(fake_entry_field("cipher"), "A;\\x0d\\x0aX-Evil:\\x20yes%s%n\\x22\\xff");
	assert_true(fake_counted("cipher:A___X-Evil:_yes_s_n__"));
	mail("<a@x\r\nX-Evil: yes.example>");
	finish();
	WANT("sender", "domain=-");
}

/* Memory runs out: mail flows, and somebody is told once. */
static void
test_no_memory(void **state)
{
	(void)state;
	begin_usual();
	fake_lookup_fails();
	mail("<a@sender.example>");
	assert_non_null(strstr(w.line, "out of memory"));
	finish();
	WANT("overload", "result=temperror", "reason=overload", "policy=unknown");
	w.lines = 0;
	fake_lookup_fails();
	mail("<a@sender.example>");
	assert_int_equal(w.lines, 0);
}

/* A reload does not change a session that has begun. */
static void
test_reload(void **state)
{
	static const char *const overrides[] = { "authserv_id=new.test", "trusted_networks=192.0.2.0/24" };

	(void)state;
	begin_usual();
	service_conf_swap(&w.service, world_settings(overrides, COUNT(overrides)));
	mail("<a@sender.example>");
	finish();
	WANT("old session", "host=mx.test");
	begin_usual();
	mail("<a@sender.example>");
	finish();
	assert_false(w.outcome.add);
	assert_non_null(strstr(w.line, "exempt=trusted"));
}

/* The key 0, 1, 2, ... signs queue id and tags; hashlib.blake2b has made what is wanted here. */
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

static uint64_t
metric(enum metrics_id id, unsigned first, unsigned second)
{
	return atomic_load(&w.service.metrics.values[id][metrics_place(&metrics_table[id], first, second)]);
}

/* Each judged message is counted once, with one answer a domain; who does not answer any more is not. */
static void
test_metrics(void **state)
{
	(void)state;
	fake_policy("enforce.example", STS_MODE_ENFORCE, "e1", "mx.enforce.example");
	fake_policy("ours.example", STS_MODE_TESTING, "o1", "mx.ours.example");
	begin_usual();
	assert_int_equal(metric(METRICS_OPEN_SESSIONS, 0, 0), 1);
	mail("<a@enforce.example>");
	session_rcpt(w.session, "<u@ours.example>");
	session_rcpt(w.session, "<v@also.example>");
	finish();
	mail("<a@enforce.example>");
	session_reset(w.session);
	mail("<>");
	finish();
	session_free(&w.session);
	assert_int_equal(metric(METRICS_OPEN_SESSIONS, 0, 0), 0);
	assert_int_equal(metric(METRICS_SESSIONS, 3, 0), 1);
	assert_int_equal(metric(METRICS_MESSAGES, STS_RESULT_PASS, 0), 1);
	assert_int_equal(metric(METRICS_MESSAGES, STS_RESULT_TEMPERROR, 0), 1);
	assert_int_equal(metric(METRICS_MESSAGE_DELAY, 0, 0), 2);
	assert_int_equal(metric(METRICS_MESSAGE_RCPT, STS_POLICY_TESTING, 0), 1);
	assert_int_equal(metric(METRICS_LOOKUPS, STS_SOURCE_MEMORY, STS_POLICY_ENFORCE), 1);
	assert_int_equal(metric(METRICS_LOOKUPS, STS_SOURCE_MEMORY, STS_POLICY_TESTING), 1);
	assert_int_equal(metric(METRICS_LOOKUPS, STS_SOURCE_NOWHERE, STS_POLICY_UNKNOWN), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_results, setup, world_close),
		cmocka_unit_test_setup_teardown(test_tls_states, setup, world_close),
		cmocka_unit_test_setup_teardown(test_behind_a_front, setup_front, world_close),
		cmocka_unit_test_setup_teardown(test_requiretls_and_sni, setup, world_close),
		cmocka_unit_test_setup_teardown(test_several_messages, setup, world_close),
		cmocka_unit_test_setup_teardown(test_address_is_not_told, setup, world_close),
		cmocka_unit_test_setup_teardown(test_senders, setup, world_close),
		cmocka_unit_test_setup_teardown(test_null_sender_helo, setup, world_close),
		cmocka_unit_test_setup_teardown(test_exempt, setup, world_close),
		cmocka_unit_test_setup_teardown(test_no_connect, setup, world_close),
		cmocka_unit_test_setup_teardown(test_sessions_counted, setup, world_close),
		cmocka_unit_test_setup_teardown(test_accept_header_from, setup_accept, world_close),
		cmocka_unit_test_setup_teardown(test_recipients, setup_local, world_close),
		cmocka_unit_test_setup_teardown(test_recipients_bounded, setup_many, world_close),
		cmocka_unit_test_setup_teardown(test_wait, setup_local, world_close),
		cmocka_unit_test_setup_teardown(test_aligned, setup, world_close),
		cmocka_unit_test_setup_teardown(test_history, setup_history, world_close),
		cmocka_unit_test_setup_teardown(test_history_by_mx, setup_history, world_close),
		cmocka_unit_test_setup_teardown(test_history_is_asked_for, setup_history, world_close),
		cmocka_unit_test_setup_teardown(test_no_history, setup_no_history, world_close),
		cmocka_unit_test_setup_teardown(test_hostile, setup, world_close),
		cmocka_unit_test_setup_teardown(test_no_memory, setup, world_close),
		cmocka_unit_test_setup_teardown(test_reload, setup, world_close),
		cmocka_unit_test_setup_teardown(test_signed, setup, world_close),
		cmocka_unit_test_setup_teardown(test_metrics, setup_local, world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
