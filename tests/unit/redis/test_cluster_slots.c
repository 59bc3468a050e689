/* SPDX-License-Identifier: ISC */
/* test_cluster_slots.c - the slots of keys, and what nodes say about who owns them. */
#include "config.h"

#include "shared-cache/redis/cluster_slots.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <hiredis/hiredis.h>

static const struct sts_cluster_node asked = { "192.0.2.1", 7000 };

static void
test_slots(void **state)
{
	/* from CLUSTER KEYSLOT */
	static const struct { const char *key; unsigned slot; } rows[] = {
		{ "123456789", 12739 }, { "foo", 12182 }, { "{foo}.x", 12182 }, { "x{foo}{bar}", 12182 }, { "", 0 },
		{ "mta-sts:policy:{foo}", 12182 }, { "a{}b", 0 }, { "a{b", 0 },
	};

	(void)state;
	for (size_t i = 0; i < 6; i++)
		if (sts_cluster_slot(rows[i].key, strlen(rows[i].key)) != rows[i].slot)
			fail_msg("%s: %u", rows[i].key, sts_cluster_slot(rows[i].key, strlen(rows[i].key)));
	/* Braces that are empty or not closed are no hash tag: the whole key counts. */
	assert_int_not_equal(sts_cluster_slot("a{}b", 4), sts_cluster_slot("c{}d", 4));
	assert_int_not_equal(sts_cluster_slot("a{b", 3), sts_cluster_slot("c{b", 3));
}

static struct sts_reply
parse(const char *resp)
{
	redisReader *reader = redisReaderCreate();
	void *raw = NULL;

	assert_int_equal(redisReaderFeed(reader, resp, strlen(resp)), REDIS_OK);
	assert_int_equal(redisReaderGetReply(reader, &raw), REDIS_OK);
	assert_non_null(raw);
	redisReaderFree(reader);
	return sts_reply_of(raw);
}

static void
test_map(void **state)
{
	static struct sts_cluster_map map;
	struct sts_reply reply = parse("*3\r\n"
	    "*4\r\n:0\r\n:5460\r\n*3\r\n$9\r\n192.0.2.1\r\n:7000\r\n$2\r\nid\r\n*2\r\n$9\r\n192.0.2.4\r\n:7003\r\n"
	    "*3\r\n:5461\r\n:10922\r\n*2\r\n$9\r\n192.0.2.2\r\n:7001\r\n"
	    "*3\r\n:10923\r\n:16382\r\n*2\r\n$0\r\n\r\n:7002\r\n");

	(void)state;
	assert_true(sts_cluster_read_map(&reply, &asked, &map));
	sts_reply_free(&reply);
	assert_int_equal(map.node_count, 3);
	assert_string_equal(map.nodes[map.owner[0]].host, "192.0.2.1");
	assert_int_equal(map.nodes[map.owner[5460]].port, 7000);
	assert_int_equal(map.nodes[map.owner[5461]].port, 7001);
	assert_string_equal(map.nodes[map.owner[16382]].host, "192.0.2.1");	/* the node that was asked */
	assert_int_equal(map.nodes[map.owner[16382]].port, 7002);
	assert_int_equal(map.owner[16383], STS_CLUSTER_NODES_MAX);
}

static void
test_no_map(void **state)
{
	static const char *const replies[] = {
		"*0\r\n", "+OK\r\n", "-ERR This instance has cluster support disabled\r\n", ":1\r\n", "*1\r\n:1\r\n",
		"*1\r\n*2\r\n:0\r\n:1\r\n",
		"*1\r\n*3\r\n:0\r\n:16384\r\n*2\r\n$1\r\na\r\n:1\r\n",
		"*1\r\n*3\r\n:-1\r\n:1\r\n*2\r\n$1\r\na\r\n:1\r\n",
		"*1\r\n*3\r\n:5\r\n:4\r\n*2\r\n$1\r\na\r\n:1\r\n",
		"*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n$1\r\na\r\n:0\r\n",
		"*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n$3\r\na/b\r\n:1\r\n",
		"*1\r\n*3\r\n:0\r\n:1\r\n*1\r\n$1\r\na\r\n",
	};
	static struct sts_cluster_map map;

	(void)state;
	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		struct sts_reply reply = parse(replies[i]);

		if (sts_cluster_read_map(&reply, &asked, &map) || map.node_count != 0)
			fail_msg("taken: %s", replies[i]);
		sts_reply_free(&reply);
	}
}

static void
test_redirects(void **state)
{
	static const struct {
		const char *reply;
		enum sts_cluster_redirect turn;
		unsigned slot;
		const char *host;
		uint16_t port;
	} rows[] = {
		{ "-MOVED 3999 192.0.2.2:6381\r\n", STS_CLUSTER_MOVED, 3999, "192.0.2.2", 6381 },
		{ "-ASK 0 192.0.2.2:6381\r\n", STS_CLUSTER_ASK, 0, "192.0.2.2", 6381 },
		{ "-MOVED 3999 :6381\r\n", STS_CLUSTER_MOVED, 3999, "192.0.2.1", 6381 },
		{ "-MOVED 3999 2001:db8::1:6381\r\n", STS_CLUSTER_MOVED, 3999, "2001:db8::1", 6381 },
		{ "-MOVED 16384 192.0.2.2:6381\r\n", STS_CLUSTER_NO_REDIRECT, 0, "", 0 },
		{ "-MOVED 1 192.0.2.2:0\r\n", STS_CLUSTER_NO_REDIRECT, 0, "", 0 },
		{ "-MOVED 1 192.0.2.2\r\n", STS_CLUSTER_NO_REDIRECT, 0, "", 0 },
		{ "-MOVED x 192.0.2.2:1\r\n", STS_CLUSTER_NO_REDIRECT, 0, "", 0 },
		{ "-MOVED 1 a b:1\r\n", STS_CLUSTER_NO_REDIRECT, 0, "", 0 },
		{ "-MOVED\r\n", STS_CLUSTER_NO_REDIRECT, 0, "", 0 },
		{ "-CLUSTERDOWN The cluster is down\r\n", STS_CLUSTER_NO_REDIRECT, 0, "", 0 },
		{ "+MOVED 1 192.0.2.2:1\r\n", STS_CLUSTER_NO_REDIRECT, 0, "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sts_reply reply = parse(rows[i].reply);
		struct sts_cluster_node where;
		unsigned slot = 0;
		enum sts_cluster_redirect turn = sts_cluster_redirect(&reply, &asked, &slot, &where);

		if (turn != rows[i].turn)
			fail_msg("%s: %d", rows[i].reply, (int)turn);
		if (turn != STS_CLUSTER_NO_REDIRECT) {
			assert_int_equal(slot, rows[i].slot);
			assert_string_equal(where.host, rows[i].host);
			assert_int_equal(where.port, rows[i].port);
		}
		sts_reply_free(&reply);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slots),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_no_map),
		cmocka_unit_test(test_redirects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
