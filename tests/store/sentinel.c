/* SPDX-License-Identifier: ISC */
/* sentinel.c - finds the master through sentinels, before and after a failover. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "log_lines.h"

/* A store that uses the sentinel; the first sentinel listed does not exist. */
static struct sts_store *
open_behind(struct redis_server *sentinel, const char *name)
{
	struct sts_store_params params = fixture_params(sentinel);
	struct sts_endpoint port = redis_server_tcp(sentinel);
	char text[100];

	snprintf(text, sizeof(text), "sentinel:%s@127.0.0.1:1,127.0.0.1:%u", name, (unsigned)port.port);
	assert_true(sts_endpoint_parse(text, &params.endpoint, NULL, 0));
	return fixture_open(&params);
}

static bool
knows_a_replica(struct redis_server *sentinel)
{
	return strstr(redis_server_ask(sentinel, "SENTINEL REPLICAS main"), "master-link-status ok") != NULL;
}

static void
test_failover(void **state)
{
	struct redis_server *master = redis_server_start(""), *replica, *watch;
	struct sts_entry *entry = fixture_entry(STS_STATE_ABSENT, 0, NOW);
	struct sts_store *store;
	char settings[64];

	(void)state;
	snprintf(settings, sizeof(settings), "replicaof 127.0.0.1 %u\n", (unsigned)redis_server_tcp(master).port);
	replica = redis_server_start(settings);
	watch = redis_server_sentinel(master);
	UNTIL(knows_a_replica(watch));
	log_lines_clear();
	store = open_behind(watch, "main");
	assert_int_equal(sts_store_put(store, entry, NOW), STS_OK);
	assert_int_equal(redis_server_number(master, "EXISTS mta-sts:policy:{a.example}"), 1);
	UNTIL(redis_server_number(replica, "EXISTS mta-sts:policy:{a.example}") == 1);
	redis_server_kill(master);
	UNTIL(sts_store_publish(store, "b.example") == STS_OK);
	redis_server_forget(replica);	/* a sentinel closes all connections to a server whose role it changes */
	assert_int_equal(redis_server_number(replica, "ZCARD mta-sts:invalidated"), 1);
	assert_int_equal(log_lines_with("redis sentinel:main is away"), 1);
	assert_int_equal(log_lines_with("redis sentinel:main is back"), 1);
	log_lines_clear();
	sts_store_close(&store);
	sts_entry_unref(&entry);
	redis_server_end(&watch);
	redis_server_end(&replica);
	redis_server_end(&master);
}

static void
test_no_master(void **state)
{
	struct redis_server *master = redis_server_start(""), *watch = redis_server_sentinel(master);
	struct sts_store *store = open_behind(watch, "other");

	(void)state;
	log_lines_clear();
	assert_int_equal(sts_store_publish(store, "b.example"), STS_EUNAVAILABLE);
	assert_int_equal(log_lines_with("knows no master of this name"), 1);
	sts_store_close(&store);
	/* An ordinary Redis, no sentinel. */
	store = open_behind(master, "main");
	log_lines_clear();
	assert_int_equal(sts_store_publish(store, "b.example"), STS_EUNAVAILABLE);
	assert_int_equal(log_lines_with("refuses: ERR unknown command"), 1);
	sts_store_close(&store);
	redis_server_end(&watch);
	store = open_behind(master, "main");
	redis_server_kill(master);
	log_lines_clear();
	assert_int_equal(sts_store_publish(store, "b.example"), STS_EUNAVAILABLE);
	assert_int_equal(log_lines_with("Connection refused"), 1);
	log_lines_clear();
	sts_store_close(&store);
	redis_server_end(&master);
}

int
sentinel(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_failover),
		cmocka_unit_test(test_no_master),
	};

	return cmocka_run_group_tests_name("store: sentinel", tests, NULL, NULL);
}
