/* SPDX-License-Identifier: ISC */
/* test_redis_cli.c - redis-cli's options for each form of the `redis` setting. */
#include "config.h"

#include "stsctl/context/redis_cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *setting;
	struct sts_endpoint_tls with;
	unsigned db;
	const char *want;
} rows[] = {
	{ "none", { 0 }, 0, "redis-cli" },
	{ "unix:/run/redis/redis-server.sock", { 0 }, 0, "redis-cli -s /run/redis/redis-server.sock" },
	{ "unix:/srv/our redis/it's", { 0 }, 0, "redis-cli -s '/srv/our redis/it'\\''s'" },
	{ "unix:/run/redis.sock", { 0 }, 3, "redis-cli -s /run/redis.sock -n 3" },
	/* what redis-cli takes anyway is not said */
	{ "tcp:127.0.0.1:6379", { 0 }, 0, "redis-cli" },
	{ "tcp:localhost:6379", { 0 }, 15, "redis-cli -n 15" },
	{ "tcp:localhost:6380", { 0 }, 0, "redis-cli -p 6380" },
	{ "tcp:redis.example:6379", { 0 }, 0, "redis-cli -h redis.example" },
	{ "tcp:192.0.2.1:7000", { 0 }, 1, "redis-cli -h 192.0.2.1 -p 7000 -n 1" },
	{ "tcp:[2001:db8::1]:6379", { 0 }, 0, "redis-cli -h 2001:db8::1" },
	{ "tls:redis.example:6379", { 0 }, 0, "redis-cli -h redis.example --tls" },
	{ "tls:127.0.0.1:6380", { .ca_file = "/etc/ca.pem" }, 0, "redis-cli -p 6380 --tls --cacert /etc/ca.pem" },
	{ "tls:redis.example:6380", { "", "", "", "" }, 2, "redis-cli -h redis.example -p 6380 --tls -n 2" },
	{ "tls:redis.example:6379", { "/etc/a b/ca.pem", "/etc/c.pem", "/etc/k.pem", "r.example" }, 2,
	    "redis-cli -h redis.example --tls --cacert '/etc/a b/ca.pem' --cert /etc/c.pem --key /etc/k.pem --sni r.example -n 2" },
	/* without TLS, its settings do nothing */
	{ "tcp:redis.example:6379", { "/etc/ca.pem", "/etc/c.pem", "/etc/k.pem", "r.example" }, 0, "redis-cli -h redis.example" },
	/* the first node stands for all */
	{ "cluster:a.example:7000,b.example:7001", { 0 }, 0, "redis-cli -c -h a.example -p 7000" },
	{ "cluster:127.0.0.1:6379,b.example:7001", { 0 }, 0, "redis-cli -c" },
	{ "cluster+tls:a.example:6379,b.example:7001", { .cert_file = "/c" }, 0, "redis-cli -c -h a.example --tls --cert /c" },
	/* a Sentinel knows the place, who reads this may not */
	{ "sentinel:main@s.example:26379", { 0 }, 0, "redis-cli" },
	{ "sentinel+tls:main@s.example:26379", { .ca_file = "/ca" }, 4, "redis-cli --tls --cacert /ca -n 4" },
};

static void
test_options(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sts_endpoint endpoint;
		struct sts_text text;
		char why[200], got[400];

		if (!sts_endpoint_parse(rows[i].setting, &endpoint, why, sizeof(why)))
			fail_msg("%s: %s", rows[i].setting, why);
		endpoint.tls_with = rows[i].with;
		sts_text_init(&text, got, sizeof(got));
		redis_cli_add(&text, &endpoint, rows[i].db);
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s: got %s, want %s", rows[i].setting, got, rows[i].want);
	}
}

/* It appends to the text. */
static void
test_adds(void **state)
{
	struct sts_endpoint endpoint = { .kind = STS_ENDPOINT_UNIX, .host = "/s" };
	struct sts_text text;
	char got[40];

	(void)state;
	sts_text_init(&text, got, sizeof(got));
	sts_text_add(&text, "sudo ");
	redis_cli_add(&text, &endpoint, 0);
	sts_text_add(&text, " ping");
	assert_string_equal(got, "sudo redis-cli -s /s ping");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_adds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
