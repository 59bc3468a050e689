/* SPDX-License-Identifier: ISC */
/*
 * cluster.c - a cluster of one node: one server has all keys, but still refuses a script whose keys are in several slots.
 * Clusters of several nodes are in tests/e2e.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/ledger/counts.h"

#include "fixture.h"
#include "log_lines.h"

static struct redis_server *node;

static bool
is_whole(void)
{
	return strstr(redis_server_ask(node, "CLUSTER INFO"), "cluster_state:ok") != NULL;
}

static struct redis_server *
new_node(void)
{
	char settings[80];

	/* The default cluster bus port is the data port plus 10000, which may not exist. */
	snprintf(settings, sizeof(settings), "cluster-enabled yes\ncluster-port %u\n", (unsigned)redis_server_free_port());
	return redis_server_start(settings);
}

static int
start_node(void **state)
{
	(void)state;
	node = new_node();
	assert_string_equal(redis_server_ask(node, "CLUSTER ADDSLOTSRANGE 0 16383"), "OK");
	UNTIL(is_whole());
	return 0;
}

static int
end_node(void **state)
{
	(void)state;
	redis_server_end(&node);
	return 0;
}

static int
setup(void **state)
{
	struct sts_store_params params = fixture_params(node);
	struct sts_endpoint tcp = redis_server_tcp(node);
	char text[64];

	redis_server_ask(node, "FLUSHALL");
	redis_server_ask(node, "SCRIPT FLUSH");
	snprintf(text, sizeof(text), "cluster:127.0.0.1:%u", (unsigned)tcp.port);
	assert_true(sts_endpoint_parse(text, &params.endpoint, NULL, 0));
	log_lines_clear();
	*state = fixture_open(&params);
	return 0;
}

static struct sts_counts_row
row_of(const char *domain, const char *day)
{
	static const struct sts_count fields[] = { { "messages", 3 } };
	struct sts_counts_row row = { .first_seen = NOW, .last_seen = NOW + 5, .messages = 3, .field_count = 1, .fields = fields };

	snprintf(row.domain, sizeof(row.domain), "%s", domain);
	snprintf(row.day, sizeof(row.day), "%s", day);
	return row;
}

static int64_t
messages(const char *key)
{
	return redis_server_number(node, "HGET mta-sts:%s messages", key);
}

/* A batch has rows in many slots: each must be sent separately. */
static void
test_batches(void **state)
{
	const struct sts_counts_row rows[] = {
		row_of("", "2025-08-09"), row_of("a.example", "2025-08-09"), row_of("b.example", "2025-08-09"), row_of("", "2025-08-10"),
	};
	struct sts_counts_batch batch = { .incarnation = "0123456789abcdef0123456789abcdef", .row_count = 4, .rows = rows };

	/* The first time the script is unknown, the second time it is known, the third time is a repetition. */
	for (int i = 0; i < 3; i++) {
		batch.sequence = i == 0 ? 1 : 2;
		assert_int_equal(sts_store_apply(*state, &batch), STS_OK);
	}
	assert_int_equal(messages("stats"), 12);
	assert_int_equal(messages("stats:2025-08-09"), 6);
	assert_int_equal(messages("stats:2025-08-10"), 6);
	assert_int_equal(messages("domain:{a.example}"), 6);
	assert_int_equal(messages("domain:{b.example}:2025-08-09"), 6);
	assert_string_equal(redis_server_ask(node, "ZRANGE mta-sts:domains 0 -1"), "a.example b.example ");
	assert_int_equal(log_lines_with("redis cluster:"), 0);
}

static void
test_policies(void **state)
{
	struct sts_entry *entry = fixture_entry(STS_STATE_POLICY, NOW, NOW), *got;

	assert_int_equal(sts_store_put(*state, entry, NOW), STS_OK);
	assert_int_equal(sts_store_get(*state, "a.example", NOW, &got), STS_OK);
	assert_string_equal(got->id, entry->id);
	sts_entry_unref(&got);
	assert_int_equal(sts_store_publish(*state, "a.example"), STS_OK);
	sts_entry_unref(&entry);
	assert_int_equal(log_lines_with("redis cluster:"), 0);
}

/* A master that is cut off from the others still lists the slots that it had, and answers everything else with CLUSTERDOWN. The slot map
 * must next be fetched from another node. */
static void
test_cut_off(void **state)
{
	struct redis_server *cut_off = new_node();
	struct sts_store_params params = fixture_params(node);
	struct sts_entry *entry = fixture_entry(STS_STATE_POLICY, NOW, NOW);
	struct sts_store *store;
	char text[80];

	(void)state;
	assert_string_equal(redis_server_ask(cut_off, "CLUSTER ADDSLOTSRANGE 0 16382"), "OK");
	snprintf(text, sizeof(text), "cluster:127.0.0.1:%u,127.0.0.1:%u", (unsigned)redis_server_tcp(cut_off).port,
	    (unsigned)redis_server_tcp(node).port);
	assert_true(sts_endpoint_parse(text, &params.endpoint, NULL, 0));
	store = fixture_open(&params);
	assert_int_equal(sts_store_put(store, entry, NOW), STS_EUNAVAILABLE);
	assert_int_equal(log_lines_with("CLUSTERDOWN"), 1);
	sts_store_try_now(store);
	assert_int_equal(sts_store_put(store, entry, NOW), STS_OK);
	assert_int_equal(redis_server_number(node, "EXISTS mta-sts:policy:{a.example}"), 1);
	assert_int_equal(log_lines_with("is back"), 1);
	sts_store_close(&store);
	sts_entry_unref(&entry);
	redis_server_end(&cut_off);
}

static int
teardown(void **state)
{
	struct sts_store *store = *state;

	sts_store_close(&store);
	return 0;
}

int
cluster(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_batches, setup, teardown),
		cmocka_unit_test_setup_teardown(test_policies, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cut_off, setup, teardown),
	};

	return cmocka_run_group_tests_name("store: a cluster of one", tests, start_node, end_node);
}
