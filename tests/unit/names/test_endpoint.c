/* SPDX-License-Identifier: ISC */
/* test_endpoint.c - the forms of the `redis` setting. */
#include "config.h"

#include "shared-cache/names/endpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static void
test_good(void **state)
{
	static const struct {
		const char *text;
		enum sts_endpoint_kind kind;
		const char *host;
		uint16_t port;
		bool tls;
	} rows[] = {
		{ "none", STS_ENDPOINT_NONE, "", 0, false },
		{ "unix:/run/redis/redis-server.sock", STS_ENDPOINT_UNIX, "/run/redis/redis-server.sock", 0, false },
		{ "unix:/a b:c", STS_ENDPOINT_UNIX, "/a b:c", 0, false },
		{ "unix:/" X50 X50 "123456", STS_ENDPOINT_UNIX, "/" X50 X50 "123456", 0, false },
		{ "tcp:localhost:6379", STS_ENDPOINT_TCP, "localhost", 6379, false },
		{ "tcp:192.0.2.1:1", STS_ENDPOINT_TCP, "192.0.2.1", 1, false },
		{ "tcp:[2001:db8::1]:65535", STS_ENDPOINT_TCP, "2001:db8::1", 65535, false },
		{ "tcp:[::ffff:192.0.2.1]:6379", STS_ENDPOINT_TCP, "::ffff:192.0.2.1", 6379, false },
		{ "tcp:my_redis-1.example:6379", STS_ENDPOINT_TCP, "my_redis-1.example", 6379, false },
		{ "tls:redis.example:6380", STS_ENDPOINT_TCP, "redis.example", 6380, true },
		{ "tls:[2001:db8::1]:6380", STS_ENDPOINT_TCP, "2001:db8::1", 6380, true },
		{ "sentinel+tls:main@h:1", STS_ENDPOINT_SENTINEL, "", 0, true },
		{ "cluster+tls:h:1,h:2", STS_ENDPOINT_CLUSTER, "", 0, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sts_endpoint got;
		char why[200] = "";

		if (!sts_endpoint_parse(rows[i].text, &got, why, sizeof(why)))
			fail_msg("%s: refused: %s", rows[i].text, why);
		if (got.kind != rows[i].kind || strcmp(got.host, rows[i].host) != 0 || got.port != rows[i].port ||
		    got.tls != rows[i].tls)
			fail_msg("%s: got kind %d host %s port %u", rows[i].text, (int)got.kind, got.host, got.port);
	}
}

static void
test_bad(void **state)
{
	static const struct {
		const char *text, *word;	/* part of the error message */
	} rows[] = {
		{ "", "must be none" }, { "None", "must be none" }, { "redis:6379", "must be none" }, { "/run/redis.sock", "must be none" },
		{ "none ", "must be none" }, { "TCP:localhost:1", "must be none" },
		{ "unix:", "absolute" }, { "unix:redis.sock", "absolute" }, { "unix:/a\x01", "control" },
		{ "unix:/" X50 X50 "1234567", "107" },
		{ "tcp:", "HOST:PORT" }, { "tcp:localhost", "HOST:PORT" }, { "tcp:[::1]", "HOST:PORT" },
		{ "tcp::6379", "before the port" }, { "tcp:a b:6379", "before the port" }, { "tcp:a\x7f:6379", "before the port" },
		{ "tcp:h:", "port" }, { "tcp:h:0", "port" }, { "tcp:h:65536", "port" }, { "tcp:h:6379x", "port" },
		{ "tcp:h:+1", "port" }, { "tcp:h: 1", "port" }, { "tcp:h:000001", "port" },
		{ "tcp:::1:6379", "brackets" }, { "tcp:a:b:1", "brackets" },
		{ "tcp:[]:1", "brackets" }, { "tcp:[x]:1", "brackets" }, { "tcp:[192.0.2.1]:1", "brackets" },
		{ "tcp:[IPv6:::1]:1", "brackets" }, { "tcp:[1:2:3]:1", "brackets" }, { "tcp:1:2:3:1", "brackets" },
		{ "tcp:[::1:1", "brackets" }, { "tcp:[h:1", "before the port" }, { "tcp:[::1%lo]:1", "brackets" },
		{ "tcp:" X50 X50 X50 X50 X50 X50 ":1", "too long" },
		{ "tls:redis.example", "HOST:PORT" }, { "tls:/run/redis.sock", "HOST:PORT" }, { "unix+tls:/run/redis.sock", "must be none" },
		{ "tcp+tls:redis.example:1", "must be none" }, { "TLS:redis.example:1", "must be none" }, { "tls:", "HOST:PORT" },
		{ "sentinel+tls:main@", "HOST:PORT" }, { "cluster+tls:", "HOST:PORT" },
		{ "sentinel:", "NAME@" }, { "sentinel:main", "NAME@" }, { "sentinel:@192.0.2.1:1", "NAME@" },
		{ "sentinel:a b@192.0.2.1:1", "NAME@" }, { "sentinel:" X50 "12345678901234@h:1", "NAME@" },
		{ "sentinel:main@", "HOST:PORT" }, { "sentinel:main@h:1,", "HOST:PORT" }, { "sentinel:main@h:0", "port" },
		{ "sentinel:main@h:1,,h:2", "HOST:PORT" }, { "sentinel:main@h:1, h:2", "before the port" },
		{ "sentinel:main@::1:2", "brackets" }, { "sentinel:main@a:1,a:1,a:1,a:1,a:1,a:1,a:1,a:1,a:1", "8 sentinels" },
		{ "cluster:", "HOST:PORT" }, { "cluster:h", "HOST:PORT" }, { "cluster:h:1,", "HOST:PORT" },
		{ "cluster:a:1,a:1,a:1,a:1,a:1,a:1,a:1,a:1,a:1", "8 nodes" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sts_endpoint got;
		char why[200] = "", tiny[4];

		if (sts_endpoint_parse(rows[i].text, &got, why, sizeof(why)))
			fail_msg("\"%s\": accepted", rows[i].text);
		if (strstr(why, rows[i].word) == NULL)
			fail_msg("\"%s\": says \"%s\", want \"%s\"", rows[i].text, why, rows[i].word);
		if (got.kind != STS_ENDPOINT_NONE || got.host[0] != '\0' || got.port != 0 || got.name[0] != '\0' ||
		    got.sentinel_count != 0 || got.tls)
			fail_msg("\"%s\": leaves something behind", rows[i].text);
		assert_false(sts_endpoint_parse(rows[i].text, &got, tiny, sizeof(tiny)));
		assert_int_equal(strlen(tiny), 3);
		assert_false(sts_endpoint_parse(rows[i].text, &got, NULL, 0));
	}
}

static void
test_sentinels(void **state)
{
	struct sts_endpoint got;

	(void)state;
	assert_true(sts_endpoint_parse("sentinel:my-main_1.x@192.0.2.1:26379,[2001:db8::1]:1,s3.example:65535", &got, NULL, 0));
	assert_int_equal(got.kind, STS_ENDPOINT_SENTINEL);
	assert_string_equal(got.name, "my-main_1.x");
	assert_int_equal(got.sentinel_count, 3);
	assert_string_equal(got.sentinels[0].host, "192.0.2.1");
	assert_int_equal(got.sentinels[0].port, 26379);
	assert_string_equal(got.sentinels[1].host, "2001:db8::1");
	assert_int_equal(got.sentinels[1].port, 1);
	assert_string_equal(got.sentinels[2].host, "s3.example");
	assert_int_equal(got.sentinels[2].port, 65535);
}

static void
test_names(void **state)
{
	static const struct {
		const char *text, *name;
	} rows[] = {
		{ "none", "none" }, { "unix:/run/r", "unix:/run/r" }, { "tcp:h.example:1", "tcp:h.example:1" },
		{ "tcp:[::1]:6379", "tcp:[::1]:6379" }, { "sentinel:main@h:1,[::1]:2", "sentinel:main" },
		{ "cluster:h:1,[::1]:2", "cluster:h:1" }, { "cluster:[::1]:2", "cluster:[::1]:2" },
		{ "tls:h.example:1", "tls:h.example:1" }, { "tls:[::1]:6380", "tls:[::1]:6380" },
		{ "sentinel+tls:main@h:1", "sentinel+tls:main" }, { "cluster+tls:[::1]:2,h:1", "cluster+tls:[::1]:2" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char name[STS_ENDPOINT_NAME_CAP];
		struct sts_endpoint e;

		assert_true(sts_endpoint_parse(rows[i].text, &e, NULL, 0));
		assert_string_equal(sts_endpoint_name(&e, name), rows[i].name);
	}
	assert_string_equal(sts_endpoint_name(&(struct sts_endpoint){ .kind = (enum sts_endpoint_kind)99 }, (char[STS_ENDPOINT_NAME_CAP]){ "x" }), "");
}

static void
test_hosts(void **state)
{
	(void)state;
	assert_true(sts_endpoint_is_host("redis.example"));
	assert_true(sts_endpoint_is_host("my_redis.example."));
	assert_true(sts_endpoint_is_host("192.0.2.1"));
	assert_true(sts_endpoint_is_host("2001:db8::1"));
	assert_false(sts_endpoint_is_host(""));
	assert_false(sts_endpoint_is_host("*.example"));
	assert_false(sts_endpoint_is_host("a b"));
	assert_false(sts_endpoint_is_host("h:1"));
	assert_false(sts_endpoint_is_host("[2001:db8::1]"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_sentinels),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("endpoint", tests, NULL, NULL);
}
