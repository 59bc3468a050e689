/* SPDX-License-Identifier: ISC */
/* test_session_wait.c - how long the MTA is kept waiting, with a clock that the test sets (linked in place of clock.c). */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared-cache/base/clock.h"
#include "tests/fake/fake_cache.h"
#include "tests/unit/session/enforce_world.h"

static int64_t mono_ms, step_ms;	/* step_ms passes at each reading */

int64_t
sts_clock_mono_ms(void)
{
	mono_ms += step_ms;
	return mono_ms;
}

int64_t
sts_clock_now_ms(void)
{
	return NOW_MS;
}

int64_t
sts_clock_now(void)
{
	return NOW_MS / 1000;
}

static int
setup(void **state)
{
	(void)state;
	mono_ms = 50000;
	step_ms = 0;
	return OPEN("policy_wait=2s", "recipient_enforce_action=reject", "sender_enforce_action=reject");
}

/* For the recipient's domain, if it could be refused. */
static enum sts_action
rcpt_after_waiting(const char *path)
{
	struct refusal_answer answer;

	session_rcpt(w.session, path);
	session_wait_for_rcpt(w.session);
	session_rcpt_decide(w.session, NOW_MS, &answer);
	return answer.action;
}

static void
test_rcpt(void **state)
{
	static const struct {
		int64_t from_ms;
		enum sts_action want;
	} rows[] = { { 51000, STS_ACTION_REJECT }, { 52000, STS_ACTION_REJECT }, { 52001, STS_ACTION_ACCEPT } };
	size_t before;

	(void)state;
	begin_usual();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fake_known_from("strict.example", rows[i].from_ms);
		plaintext("<a@sender.example>");
		assert_int_equal(rcpt_after_waiting("<x@strict.example>"), rows[i].want);
		session_reset(w.session);
	}
	/* with adequate TLS nobody is refused */
	mail("<a@sender.example>");
	before = fake_waits();
	session_rcpt(w.session, "<x@strict.example>");
	session_wait_for_rcpt(w.session);
	assert_int_equal(fake_waits(), before);
	assert_int_equal(session_patience_ms(w.session), 2000);
}

static void
test_end(void **state)
{
	static const struct {
		int64_t from_ms;
		enum sts_action want;
	} rows[] = { { 51000, STS_ACTION_REJECT }, { 52000, STS_ACTION_REJECT }, { 52001, STS_ACTION_ACCEPT } };

	(void)state;
	begin_usual();
	session_wait_for_all(w.session);	/* there is no message */
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fake_known_from("enforce.example", rows[i].from_ms);
		plaintext("<a@enforce.example>");
		session_rcpt(w.session, "<x@elsewhere.example>");
		session_wait_for_all(w.session);
		want_end("by the clock", rows[i].want, " domain=enforce.example ");
	}
}

/* Time spent waiting for one recipient is not available for the next, nor for the end. */
static void
test_one_patience_a_message(void **state)
{
	(void)state;
	step_ms = 600;
	begin_usual();
	fake_policy("slow.example", STS_MODE_ENFORCE, "1", "mx.slow.example");
	fake_known_from("slow.example", INT64_MAX);
	plaintext("<a@sender.example>");
	for (int64_t left = 1400; left > 0; left -= 600) {
		assert_int_equal(rcpt_after_waiting("<x@slow.example>"), STS_ACTION_ACCEPT);
		assert_int_equal(session_patience_ms(w.session), left);
	}
	session_wait_for_all(w.session);
	assert_int_equal(session_patience_ms(w.session), 0);
	/* it is only looked at */
	fake_known_from("strict.example", mono_ms + step_ms + 1);
	assert_int_equal(rcpt_after_waiting("<x@strict.example>"), STS_ACTION_ACCEPT);
	fake_known_from("strict.example", mono_ms + step_ms);
	assert_int_equal(rcpt_after_waiting("<x@strict.example>"), STS_ACTION_REJECT);
	want_end("waited", STS_ACTION_ACCEPT, " wait_ms=3600 ");
	plaintext("<a@sender.example>");
	assert_int_equal(session_patience_ms(w.session), 2000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rcpt, setup, world_close),
		cmocka_unit_test_setup_teardown(test_end, setup, world_close),
		cmocka_unit_test_setup_teardown(test_one_patience_a_message, setup, world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
