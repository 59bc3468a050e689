/* SPDX-License-Identifier: ISC */
/* test_mlfi.c - the callbacks' calls of libmilter for a message, in order, and their answers. */
#include "config.h"

#include "milter/session/mlfi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake/fake_cache.h"
#include "tests/unit/session/mlfi_world.h"

static bool no_memory;
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

/* Replaces calloc, by the linker. */
void *
__wrap_calloc(size_t count, size_t size)
{
	return no_memory ? NULL : __real_calloc(count, size);
}

static int
setup_local(void **state)
{
	(void)state;
	return world_open("local_domains=ours.test", "dry_run=no");
}

static void
test_recipients_wanted(void **state)
{
	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	assert_int_equal(w.steps & SMFIP_NORCPT, 0);
	assert_int_equal(w.steps & SMFIP_NR_RCPT, SMFIP_NR_RCPT);
	fake_absent("ours.test");
	message(0, w.steps);
	assert_true(fake_asked("ours.test"));
}

/* An MTA that has refused a recipient itself, and says so. */
static void
test_recipient_refused_already(void **state)
{
	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	w.ctx.macros[0] = "{rcpt_mailer}";
	w.ctx.macros[1] = "error";
	message(0, w.steps);
	assert_false(fake_asked("ours.test"));
	assert_non_null(strstr(w.line, " rcpt=- "));
	w.ctx.macros[1] = "virtual";
	message(0, w.steps);
	assert_true(fake_asked("ours.test"));
}

/* Highest index first; then ours, at 1. */
static void
test_order(void **state)
{
	(void)state;
	for (size_t forged = 0; forged <= 8; forged++) {
		negotiate(ALL_ACTIONS, ALL_STEPS);
		message(forged, w.steps);
		assert_int_equal(fake_mfapi_call_count(), forged + 1);
		for (size_t i = 0; i < forged; i++) {
			char want[64];

			snprintf(want, sizeof(want), "chgheader X-MTA-STS %zu NULL", forged - i);
			assert_string_equal(fake_mfapi_call(i), want);
		}
		assert_memory_equal(fake_mfapi_call(forged), "insheader 1 X-MTA-STS v=1; host=mx.test; ", 41);
	}
}

/* Nothing is known of the mail, and it passes, but without its forged fields. Afterwards everything is as before. */
static void
test_no_memory(void **state)
{
	(void)state;
	for (size_t forged = 0; forged <= 3; forged++) {
		no_memory = true;
		negotiate(ALL_ACTIONS, ALL_STEPS);
		if (forged == 0)	/* later warnings come too soon after it */
			assert_string_equal(w.line, "out of memory: a session passes without being judged");
		message(forged, 0);
		assert_int_equal(fake_mfapi_call_count(), forged);
		for (size_t i = 0; i < forged; i++) {
			char want[64];

			snprintf(want, sizeof(want), "chgheader X-MTA-STS %zu NULL", forged - i);
			assert_string_equal(fake_mfapi_call(i), want);
		}
		no_memory = false;
		message(1, 0);
		assert_string_equal(fake_mfapi_call(0), "chgheader X-MTA-STS 1 NULL");
		assert_memory_equal(fake_mfapi_call(1), "insheader 1 X-MTA-STS v=1; ", 27);
		w.filter->xxfi_close(&w.ctx);
	}
}

/* Fields counted for an aborted message do not count for the next one. */
static void
test_no_memory_abort(void **state)
{
	(void)state;
	no_memory = true;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	assert_int_equal(w.filter->xxfi_header(&w.ctx, (char *)"X-MTA-STS", (char *)"v"), SMFIS_CONTINUE);
	assert_int_equal(w.filter->xxfi_abort(&w.ctx), SMFIS_CONTINUE);
	message(1, 0);
	no_memory = false;
	assert_int_equal(fake_mfapi_call_count(), 1);
}

static void
test_answers(void **state)
{
	static const unsigned long offers[] = { 0, ALL_STEPS, SMFIP_NR_CONN, SMFIP_NR_HELO, SMFIP_NR_MAIL, SMFIP_NR_RCPT,
		SMFIP_NR_HDR, SMFIP_NR_EOH, SMFIP_NR_DATA, ALL_STEPS & ~(unsigned long)SMFIP_NR_MAIL };

	(void)state;
	for (size_t i = 0; i < sizeof(offers) / sizeof(offers[0]); i++) {
		negotiate(ALL_ACTIONS, offers[i]);
		message(1, offers[i]);
		message(1, offers[i]);
	}
}

static void
test_macros(void **state)
{
	static const char *const tls[] = { "{client_name}", "mail.sender.test", "{client_port}", "4444", "{tls_version}",
		"TLSv1.3", "{cipher}", "C", "{cipher_bits}", "256", "i", "4ABC", NULL };

	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	memcpy(w.ctx.macros, tls, sizeof(tls));
	message(0, w.steps);
	assert_non_null(strstr(w.line, "4ABC: result=pass "));
	assert_non_null(strstr(w.line, " tls=TLSv1.3 cipher=C bits=256 aligned=yes "));
	memset(w.ctx.macros, 0, sizeof(w.ctx.macros));
	message(0, w.steps);
	assert_non_null(strstr(w.line, "NOQUEUE: result=fail reason=plaintext "));
	w.ctx.macros[0] = "{auth_authen}";
	w.ctx.macros[1] = "joe";
	message(1, w.steps);
	assert_non_null(strstr(w.line, "exempt=auth"));
	assert_int_equal(fake_mfapi_call_count(), 1);
	/* The list for MAIL could not be set: then missing macros mean nothing. */
	memset(w.ctx.macros, 0, sizeof(w.ctx.macros));
	fake_mfapi_reset();
	fake_mfapi_fail("setsymlist");
	w.filter->xxfi_negotiate(&w.ctx, ALL_ACTIONS, ALL_STEPS, 0, 0, &w.actions, &w.steps, &(unsigned long){ 0 },
	    &(unsigned long){ 0 });
	message(0, w.steps);
	assert_non_null(strstr(w.line, "result=neutral reason=tls-unknown "));
}

/* Parameters of MAIL, of which one is of use. The sender is not a parameter, whatever its name. */
static void
test_requiretls(void **state)
{
	static const struct {
		const char *argv[4];
		bool want;
	} rows[] = {
		{ { "<a@sender.test>", NULL }, false },
		{ { "<a@sender.test>", "REQUIRETLS", NULL }, true },
		{ { "<a@sender.test>", "SIZE=10", "RequireTLS", NULL }, true },
		{ { "<a@sender.test>", "REQUIRETLS=1", "XREQUIRETLS", NULL }, false },
		{ { "REQUIRETLS", "BODY=8BITMIME", NULL }, false },
	};

	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	message(0, w.steps);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *argv[4];

		for (size_t n = 0; n < 4; n++)
			argv[n] = (char *)rows[i].argv[n];
		w.filter->xxfi_envfrom(&w.ctx, argv);
		w.filter->xxfi_eom(&w.ctx);
		if ((strstr(w.line, " requiretls=yes ") != NULL) != rows[i].want)
			fail_msg("row %zu: %s", i, w.line);
	}
}

/* A failed call is not repeated, is warned of once a minute, and does not stop the others. */
static void
test_failures(void **state)
{
	static const struct {
		const char *failing;
		unsigned long actions;
		const char *calls[4];
	} rows[] = {
		{ "chgheader", ALL_ACTIONS, { "chgheader X-MTA-STS 2", "chgheader X-MTA-STS 1", "insheader 1", "" } },
		{ "insheader", ALL_ACTIONS, { "chgheader X-MTA-STS 2", "chgheader X-MTA-STS 1", "insheader 1", "" } },
		{ NULL, SMFIF_ADDHDRS, { "insheader 1", "", "", "" } },
		{ NULL, SMFIF_CHGHDRS, { "chgheader X-MTA-STS 2", "chgheader X-MTA-STS 1", "", "" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		negotiate(rows[i].actions, 0);
		w.failing = rows[i].failing;
		memset(w.service.limits, 0, sizeof(w.service.limits));
		w.warnings = 0;
		message(2, 0);
		message(2, 0);
		if (w.warnings != 1)
			fail_msg("row %zu: %zu warnings", i, w.warnings);
		for (size_t n = 0; n < 4; n++) {
			size_t len = strlen(rows[i].calls[n]);

			if (strncmp(fake_mfapi_call(n), rows[i].calls[n], len > 0 ? len : 1) != 0)
				fail_msg("row %zu: call %zu is \"%s\"", i, n, fake_mfapi_call(n));
		}
	}
}

/* libmilter gets no memory for a while: the changes come late, but completely. */
static void
test_memory_retries(void **state)
{
	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	w.starved = 3;
	message(2, w.steps);
	assert_int_equal(fake_mfapi_call_count(), 3 + 3);
	assert_string_equal(fake_mfapi_call(2), "chgheader X-MTA-STS 2 NULL");
	assert_string_equal(fake_mfapi_call(3), "chgheader X-MTA-STS 2 NULL");
	assert_string_equal(fake_mfapi_call(4), "chgheader X-MTA-STS 1 NULL");
	assert_int_equal(w.warnings, 0);
}

/* There was no memory for a session before MAIL: its client is not local, and is judged. */
static void
test_late_session(void **state)
{
	static const char *const macros[] = { "{client_addr}", "192.0.2.1", "{client_port}", "4444", NULL };
	char *from[] = { (char *)"<a@sender.test>", NULL };

	(void)state;
	memcpy(w.ctx.macros, macros, sizeof(macros));
	w.filter->xxfi_envfrom(&w.ctx, from);
	w.filter->xxfi_eom(&w.ctx);
	assert_null(strstr(w.line, "exempt="));
	assert_non_null(strstr(w.line, " client=192.0.2.0/24"));
	w.filter->xxfi_close(&w.ctx);
	/* Also if the macro is missing: without memory it was not requested, and Postfix's own list lacks it. */
	memset(w.ctx.macros, 0, sizeof(w.ctx.macros));
	w.filter->xxfi_envfrom(&w.ctx, from);
	w.filter->xxfi_eom(&w.ctx);
	assert_non_null(strstr(w.line, " reason=tls-unknown "));
	assert_non_null(strstr(w.line, " client=-"));
	assert_int_equal(w.warnings, 0);
	/* An MTA that tells nothing about its client, though asked, is our own machine's. */
	negotiate(ALL_ACTIONS, ALL_STEPS);
	w.filter->xxfi_envfrom(&w.ctx, from);
	w.filter->xxfi_eom(&w.ctx);
	assert_non_null(strstr(w.line, "exempt=local"));
}

/* Events out of order, or missing: never a crash, and forged fields are removed. */
static void
test_odd_order(void **state)
{
	char *from[] = { (char *)"<a@sender.test>", NULL };
	const struct smfiDesc *f = w.filter;

	(void)state;
	assert_int_equal(f->xxfi_close(&w.ctx), SMFIS_CONTINUE);
	assert_int_equal(f->xxfi_abort(&w.ctx), SMFIS_CONTINUE);
	assert_int_equal(f->xxfi_eom(&w.ctx), SMFIS_CONTINUE);
	assert_int_equal(fake_mfapi_call_count(), 3);	/* from mlfi_open */
	assert_int_equal(f->xxfi_envrcpt(&w.ctx, from), SMFIS_CONTINUE);
	f->xxfi_close(&w.ctx);
	/* A second session on the same connection, without negotiation. */
	message(2, 0);
	assert_string_equal(fake_mfapi_call(0), "chgheader X-MTA-STS 2 NULL");
	assert_int_equal(fake_mfapi_call_count(), 3);
	assert_non_null(strstr(w.line, " tls=unknown "));
	f->xxfi_envfrom(&w.ctx, from);
	f->xxfi_header(&w.ctx, (char *)"X-MTA-STS", (char *)"v");
	f->xxfi_abort(&w.ctx);
	fake_mfapi_reset();
	f->xxfi_eom(&w.ctx);
	assert_int_equal(fake_mfapi_call_count(), 0);
	f->xxfi_envfrom(&w.ctx, from);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_recipients_wanted, setup_local, world_close),
		cmocka_unit_test_setup_teardown(test_recipient_refused_already, setup_local, world_close),
		cmocka_unit_test_setup_teardown(test_order, world_setup, world_close),
		cmocka_unit_test_setup_teardown(test_no_memory, world_setup, world_close),
		cmocka_unit_test_setup_teardown(test_no_memory_abort, world_setup, world_close),
		cmocka_unit_test_setup_teardown(test_answers, world_setup, world_close),
		cmocka_unit_test_setup_teardown(test_macros, world_setup, world_close),
		cmocka_unit_test_setup_teardown(test_requiretls, world_setup, world_close),
		cmocka_unit_test_setup_teardown(test_failures, world_setup, world_close),
		cmocka_unit_test_setup_teardown(test_memory_retries, world_setup, world_close),
		cmocka_unit_test_setup_teardown(test_late_session, world_setup, world_close),
		cmocka_unit_test_setup_teardown(test_odd_order, world_setup, world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
