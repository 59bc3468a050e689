/* SPDX-License-Identifier: ISC */
/* test_client_macros.c - when CONNECT may be left out. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "milter/service/client_macros.h"

static void
test_compare(void **state)
{
	static const struct {
		const char *told, *connected;	/* NULL: no macro; no address */
		bool same;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1", true }, { "192.0.2.1", "192.0.2.2", false }, { NULL, "192.0.2.1", false },
		{ "", "192.0.2.1", false }, { "2001:db8::1", "2001:DB8:0::1", true }, { "IPv6:2001:db8::1", "2001:db8::1", true },
		{ "::ffff:192.0.2.1", "192.0.2.1", true }, { "unknown", NULL, true }, { "unknown", "192.0.2.1", false },
		{ "192.0.2.1", NULL, false }, { NULL, NULL, false }, { "192.0.2.1 ", "192.0.2.1", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct client_macros macros = { 0 };
		struct sts_ipaddr connected = { 0 };

		if (rows[i].connected != NULL)
			assert_true(sts_ipaddr_parse(rows[i].connected, strlen(rows[i].connected), &connected));
		assert_false(client_macros_suffice(&macros));
		assert_int_equal(client_macros_compare(&macros, rows[i].told, &connected), !rows[i].same);
		assert_int_equal(client_macros_suffice(&macros), rows[i].same);
	}
}

/* The first session decides; one without the macro decides otherwise, for good. */
static void
test_for_good(void **state)
{
	struct client_macros macros = { 0 };
	struct sts_ipaddr one;

	(void)state;
	assert_true(sts_ipaddr_parse("192.0.2.1", 9, &one));
	assert_false(client_macros_compare(&macros, "192.0.2.1", &one));
	assert_false(client_macros_compare(&macros, "192.0.2.9", &one));
	assert_true(client_macros_suffice(&macros));
	assert_true(client_macros_missed(&macros));
	assert_false(client_macros_suffice(&macros));
	assert_false(client_macros_missed(&macros));
	assert_false(client_macros_compare(&macros, "192.0.2.1", &one));
	assert_false(client_macros_suffice(&macros));
}

static void
test_lists(void **state)
{
	struct sts_conf *conf;
	const char *const overrides[] = { "front_daemons=smtpd-front" };
	char names[CLIENT_MACROS_CAP];

	(void)state;
	assert_int_equal(sts_conf_load(NULL, overrides, 1, stderr, &conf), STS_OK);
	client_macros_at_connect(conf, true, names);
	assert_string_equal(names, "{client_name} {client_port} {daemon_name}");
	client_macros_at_mail(conf, true, names);
	assert_string_equal(names, "{tls_version} {cipher} {cipher_bits} {tls_sni} {auth_type} {auth_authen} {client_addr}");
	client_macros_at_connect(conf, false, names);
	assert_string_equal(names, " ");
	client_macros_at_mail(conf, false, names);
	assert_string_equal(names, "{tls_version} {cipher} {cipher_bits} {tls_sni} {auth_type} {auth_authen} {client_addr} {client_name} "
	    "{client_port} {daemon_name}");
	sts_conf_unref(&conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_for_good),
		cmocka_unit_test(test_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
