/* SPDX-License-Identifier: ISC */
/* test_redis.c - the findings about Redis: tables of facts. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/doctor/doctor_facts.h"

static struct doctor_redis
good_redis(void)
{
	struct doctor_redis r = { .place = "unix:/r.sock", .reached = true, .user = "milter", .may_work = true,
	    .version = "7.0.15",
		.role = "master", .maxmemory_policy = "noeviction", .used_memory = 1000000, .save = "3600 1", .has_time = true,
		.functions = FUNCTIONS_LOADED };

	return r;
}

static void
expect_redis(const char *row, const struct doctor_redis *r, const char *want)
{
	struct findings f = { .list = NULL };

	judge_redis(r, &f);
	assert_false(f.unsure);
	facts_expect(row, &f, want);
}

static void
test_redis_memory(void **state)
{
	struct doctor_redis r = good_redis();

	(void)state;
	strcpy(r.maxmemory_policy, "allkeys-lru");
	expect_redis("no limit, no eviction", &r, "");
	r.maxmemory = 10000000;
	expect_redis("eviction", &r, "warn redis.eviction");
	strcpy(r.maxmemory_policy, "volatile-ttl");
	r.used_memory = 9500000;
	expect_redis("eviction of what expires, soon", &r, "warn redis.eviction, warn redis.full");
	strcpy(r.maxmemory_policy, "noeviction");
	r.maxmemory = 1;
	expect_redis("one byte", &r, "warn redis.full");
	r = good_redis();
	strcpy(r.save, "");
	expect_redis("persistence", &r, "warn redis.persistence");
	r.aof = true;
	expect_redis("append-only file", &r, "");
}

static void
test_redis_tls(void **state)
{
	static const struct {
		const char *why, *want, *fix;
	} rows[] = {
		{ "Connection refused", "fail redis.unreachable", "systemctl start" },
		{ "TLS: certificate has expired", "fail redis.tls", "renew" },
		{ "127.0.0.1:7001: TLS: certificate is not yet valid", "fail redis.tls", "timedatectl" },
		{ "TLS: the certificate's name does not match r.example", "fail redis.tls", "redis_tls_server_name" },
		{ "TLS: self-signed certificate in certificate chain", "fail redis.tls", "redis_tls_ca_file" },
		{ "sentinel h:1: TLS: unable to get local issuer certificate", "fail redis.tls", "redis_tls_ca_file" },
		{ "TLS: the server says tlsv13 alert certificate required; it asks for a certificate of ours, and redis_tls_cert_file is "
		    "empty", "fail redis.tls", "redis_tls_key_file" },
		{ "TLS: the server says tlsv1 alert unknown ca", "fail redis.tls", "tls-ca-cert-file" },
		{ "TLS: redis_tls_key_file: key values mismatch: /x", "fail redis.tls", "correct that file" },
		{ "TLS: the server's answer is no TLS", "fail redis.tls", "tls-port" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct doctor_redis r = good_redis();
		struct findings f = { .list = NULL };

		r.reached = false;
		strcpy(r.why, rows[i].why);
		judge_redis(&r, &f);
		if (strstr(f.list[0].fix, rows[i].fix) == NULL)
			fail_msg("%s: fix: %s", rows[i].why, f.list[0].fix);
		facts_expect(rows[i].why, &f, rows[i].want);
	}
}

static void
test_redis_in_clear(void **state)
{
	static const struct {
		const char *redis;
		bool in_clear;
	} rows[] = {
		{ "none", false }, { "unix:/r", false }, { "tcp:localhost:1", false }, { "tcp:127.0.0.2:1", false }, { "tcp:[::1]:1", false },
		{ "tcp:192.0.2.1:1", true }, { "tcp:[2001:db8::1]:1", true }, { "tcp:r.example:1", true }, { "tls:r.example:1", false },
		{ "sentinel:m@127.0.0.1:1,192.0.2.1:1", true }, { "sentinel:m@127.0.0.1:1", false },
		{ "sentinel+tls:m@192.0.2.1:1", false }, { "cluster:192.0.2.1:1", true }, { "cluster+tls:192.0.2.1:1", false },
	};
	struct doctor_redis r = good_redis();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sts_endpoint e;

		assert_true(sts_endpoint_parse(rows[i].redis, &e, NULL, 0));
		if (doctor_redis_in_clear(&e) != rows[i].in_clear)
			fail_msg("%s", rows[i].redis);
	}
	r.in_clear = true;
	expect_redis("in the clear", &r, "info redis.plaintext");
}

static void
test_redis(void **state)
{
	struct doctor_redis r = good_redis();

	(void)state;
	expect_redis("good", &r, "");
	strcpy(r.user, "default");
	expect_redis("default user", &r, "info redis.acl");
	r.may_work = false;
	expect_redis("may not run scripts", &r, "fail redis.acl");
	r = good_redis();
	strcpy(r.version, "4.0.9");
	r.functions = FUNCTIONS_NONE;
	expect_redis("old", &r, "fail redis.version, info redis.functions");
	r = good_redis();
	strcpy(r.role, "slave");
	expect_redis("replica", &r, "fail redis.replica");
	r = good_redis();
	r.functions = FUNCTIONS_ABSENT;
	expect_redis("no functions", &r, "info redis.functions");
	r.functions = FUNCTIONS_OLD;
	expect_redis("old functions", &r, "info redis.functions");
	r = good_redis();
	r.ahead_s = -6;
	expect_redis("behind", &r, "warn redis.clock");
	r.ahead_s = 6;
	expect_redis("ahead", &r, "warn redis.clock");
	r.ahead_s = 5;
	expect_redis("five seconds", &r, "");
	r = good_redis();
	strcpy(r.info_refused, "NOPERM");
	strcpy(r.config_refused, "NOPERM");
	r.version[0] = r.role[0] = r.maxmemory_policy[0] = r.save[0] = '\0';
	r.functions = FUNCTIONS_REFUSED;
	expect_redis("the milter's own user", &r, "info redis.refused");
	r = good_redis();
	strcpy(r.config_refused, "NOPERM");
	r.save[0] = '\0';
	expect_redis("CONFIG refused", &r, "info redis.refused");
	r.reached = false;
	expect_redis("away", &r, "fail redis.unreachable");
	r.none = true;
	expect_redis("none", &r, "info redis.none");
}

static void
test_info(void **state)
{
	static const char info[] = "# Memory\r\nused_memory:5\r\nmaxmemory:10\r\nmaxmemory_policy:a\x1b" "b\r\nempty:\r\nlast:x";
	char out[64], small[8];

	(void)state;
	assert_string_equal(doctor_redis_info(info, "maxmemory", out, sizeof(out)), "10");
	assert_string_equal(doctor_redis_info(info, "maxmemory_policy", out, sizeof(out)), "a\\x1bb");
	assert_string_equal(doctor_redis_info(info, "empty", out, sizeof(out)), "");
	assert_string_equal(doctor_redis_info(info, "last", out, sizeof(out)), "x");
	assert_string_equal(doctor_redis_info(info, "memory", out, sizeof(out)), "");
	assert_string_equal(doctor_redis_info("", "memory", out, sizeof(out)), "");
	assert_string_equal(doctor_redis_info(":", "", out, sizeof(out)), "");
	assert_true(strlen(doctor_redis_info("a:0123456789abcdef", "a", small, sizeof(small))) < sizeof(small));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_redis_memory),
		cmocka_unit_test(test_redis),
		cmocka_unit_test(test_redis_tls),
		cmocka_unit_test(test_redis_in_clear),
		cmocka_unit_test(test_info),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
