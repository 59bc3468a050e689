/* SPDX-License-Identifier: ISC */
/* test_mlfi_negotiate.c - what is negotiated with the MTA: steps, actions and macros. */
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
#include "tests/unit/session/mlfi_world.h"

static int
setup_stripped(void **state)
{
	(void)state;
	return world_open("strip_forged=postfix", "dry_run=no");
}

static int
setup_front(void **state)
{
	(void)state;
	return world_open("front_daemons=FRONT", "dry_run=no");
}

static void
test_open(void **state)
{
	(void)state;
	assert_string_equal(fake_mfapi_call(0), "settimeout 300");
	assert_string_equal(fake_mfapi_call(1), "setconn unix:/nowhere");
	assert_string_equal(fake_mfapi_call(2), "opensocket 1");
	assert_null(w.filter->xxfi_body);
	assert_null(w.filter->xxfi_unknown);
	fake_mfapi_fail("opensocket");
	assert_int_equal(mlfi_open(&w.service, "unix:/nowhere"), STS_ESYS);
	fake_mfapi_reset();
	fake_mfapi_fail("setconn");
	assert_int_equal(mlfi_open(&w.service, "unix:/nowhere"), STS_ESYS);
}

static void
test_negotiate(void **state)
{
	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	assert_int_equal(w.actions, SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_SETSYMLIST);
	assert_int_equal(w.steps, SMFIP_NOBODY | SMFIP_NOUNKNOWN | SMFIP_NORCPT | SMFIP_NODATA | SMFIP_NOEOH | SMFIP_NR_CONN |
	    SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_HDR | SMFIP_NR_EOH);
	assert_string_equal(fake_mfapi_call(0), "setsymlist 0 {client_name} {client_port}");
	assert_string_equal(fake_mfapi_call(5), "setsymlist 5 i");
	assert_string_equal(fake_mfapi_call(6),
	    "setsymlist 2 {tls_version} {cipher} {cipher_bits} {tls_sni} {auth_type} {auth_authen} {client_addr}");
	assert_int_equal(fake_mfapi_call_count(), 7);
	/* Nothing is requested that was not offered. */
	negotiate(SMFIF_ADDHDRS | SMFIF_CHGHDRS, SMFIP_NR_HDR | SMFIP_NOBODY);
	assert_int_equal(w.actions, SMFIF_ADDHDRS | SMFIF_CHGHDRS);
	assert_int_equal(w.steps, SMFIP_NR_HDR | SMFIP_NOBODY);
	assert_int_equal(fake_mfapi_call_count(), 0);
	assert_int_equal(w.warnings, 0);
	negotiate(SMFIF_ADDHDRS, 0);
	assert_int_equal(w.warnings, 1);
}

/* Over TCP, answering DATA keeps Postfix's headers moving; and with DATA, the end of the header must come, too. */
static void
test_negotiate_data(void **state)
{
	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS & ~(unsigned long)SMFIP_NODATA);
	assert_int_equal(w.steps & (SMFIP_NODATA | SMFIP_NOEOH), 0);
	assert_int_equal(mlfi_open(&w.service, "inet:8891@127.0.0.1"), STS_OK);
	negotiate(ALL_ACTIONS, ALL_STEPS);
	assert_int_equal(w.steps & (SMFIP_NODATA | SMFIP_NR_DATA | SMFIP_NOEOH), 0);
}

/* If Postfix removes forged fields, none are requested; an MTA that sends them all the same has them removed here. */
static void
test_stripped_by_postfix(void **state)
{
	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	assert_int_equal(w.steps & (SMFIP_NOHDRS | SMFIP_NOEOH | SMFIP_NODATA), SMFIP_NOHDRS | SMFIP_NOEOH | SMFIP_NODATA);
	assert_int_equal(w.actions, SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_SETSYMLIST);
	negotiate(ALL_ACTIONS, 0);
	message(1, 0);
	assert_string_equal(fake_mfapi_call(0), "chgheader X-MTA-STS 1 NULL");
}

/* The first session gets the client's address twice. After that, CONNECT is left out, until an MTA leaves out the macro. */
static void
test_without_connect(void **state)
{
	static const char *const macros[] = { "{client_addr}", "192.0.2.1", "{client_name}", "mail.sender.test", "{client_port}", "4444",
		"{tls_version}", "TLSv1.3", "{cipher}", "C", "{cipher_bits}", "256", NULL };
	char *from[] = { (char *)"<a@sender.test>", NULL };

	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	assert_int_equal(w.steps & SMFIP_NOCONNECT, 0);
	memcpy(w.ctx.macros, macros, sizeof(macros));
	message(0, w.steps);
	w.filter->xxfi_close(&w.ctx);
	/* An MTA that must send CONNECT may do so. */
	negotiate(ALL_ACTIONS, ALL_STEPS & ~(unsigned long)SMFIP_NOCONNECT);
	assert_int_equal(w.steps & SMFIP_NOCONNECT, 0);
	negotiate(ALL_ACTIONS, ALL_STEPS);
	assert_int_equal(w.steps & SMFIP_NOCONNECT, SMFIP_NOCONNECT);
	assert_string_equal(fake_mfapi_call(0), "setsymlist 0  ");
	assert_string_equal(fake_mfapi_call(6), "setsymlist 2 {tls_version} {cipher} {cipher_bits} {tls_sni} {auth_type} {auth_authen} "
	    "{client_addr} {client_name} {client_port}");
	w.filter->xxfi_envfrom(&w.ctx, from);
	w.filter->xxfi_eom(&w.ctx);
	assert_non_null(strstr(w.line, " aligned=yes "));
	assert_non_null(strstr(w.line, " client=192.0.2.0/24"));
	/* {client_addr} is missing: one warning, and CONNECT is requested again. */
	w.ctx.macros[0] = "{something_else}";
	w.filter->xxfi_envfrom(&w.ctx, from);
	w.filter->xxfi_eom(&w.ctx);
	assert_null(strstr(w.line, " client=192.0.2.0/24"));
	assert_int_equal(w.warnings, 1);
	negotiate(ALL_ACTIONS, ALL_STEPS);
	assert_int_equal(w.steps & SMFIP_NOCONNECT, 0);
	w.ctx.macros[0] = "{client_addr}";
	message(0, w.steps);
	negotiate(ALL_ACTIONS, ALL_STEPS);
	assert_int_equal(w.steps & SMFIP_NOCONNECT, 0);
}

/* Certificates, and whether a name lookup failed, are requested if a rule needs them. */
static void
test_negotiate_rules(void **state)
{
	char path[] = "/tmp/test_mlfi.XXXXXX", setting[64];
	static const char *const rules[] = { "a.test tls=required action=reject\n", "a.test cert=b.test action=reject\n" };
	static const char *const macros[] = { "setsymlist 2 {tls_version} {cipher} {cipher_bits} {tls_sni} {auth_type} {auth_authen} {client_addr}",
		"setsymlist 2 {tls_version} {cipher} {cipher_bits} {tls_sni} {auth_type} {auth_authen} {cert_subject} {cert_issuer} {client_addr}" };
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	snprintf(setting, sizeof(setting), "domain_rules=%s", path);
	for (size_t i = 0; i < 2; i++) {
		const char *const overrides[] = { setting };
		struct sts_conf *conf;

		assert_int_equal(pwrite(fd, rules[i], strlen(rules[i]), 0), strlen(rules[i]));
		assert_int_equal(sts_conf_load(NULL, overrides, 1, stderr, &conf), STS_OK);
		service_conf_swap(&w.service, conf);
		negotiate(ALL_ACTIONS, ALL_STEPS);
		assert_string_equal(fake_mfapi_call(0), "setsymlist 0 {client_name} {client_port} {client_resolve}");
		assert_string_equal(fake_mfapi_call(6), macros[i]);
	}
	close(fd);
	unlink(path);
}

static void
test_negotiate_front(void **state)
{
	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	assert_string_equal(fake_mfapi_call(0), "setsymlist 0 {client_name} {client_port} {daemon_name}");
	w.ctx.macros[0] = "{daemon_name}";
	w.ctx.macros[1] = "FRONT";
	message(0, w.steps);
	assert_non_null(strstr(w.line, " tls=unknown "));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_open, world_setup, world_close),
		cmocka_unit_test_setup_teardown(test_negotiate, world_setup, world_close),
		cmocka_unit_test_setup_teardown(test_negotiate_data, world_setup, world_close),
		cmocka_unit_test_setup_teardown(test_stripped_by_postfix, setup_stripped, world_close),
		cmocka_unit_test_setup_teardown(test_without_connect, world_setup, world_close),
		cmocka_unit_test_setup_teardown(test_negotiate_rules, world_setup, world_close),
		cmocka_unit_test_setup_teardown(test_negotiate_front, setup_front, world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
