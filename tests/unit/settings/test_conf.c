/* SPDX-License-Identifier: ISC */
/* test_conf.c - settings from defaults, files and overrides, and which of them a reload cannot change. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared-cache/settings/conf.h"
#include "shared-cache/settings/conf_private.h"
#include "tests/unit/settings/conf_scratch.h"

static void
test_defaults(void **state)
{
	struct sts_conf *conf = NULL;

	(void)state;
	assert_int_equal(sts_conf_load(NULL, NULL, 0, stderr, &conf), STS_OK);
	assert_string_equal(conf->milter_socket, "unix:/run/mta-sts-milter/milter.sock");
	assert_int_equal(conf->milter_socket_mode, 0660);
	assert_string_equal(conf->group, "");
	assert_true(conf->authserv_id[0] != '\0');
	assert_int_equal(conf->redis.kind, STS_ENDPOINT_UNIX);
	assert_string_equal(conf->redis.host, "/run/redis/redis-server.sock");
	assert_string_equal(conf->redis_password, "");
	assert_int_equal(conf->redis_timeout_ms, 250);
	assert_string_equal(conf->dns_servers, "");
	assert_int_equal(conf->policy_wait_ms, 2000);
	assert_int_equal(conf->negative_ttl_max_ms, 3600000);
	assert_int_equal(conf->refresh_interval_ms, 86400000);
	assert_int_equal(conf->rules.tls.min_version, 4);
	assert_int_equal(conf->rules.tls.min_bits, 128);
	assert_string_equal(conf->rules.tls.weak_ciphers[0], "*RC4*");
	assert_null(conf->local_domains);
	assert_null(conf->domain_rules);
	assert_false(conf->allow_private_addresses);
	assert_int_equal(conf->evidence_client_addr, STS_CLIENT_MASKED);
	sts_conf_unref(&conf);
	assert_null(conf);
}

static void
test_values(void **state)
{
	const struct scratch *s = *state;
	struct sts_conf *conf;
	char *errors;

	write_text(s, "P", "s3cret word\r\n");
	write_text(s, "D", "# ours\na.example\n\n  B.EXAMPLE.  \nb\xc3\xbc" "cher.example\r\n");
	write_text(s, "R", "a.example exempt\r\n# c\n.a.example version=TLSv1.3 action=tempfail");
	write_text(s, "F", "redis_password_file = ~/P\nlocal_domains = file:~/D\nredis_username = joe\n"
	    "domain_rules = ~/R\ndns_servers = 192.0.2.1 192.0.2.2:5353, 2001:db8::1 [2001:db8::2]:54 [2001:db8::3]\n"
	    "authserv_id = MX1.example.net\nmin_tls_version = TLSv1.3\nweak_ciphers = *A* B\n");
	assert_int_equal(load(s, NULL, 0, &conf, &errors), STS_OK);
	assert_string_equal(conf->redis_password, "s3cret word");
	assert_string_equal(conf->authserv_id, "MX1.example.net");
	assert_true(sts_domain_set_contains(conf->local_domains, "a.example"));
	assert_true(sts_domain_set_contains(conf->local_domains, "b.example"));
	assert_true(sts_domain_set_contains(conf->local_domains, "xn--bcher-kva.example"));
	assert_false(sts_domain_set_contains(conf->local_domains, "c.example"));
	assert_false(sts_domain_set_contains(NULL, "a.example"));
	assert_string_equal(sts_domain_set_at(conf->local_domains, 0), "a.example");
	assert_string_equal(sts_domain_set_at(conf->local_domains, 2), "xn--bcher-kva.example");
	assert_null(sts_domain_set_at(conf->local_domains, 3));
	assert_null(sts_domain_set_at(NULL, 0));
	assert_int_equal(sts_domain_rules_count(conf->domain_rules), 2);
	assert_string_equal(conf->dns_servers,
	    "192.0.2.1:53,192.0.2.2:5353,[2001:db8::1]:53,[2001:db8::2]:54,[2001:db8::3]:53");
	assert_int_equal(conf->rules.tls.min_version, 5);
	assert_string_equal(conf->rules.tls.weak_ciphers[0], "*A*");
	assert_string_equal(conf->rules.tls.weak_ciphers[1], "B");
	assert_null(conf->rules.tls.weak_ciphers[2]);
	sts_conf_unref(&conf);
	free(errors);
}

static void
test_tls_goes_with_the_endpoint(void **state)
{
	const struct scratch *s = *state;
	struct sts_conf *conf;
	char *errors;

	write_text(s, "P", "x\n");
	write_text(s, "F", "redis = tls:h.example:1\nredis_tls_ca_file = ~/P\nredis_tls_server_name = r.example\n");
	assert_int_equal(load(s, NULL, 0, &conf, &errors), STS_OK);
	assert_true(conf->redis.tls);
	assert_string_equal(conf->redis.tls_with.ca_file, conf->redis_tls_ca_file);
	assert_string_equal(conf->redis.tls_with.server_name, "r.example");
	assert_string_equal(conf->redis.tls_with.cert_file, "");
	sts_conf_unref(&conf);
	free(errors);
}

static void
test_lists(void **state)
{
	(void)state;
	assert_true(sts_conf_list_contains("a, bc d", "bc"));
	assert_true(sts_conf_list_contains("a", "a"));
	assert_false(sts_conf_list_contains("a bc", "b"));
	assert_false(sts_conf_list_contains("a bc", "ab"));
	assert_false(sts_conf_list_contains("", ""));
}

/* ---- -o ---- */

static void
test_overrides(void **state)
{
	static const char *const fine[] = { "fetch_rate=3", "fetch_rate = 4", "redis=none", "policy_wait=1s" };
	static const char *const wrong[] = { "fetch_rate", "nothing=1", "fetch_rate=x", "=1" };
	const struct scratch *s = *state;
	struct sts_conf *conf;
	char *errors, *printed;

	/* The value in the file is invalid, but overridden. */
	write_text(s, "F", "fetch_rate = many\nfetch_concurrency = 2\n");
	assert_int_equal(load(s, fine, COUNT(fine), &conf, &errors), STS_OK);
	print_changed(conf, &printed);
	assert_string_equal(printed, "redis = none\npolicy_wait = 1s\nfetch_concurrency = 2\nfetch_rate = 4\n");
	sts_conf_unref(&conf);
	free(errors);
	free(printed);

	assert_int_equal(load(s, wrong, COUNT(wrong), &conf, &errors), STS_EINVAL);
	assert_string_equal(errors, "-o: must be name=value\n-o: must be name=value\n-o: \"nothing\": no such setting\n"
	    "-o: fetch_rate: \"x\" is not a whole number\n");
	free(errors);
}

static void
test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sts_setting_count; i++) {
		const struct sts_setting *row = &sts_settings[i];

		if (row->help == NULL || strlen(row->help) < 10 || row->help[strlen(row->help) - 1] != '.')
			fail_msg("%s: no help", row->name);
		if (row->lo > row->hi)
			fail_msg("%s: bounds", row->name);
		for (size_t j = 0; j < i; j++) {
			if (strcmp(sts_settings[j].name, row->name) == 0)
				fail_msg("%s: twice in the table", row->name);
			if (sts_settings[j].offset == row->offset)
				fail_msg("%s: the same field as %s", row->name, sts_settings[j].name);
		}
	}
}

/* ---- the header's key ---- */

#define HEX16 "00112233445566778899aAbBcCdDeEfF"

static void
test_header_key(void **state)
{
	static const struct {
		const char *name, *content;	/* NULL: no file */
		size_t want;			/* length of the key; 0: rejected */
	} rows[] = {
		{ "shortest", HEX16 "\n", 16 },
		{ "no end of line", HEX16 HEX16, 32 },
		{ "CR LF", HEX16 HEX16 "\r\n", 32 },
		{ "longest", HEX16 HEX16 HEX16 HEX16 "\n", 64 },
		{ "too short", "00112233445566778899aabbccddee\n", 0 },
		{ "too long", HEX16 HEX16 HEX16 HEX16 "00\n", 0 },
		{ "odd", HEX16 "0\n", 0 },
		{ "no hex", "0g112233445566778899aabbccddeeff\n", 0 },
		{ "a blank", HEX16 " \n", 0 },
		{ "two lines", HEX16 "\n" HEX16 "\n", 0 },
		{ "empty", "", 0 },
		{ "missing", NULL, 0 },
	};
	const struct scratch *s = *state;

	write_text(s, "F", "header_key_file = ~/K\n");
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sts_conf *conf;
		char *errors;

		if (rows[i].content != NULL) {
			write_text(s, "K", rows[i].content);
		} else {
			char path[128];

			snprintf(path, sizeof(path), "%s/K", s->dir);
			unlink(path);
		}
		if ((load(s, NULL, 0, &conf, &errors) == STS_OK) != (rows[i].want > 0))
			fail_msg("%s: %s", rows[i].name, errors);
		if (conf == NULL && strncmp(errors, "F:1: header_key_file: ", 22) != 0)
			fail_msg("%s: got \"%s\"", rows[i].name, errors);
		if (conf != NULL && (conf->header_key.len != rows[i].want || conf->header_key.bytes[1] != 0x11 ||
		    conf->header_key.bytes[rows[i].want - 1] != 0xff))
			fail_msg("%s: another key of %zu bytes", rows[i].name, conf->header_key.len);
		free(errors);
		sts_conf_unref(&conf);
	}
}

/* ---- reload ---- */

static void
note_name(void *arg, const char *name)
{
	strcat(strcat(arg, name), " ");
}

static void
test_restart_needed(void **state)
{
	const struct scratch *s = *state;
	struct sts_conf *before, *after;
	char *errors, names[256] = "";

	write_text(s, "P", "one\n");
	write_text(s, "F", "redis_password_file = ~/P\nredis = none\npolicy_wait = 1s\n");
	assert_int_equal(load(s, NULL, 0, &before, &errors), STS_OK);
	free(errors);
	write_text(s, "P", "two\n");
	write_text(s, "F", "redis_password_file = ~/P\nredis = none\npolicy_wait = 3s\ncache_entries = 50k\n");
	assert_int_equal(load(s, NULL, 0, &after, &errors), STS_OK);
	free(errors);
	sts_conf_restart_needed(before, after, note_name, names);
	assert_string_equal(names, "redis_password_file cache_entries ");
	names[0] = '\0';
	sts_conf_restart_needed(after, after, note_name, names);
	assert_string_equal(names, "");

	/* the second reference keeps it alive */
	struct sts_conf *second = sts_conf_ref(before);
	sts_conf_unref(&before);
	assert_int_equal(second->policy_wait_ms, 1000);
	sts_conf_unref(&second);
	sts_conf_unref(&after);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test_setup_teardown(test_values, make_scratch, remove_scratch),
		cmocka_unit_test_setup_teardown(test_tls_goes_with_the_endpoint, make_scratch, remove_scratch),
		cmocka_unit_test(test_lists),
		cmocka_unit_test_setup_teardown(test_overrides, make_scratch, remove_scratch),
		cmocka_unit_test_setup_teardown(test_header_key, make_scratch, remove_scratch),
		cmocka_unit_test_setup_teardown(test_restart_needed, make_scratch, remove_scratch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
