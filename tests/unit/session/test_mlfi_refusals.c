/* SPDX-License-Identifier: ISC */
/* test_mlfi_refusals.c - mail that is refused or held: the negotiation, and the callbacks' answers. */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake/fake_cache.h"
#include "tests/unit/session/mlfi_world.h"

static int
setup_tempfail(void **state)
{
	(void)state;
	return world_open("sender_enforce_action=tempfail", "dry_run=no");
}

static int
setup_quarantine(void **state)
{
	(void)state;
	return world_open("sender_enforce_action=quarantine", "dry_run=no");
}

static int
setup_dry_run(void **state)
{
	(void)state;
	return world_open("sender_enforce_action=reject", "dry_run=yes");
}

/* A plaintext message from sender.test up to its recipient; returns the answer. */
static sfsistat
rcpt(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(4444) };
	char *from[] = { (char *)"<a@sender.test>", NULL }, *to[] = { (char *)"<b@ours.test>", NULL };

	assert_int_equal(inet_pton(AF_INET, "192.0.2.1", &sin.sin_addr), 1);
	w.filter->xxfi_connect(&w.ctx, (char *)"x", (struct sockaddr *)(void *)&sin);
	w.filter->xxfi_envfrom(&w.ctx, from);
	fake_mfapi_reset();
	if (w.failing != NULL)
		fake_mfapi_fail(w.failing);
	return w.filter->xxfi_envrcpt(&w.ctx, to);
}

/* If mail may be refused, recipients are answered, and messages may be held. */
static void
test_negotiate_enforcing(void **state)
{
	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	assert_int_equal(w.actions, SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_SETSYMLIST | SMFIF_QUARANTINE);
	assert_int_equal(w.steps, SMFIP_NOBODY | SMFIP_NOUNKNOWN | SMFIP_NODATA | SMFIP_NOEOH | SMFIP_NR_CONN | SMFIP_NR_HELO |
	    SMFIP_NR_MAIL | SMFIP_NR_HDR | SMFIP_NR_EOH);
	assert_string_equal(fake_mfapi_call(0), "setsymlist 0 {client_name} {client_port}");
	assert_string_equal(fake_mfapi_call(6),
	    "setsymlist 2 {tls_version} {cipher} {cipher_bits} {tls_sni} {auth_type} {auth_authen} {client_addr}");
	negotiate(SMFIF_ADDHDRS | SMFIF_CHGHDRS, 0);
	assert_int_equal(w.actions, SMFIF_ADDHDRS | SMFIF_CHGHDRS);
}

static void
test_negotiate_dry_run(void **state)
{
	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	assert_int_equal(w.steps & (SMFIP_NORCPT | SMFIP_NR_RCPT), SMFIP_NR_RCPT);
	assert_int_equal(rcpt(), SMFIS_NOREPLY);
	assert_int_equal(w.filter->xxfi_eom(&w.ctx), SMFIS_CONTINUE);
	assert_non_null(strstr(w.line, " action=would-tempfail cause=sender-policy waived=dry-run "));
}

/* In this world, the policy's id is not confirmed. */
static void
test_refuse_at_rcpt(void **state)
{
	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	assert_int_equal(rcpt(), SMFIS_TEMPFAIL);
	assert_string_equal(fake_mfapi_call(0), "setreply 450 4.7.10 100%% of sender.test");
	assert_int_equal(fake_mfapi_call_count(), 1);
	w.filter->xxfi_abort(&w.ctx);
	assert_non_null(strstr(w.line, " action=tempfail "));
	/* Refused all the same without our text. */
	assert_int_equal(w.warnings, 0);
	w.failing = "setreply";
	assert_int_equal(rcpt(), SMFIS_TEMPFAIL);
	assert_int_equal(w.warnings, 1);
}

static void
test_refuse_at_end(void **state)
{
	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	fake_known_from("sender.test", 1);
	assert_int_equal(rcpt(), SMFIS_CONTINUE);
	fake_mfapi_reset();
	assert_int_equal(w.filter->xxfi_eom(&w.ctx), SMFIS_TEMPFAIL);
	assert_string_equal(fake_mfapi_call(0), "setreply 450 4.7.10 100%% of sender.test");
	assert_int_equal(fake_mfapi_call_count(), 1);
}

static void
test_quarantine(void **state)
{
	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	assert_int_equal(rcpt(), SMFIS_CONTINUE);
	assert_int_equal(w.filter->xxfi_eom(&w.ctx), SMFIS_CONTINUE);
	assert_memory_equal(fake_mfapi_call(0), "insheader 1 X-MTA-STS ", 22);
	assert_string_equal(fake_mfapi_call(1), "quarantine encryption needed");
	assert_int_equal(w.warnings, 0);
	/* The MTA does not offer it: a warning, and the mail passes. */
	negotiate(ALL_ACTIONS & ~(unsigned long)SMFIF_QUARANTINE, ALL_STEPS);
	assert_int_equal(rcpt(), SMFIS_CONTINUE);
	assert_int_equal(w.filter->xxfi_eom(&w.ctx), SMFIS_CONTINUE);
	assert_int_equal(fake_mfapi_call_count(), 1);
	assert_int_equal(w.warnings, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_negotiate_enforcing, setup_tempfail, world_close),
		cmocka_unit_test_setup_teardown(test_negotiate_dry_run, setup_dry_run, world_close),
		cmocka_unit_test_setup_teardown(test_refuse_at_rcpt, setup_tempfail, world_close),
		cmocka_unit_test_setup_teardown(test_refuse_at_end, setup_tempfail, world_close),
		cmocka_unit_test_setup_teardown(test_quarantine, setup_quarantine, world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
