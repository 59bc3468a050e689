/* SPDX-License-Identifier: ISC */
/* test_session_forged.c - more forged fields than are worth removing. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake/fake_cache.h"
#include "tests/unit/session/enforce_world.h"

static int
setup_swamped(void **state)
{
	(void)state;
	return OPEN("max_forged_fields=3");
}

static int
setup_swamped_quarantine(void **state)
{
	(void)state;
	return OPEN("max_forged_fields=3", "forged_action=quarantine");
}

static int
setup_swamped_dry(void **state)
{
	(void)state;
	return OPEN("max_forged_fields=3", "forged_action=tempfail", "dry_run=yes");
}

static void
forge(size_t count)
{
	for (size_t i = 0; i < count; i++)
		session_field(w.session, "X-MTA-STS");
}

/* By default; with any TLS, and for exempt clients, too. */
static void
test_swamped(void **state)
{
	const struct session_mail auth = { .sender = "<a@enforce.example>", .auth_type = "PLAIN" };

	(void)state;
	begin_usual();
	mail("<a@sender.example>");
	forge(3);
	want_end("as many as are removed", STS_ACTION_ACCEPT, " forged=3 ");
	assert_int_equal(w.outcome.forged, 3);
	mail("<a@sender.example>");
	forge(4);
	want_end("one more", STS_ACTION_REJECT, " action=reject cause=forged-fields waived=- refused=0 ");
	assert_non_null(strstr(w.line, " forged=4 "));
	assert_false(w.outcome.add);
	assert_string_equal(w.outcome.answer.reply.code, "550");
	assert_string_equal(w.outcome.answer.reply.xcode, "5.7.1");
	assert_string_equal(w.outcome.answer.reply.text, "More than 3 X-MTA-STS fields");
	assert_true(fake_counted("refused"));
	assert_true(fake_counted("cause:forged-fields"));
	assert_string_equal(fake_entry_field("cause"), "forged-fields");
	session_mail(w.session, &auth);
	forge(4);
	want_end("authenticated", STS_ACTION_REJECT, "exempt=auth action=reject cause=forged-fields forged=4 ");
	mail("<a@sender.example>");
	want_end("nothing of it in the next", STS_ACTION_ACCEPT, " forged=0 ");
	assert_null(strstr(w.line, "cause="));
}

static void
test_swamped_quarantine(void **state)
{
	(void)state;
	begin_usual();
	mail("<a@sender.example>");
	forge(100000);
	want_end("held", STS_ACTION_QUARANTINE, " action=quarantine cause=forged-fields ");
	assert_int_equal(w.outcome.forged, 3);
	assert_true(w.outcome.add);
}

static void
test_swamped_dry_run(void **state)
{
	(void)state;
	begin_usual();
	mail("<a@sender.example>");
	forge(4);
	want_end("dry run", STS_ACTION_ACCEPT, " action=would-tempfail cause=forged-fields waived=dry-run ");
	assert_int_equal(w.outcome.forged, 3);
	assert_true(w.outcome.add);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_swamped, setup_swamped, world_close),
		cmocka_unit_test_setup_teardown(test_swamped_quarantine, setup_swamped_quarantine, world_close),
		cmocka_unit_test_setup_teardown(test_swamped_dry_run, setup_swamped_dry, world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
