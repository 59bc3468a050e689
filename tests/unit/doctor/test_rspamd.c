/* SPDX-License-Identifier: ISC */
/* test_rspamd.c - parsing rspamd's configuration, and the findings about it: tables of facts. */
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

#include "tests/unit/doctor/doctor_facts.h"

static void
test_lua(void **state)
{
	static const struct { const char *text; bool found; const char *value; } rows[] = {
		{ "x {\n  authserv_id = \"mx.a\",\n}", true, "mx.a" },
		{ "authserv_id='mx.a'", true, "mx.a" },
		{ "authserv_id = ''", true, "" },
		{ "-- authserv_id = \"old\"\nauthserv_id = \"new\"", true, "new" },
		{ "--[[ authserv_id = \"old\"\n]] authserv_id = \"new\"", true, "new" },
		{ "x = 'authserv_id = \"old\"' authserv_id = \"new\"", true, "new" },
		{ "my_authserv_id = \"no\" authserv_id2 = \"no\"", false, "" },
		{ "authserv_id == \"no\"", false, "" },
		{ "authserv_id = other", false, "" },
		{ "authserv_id = \"never closed", false, "" },
		{ "authserv_id = \"two\nlines\"", false, "" },
		{ "authserv_id = \"esc\\\"aped\"", false, "" },
		{ "authserv_id", false, "" },
		{ "authserv_id =", false, "" },
		{ "--[[ authserv_id = \"x\"", false, "" },
		{ "'never closed authserv_id = \"x\"", false, "" },
		{ "\"\\", false, "" },
		{ "", false, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char value[POSTFIX_VALUE_CAP] = "before";

		if (doctor_lua_string(rows[i].text, "authserv_id", value) != rows[i].found || strcmp(value, rows[i].value) != 0)
			fail_msg("%s: \"%s\"", rows[i].text, value);
	}
}

static void
test_places(void **state)
{
	static const struct { const char *json; size_t count; const char *first; } rows[] = {
		{ "{\"normal\":{\"bind_socket\":\"localhost:11333\"}}\n"
		  "{\"rspamd_proxy\":{\"milter\":true,\"bind_socket\":\"*:1\"}}\n", 1, "*:1" },
		{ "{\"rspamd_proxy\":{\"milter\":true,\"bind_socket\":[\"a:1\",\"b:2\",3]}}", 2, "a:1" },
		{ "{\"rspamd_proxy\":{\"milter\":false,\"bind_socket\":\"a:1\"}}", 0, "" },
		{ "{\"a\":{\"milter\":true}}", 0, "" },
		{ "{\"a\":{\"milter\":true,\"bind_socket\":{}}} {\"a\":\"b\"} [1] "
		  "{\"a\":{\"milter\":true,\"bind_socket\":\"c:3\"}}", 1, "c:3" },
		{ "{\"a\":{\"milter\":true,\"bind_socket\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]}}",
		  RSPAMD_ADDRESSES_MAX, "1" },
		{ "{\"a\":", 0, "" },
		{ "nonsense", 0, "" },
		{ "", 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct doctor_rspamd r;

		memset(&r, 0, sizeof(r));
		doctor_rspamd_addresses(rows[i].json, &r);
		if (r.address_count != rows[i].count || strcmp(r.addresses[0], rows[i].first) != 0)
			fail_msg("%s: %zu \"%s\"", rows[i].json, r.address_count, r.addresses[0]);
	}
}

static struct doctor_rspamd
good_rspamd(void)
{
	struct doctor_rspamd r;

	memset(&r, 0, sizeof(r));
	r.present = r.config_good = r.rule = r.settings_known = true;
	strcpy(r.version, "3.4");
	strcpy(r.local_lua, "/etc/rspamd/rspamd.local.lua");
	strcpy(r.authserv_id, "MX.example.net");
	return r;
}

static void
expect_rspamd(const char *row, const struct sts_conf *conf, const struct doctor_rspamd *r, const char *want, bool unsure)
{
	struct findings f = { .list = NULL };

	judge_rspamd(conf, r, &f);
	assert_int_equal(f.unsure, unsure);
	facts_expect(row, &f, want);
}

static void
test_rspamd(void **state)
{
	struct sts_conf *conf = facts_settings("authserv_id=mx.example.net");
	struct doctor_rspamd r = good_rspamd();

	(void)state;
	expect_rspamd("good", conf, &r, "", false);
	strcpy(r.authserv_id, "other.example.net");
	expect_rspamd("another name", conf, &r, "fail rspamd.authserv-id", false);
	r = good_rspamd();
	strcpy(r.version, "3.3.1");
	r.multimap = true;
	strcpy(r.modules[0], "/etc/rspamd/local.d/mta_sts.conf");
	strcpy(r.modules[1], "/etc/rspamd/local.d/tls_rpt.conf");
	r.module_count = 2;
	expect_rspamd("an old one, by the guide", conf, &r,
	    "warn rspamd.module-file, warn rspamd.module-file, info rspamd.multimap, warn rspamd.version", false);
	r = good_rspamd();
	r.rule = false;
	expect_rspamd("no rule", conf, &r, "warn rspamd.rule", false);
	r.config_good = false;
	strcpy(r.config_why, "syntax BAD");
	expect_rspamd("does not start", conf, &r, "fail rspamd.configtest", false);
	strcpy(r.config_why, "cannot open /etc/rspamd/x: Permission denied");
	r.dump_failed = true;
	expect_rspamd("not for us", conf, &r, "info rspamd.unknown", true);
	r = good_rspamd();
	r.present = false;
	expect_rspamd("absent", conf, &r, "info rspamd.absent", false);
	r = good_rspamd();
	r.settings_known = false;
	strcpy(r.authserv_id, "");
	expect_rspamd("settings not found", conf, &r, "", false);
	sts_conf_unref(&conf);
}

static void
test_own_host(void **state)
{
	struct sts_conf *conf = facts_settings(NULL);	/* authserv_id is the host name */
	struct doctor_rspamd r = good_rspamd();

	(void)state;
	strcpy(r.authserv_id, "");
	expect_rspamd("both empty", conf, &r, "", false);
	sts_conf_unref(&conf);
}

static void
test_keys(void **state)
{
	static const char key[] = "00112233445566778899aabbccddeeff\n";
	struct doctor_rspamd r = good_rspamd();
	char path[] = "/tmp/mta-sts-doctor-key-XXXXXX", override[80];
	int fd = mkstemp(path);
	struct sts_conf *conf;

	(void)state;
	assert_true(fd >= 0 && write(fd, key, sizeof(key) - 1) == sizeof(key) - 1);
	close(fd);
	snprintf(override, sizeof(override), "header_key_file=%s", path);
	conf = facts_settings(override);
	strcpy(r.authserv_id, conf->authserv_id);
	unlink(path);
	expect_rspamd("the milter signs for nobody", conf, &r, "info rspamd.key", false);
	strcpy(r.key_file, "/etc/rspamd/mta_sts.key");
	r.key = conf->header_key;
	expect_rspamd("the same", conf, &r, "", false);
	r.key.bytes[15] ^= 1;
	expect_rspamd("another", conf, &r, "fail rspamd.key", false);
	r.key_state = FILE_MISSING;
	expect_rspamd("missing", conf, &r, "fail rspamd.key", false);
	r.key_state = FILE_BAD;
	expect_rspamd("bad", conf, &r, "fail rspamd.key", false);
	r.key_state = FILE_DENIED;
	expect_rspamd("not for us", conf, &r, "info rspamd.key", true);
	sts_conf_unref(&conf);
	conf = facts_settings(NULL);
	strcpy(r.authserv_id, conf->authserv_id);
	expect_rspamd("rspamd wants what the milter does not give", conf, &r, "fail rspamd.key", false);
	sts_conf_unref(&conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lua),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_rspamd),
		cmocka_unit_test(test_own_host),
		cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
