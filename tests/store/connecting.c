/* SPDX-License-Identifier: ISC */
/* connecting.c - sockets, passwords, users, databases, prefixes. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/store/store_link.h"

#include "fixture.h"
#include "log_lines.h"
#include "redis_server.h"

#define KEY "mta-sts:policy:{a.example}"

/* ---- ways to connect ---- */

struct way {
	const char *name;
	const char *username, *password, *prefix;
	int64_t db;
	bool tcp, good;
	bool refused;		/* the command is refused, not the connection */
};

static void
check_way(struct redis_server *s, const struct way *way)
{
	struct sts_store_params params = fixture_params(s);
	struct sts_entry *entry = fixture_entry(STS_STATE_ABSENT, 0, NOW), *got;
	struct sts_store *store;
	enum sts_status status;

	params.username = way->username;
	params.password = way->password;
	params.prefix = way->prefix;
	params.db = way->db;
	if (way->tcp)
		params.endpoint = redis_server_tcp(s);
	log_lines_clear();
	store = fixture_open(&params);
	status = sts_store_put(store, entry, NOW);
	if (status != (way->good ? STS_OK : STS_EUNAVAILABLE))
		fail_msg("%s: put: %d%s", way->name, (int)status, log_lines_text());
	status = sts_store_get(store, "a.example", NOW, &got);
	if (status != (way->good ? STS_OK : STS_EUNAVAILABLE) || (got != NULL) != way->good)
		fail_msg("%s: get: %d%s", way->name, (int)status, log_lines_text());
	if (log_lines_with("") != (way->good ? 0 : 1) || sts_store_is_up(store) != (way->good || way->refused))
		fail_msg("%s: says%s", way->name, log_lines_text());
	if (log_lines_with("secret") > 0)
		fail_msg("%s: tells the password", way->name);
	sts_entry_unref(&got);
	sts_entry_unref(&entry);
	sts_store_close(&store);
}

static void
test_ways_to_connect(void **state)
{
	static const struct way open_ways[] = {
		{ "unix", "", "", "mta-sts:", 0, false, true, false },
		{ "tcp", "", "", "mta-sts:", 0, true, true, false },
		{ "db", "", "", "mta-sts:", 3, true, true, false },
		{ "db out of range", "", "", "mta-sts:", 99, false, false, false },
		{ "prefix", "", "", "x/y:", 0, false, true, false },
		{ "a password where there is none", "", "secret", "mta-sts:", 0, false, false, false },
	};
	static const struct way guarded_ways[] = {
		{ "password", "", "secret word", "mta-sts:", 0, true, true, false },
		{ "no password", "", "", "mta-sts:", 0, true, false, false },
		{ "wrong password", "", "secret", "mta-sts:", 0, true, false, false },
		{ "user", "milter", "secret of his", "mta-sts:", 2, true, true, false },
		{ "user, wrong password", "milter", "secret word", "mta-sts:", 0, true, false, false },
		{ "user, another's keys", "milter", "secret of his", "other:", 0, true, false, true },
	};
	static const struct way deaf_ways[] = {
		{ "AUTH is not known there", "", "secret word", "mta-sts:", 0, false, false, false },
		{ "nor with a user", "milter", "secret", "mta-sts:", 0, false, false, false },
	};
	struct redis_server *deaf = redis_server_start("rename-command AUTH \"\"\n");
	struct redis_server *guarded = redis_server_start("requirepass \"secret word\"\n"
	    "user milter on \">secret of his\" resetkeys ~mta-sts:* -@all +select +eval +evalsha +type +hlen +hkeys +hstrlen "
	    "+hgetall +hmget +hget +hset +del +expire");

	(void)state;
	for (size_t i = 0; i < sizeof(open_ways) / sizeof(open_ways[0]); i++)
		check_way(fixture_server, &open_ways[i]);
	assert_int_equal(redis_server_number(fixture_server, "EXISTS x/y:policy:{a.example}"), 1);
	redis_server_ask(fixture_server, "SELECT 3");
	assert_int_equal(redis_server_number(fixture_server, "EXISTS " KEY), 1);
	redis_server_ask(fixture_server, "SELECT 0");
	for (size_t i = 0; i < sizeof(guarded_ways) / sizeof(guarded_ways[0]); i++)
		check_way(guarded, &guarded_ways[i]);
	/* Redis echoes the arguments when it does not know the command. */
	for (size_t i = 0; i < sizeof(deaf_ways) / sizeof(deaf_ways[0]); i++)
		check_way(deaf, &deaf_ways[i]);
	redis_server_end(&deaf);
	redis_server_end(&guarded);
	log_lines_clear();
}

/* A refused command affects only that command: policies go on, and it is logged once. */
static void
test_one_command_refused(void **state)
{
	struct redis_server *guarded = redis_server_start(
	    "user milter on \">secret\" allkeys allchannels +@all -publish -hset\n");
	struct sts_store_params params = fixture_params(guarded);
	struct sts_entry *entry = fixture_entry(STS_STATE_ABSENT, 0, NOW), *got;
	struct sts_store *store;

	(void)state;
	params.username = "milter";
	params.password = "secret";
	store = fixture_open(&params);
	log_lines_clear();
	for (int i = 0; i < 5; i++) {
		assert_int_equal(sts_store_publish(store, "a.example"), STS_EUNAVAILABLE);
		assert_int_equal(sts_store_put(store, entry, NOW), STS_EUNAVAILABLE);
		assert_int_equal(sts_store_get(store, "a.example", NOW, &got), STS_ENOTFOUND);
		assert_int_equal(sts_store_lock(store, "a.example", 1000), STS_OK);
		assert_int_equal(sts_store_unlock(store, "a.example"), STS_OK);
	}
	assert_true(sts_store_is_up(store));
	assert_int_equal(log_lines_with("refuses a command"), 2);
	assert_int_equal(log_lines_with("publish"), 1);
	assert_int_equal(log_lines_with("(policy, HSET: "), 1);
	/* wording of Redis 7, and of Redis 8 */
	assert_int_equal(log_lines_with("run this command") + log_lines_with("ACL failure in script"), 1);
	assert_int_equal(log_lines_with("away"), 0);
	sts_entry_unref(&entry);
	sts_store_close(&store);
	redis_server_end(&guarded);
	log_lines_clear();
}

static void
test_bad_parameters(void **state)
{
	char prefix[70];
	struct sts_store_params params = fixture_params(fixture_server);
	struct sts_store *store;

	(void)state;
	memset(prefix, 'p', sizeof(prefix));
	prefix[65] = '\0';
	params.prefix = prefix;
	assert_int_equal(sts_store_open(&params, &store), STS_EINVAL);
	assert_null(store);
	params = fixture_params(fixture_server);
	params.stats_days = 0;
	assert_int_equal(sts_store_open(&params, &store), STS_EINVAL);
}

/* A plain connection: a reply of an unexpected type ends the exchange with a reason; the next exchange works. */
static void
test_link(void **state)
{
	struct sts_store_params params = fixture_params(fixture_server);
	struct sts_store_link *link;
	struct sts_reply reply;

	(void)state;
	assert_int_equal(sts_store_link_open(&params, &link), STS_OK);
	assert_string_equal(link->prefix, params.prefix);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(sts_redis_begin(link->redis), STS_OK);
		sts_redis_command(link->redis, 2);
		sts_redis_text(link->redis, "DBSIZE");
		sts_redis_text(link->redis, "x");
		assert_int_equal(sts_store_link_read(link, STS_REPLY_INTEGER, "thing", &reply), STS_EUNAVAILABLE);
		assert_non_null(strstr(sts_store_link_why(link), "thing"));
		assert_int_equal(sts_redis_begin(link->redis), STS_OK);
		sts_redis_command(link->redis, 1);
		sts_redis_text(link->redis, "DBSIZE");
		assert_int_equal(sts_store_link_read(link, STS_REPLY_ARRAY, "other", &reply), STS_EUNAVAILABLE);
		assert_non_null(strstr(sts_store_link_why(link), "other"));
		assert_int_equal(sts_redis_begin(link->redis), STS_OK);
		sts_redis_command(link->redis, 1);
		sts_redis_text(link->redis, "DBSIZE");
		assert_int_equal(sts_store_link_read(link, STS_REPLY_INTEGER, "thing", &reply), STS_OK);
		sts_reply_free(&reply);
	}
	sts_store_link_close(&link);
	assert_null(link);
	sts_store_link_close(&link);
	log_lines_clear();
}

int
connecting(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(test_ways_to_connect),
		FIXTURE_TEST(test_one_command_refused),
		FIXTURE_TEST(test_bad_parameters),
		FIXTURE_TEST(test_link),
	};

	return cmocka_run_group_tests_name("store: connecting", tests, NULL, NULL);
}
