/* SPDX-License-Identifier: ISC */
/* test_session.c - sessions with several messages: look-ups, waiting, counting, forgetting. */
#include "config.h"

#include "milter/session/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "milter/record/metrics_table.h"
#include "tests/fake/fake_cache.h"
#include "tests/unit/session/session_world.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const char *const local_overrides[] = { "authserv_id=mx.test",
	"local_domains=ours.example also.example third.example" };

static int
setup_local(void **state)
{
	(void)state;
	return world_open(local_overrides, COUNT(local_overrides));
}

/* Three messages, and a RSET in between: nothing of one shows in the next. */
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

/* One deadline for everything; what comes before it is used. */
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

/* Strings of any length, from a hostile client or a broken MTA. */
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

/* Memory runs out: mail flows, and there is one warning. */
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

static uint64_t
metric(enum metrics_id id, unsigned first, unsigned second)
{
	return atomic_load(&w.service.metrics.values[id][metrics_place(&metrics_table[id], first, second)]);
}

/* Each judged message is counted once, with one answer a domain; an aborted message is not. */
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
		cmocka_unit_test_setup_teardown(test_several_messages, world_setup, world_close),
		cmocka_unit_test_setup_teardown(test_recipients, setup_local, world_close),
		cmocka_unit_test_setup_teardown(test_recipients_bounded, setup_many, world_close),
		cmocka_unit_test_setup_teardown(test_wait, setup_local, world_close),
		cmocka_unit_test_setup_teardown(test_hostile, world_setup, world_close),
		cmocka_unit_test_setup_teardown(test_no_memory, world_setup, world_close),
		cmocka_unit_test_setup_teardown(test_reload, world_setup, world_close),
		cmocka_unit_test_setup_teardown(test_metrics, setup_local, world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
