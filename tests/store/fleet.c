/* SPDX-License-Identifier: ISC */
/* fleet.c - what nodes tell each other through Redis: invalidations, commands and heartbeats. */
#include "config.h"

#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "log_lines.h"
#include "shared-cache/base/clock.h"
#include "shared-cache/query/query.h"
#include "shared-cache/store/subscription.h"

enum { HEARD = 64, NUMBERS = 4000 };

/* ---- a listening node ---- */

struct listener_of_news {
	pthread_mutex_t mutex;
	char domains[HEARD][STS_DOMAIN_CAP];
	size_t count;
	bool numbers[NUMBERS];		/* of m0.example, m1.example, ... */
	unsigned all;
	char told[32];
	struct sts_subscription *subscription;
};

static void
on_invalid(void *arg, const char *domain)
{
	struct listener_of_news *l = arg;
	unsigned number;

	pthread_mutex_lock(&l->mutex);
	if (l->count < HEARD)
		strcpy(l->domains[l->count++], domain);
	if (sscanf(domain, "m%u.example", &number) == 1 && number < NUMBERS)
		l->numbers[number] = true;
	pthread_mutex_unlock(&l->mutex);
}

static void
on_all_invalid(void *arg)
{
	struct listener_of_news *l = arg;

	pthread_mutex_lock(&l->mutex);
	l->all++;
	pthread_mutex_unlock(&l->mutex);
}

static void
on_told(void *arg, const char *word, size_t len)
{
	struct listener_of_news *l = arg;

	pthread_mutex_lock(&l->mutex);
	snprintf(l->told, sizeof(l->told), "%.*s", (int)len, word);
	pthread_mutex_unlock(&l->mutex);
}

static bool
was_told(struct listener_of_news *l, const char *word)
{
	bool told;

	pthread_mutex_lock(&l->mutex);
	told = strcmp(l->told, word) == 0;
	pthread_mutex_unlock(&l->mutex);
	return told;
}

static unsigned
times_heard(struct listener_of_news *l, const char *domain)
{
	unsigned n = 0;

	pthread_mutex_lock(&l->mutex);
	for (size_t i = 0; i < l->count; i++)
		n += strcmp(l->domains[i], domain) == 0;
	pthread_mutex_unlock(&l->mutex);
	return n;
}

static size_t
count_heard(struct listener_of_news *l)
{
	size_t n;

	pthread_mutex_lock(&l->mutex);
	n = l->count;
	pthread_mutex_unlock(&l->mutex);
	return n;
}

static unsigned
times_all(struct listener_of_news *l)
{
	unsigned n;

	pthread_mutex_lock(&l->mutex);
	n = l->all;
	pthread_mutex_unlock(&l->mutex);
	return n;
}

static int64_t
count_subscribers(void)
{
	const char *answer = redis_server_ask(fixture_server, "PUBSUB NUMSUB mta-sts:invalidate");

	return strtoll(answer + strlen("mta-sts:invalidate "), NULL, 10);
}

static void
listen_with(struct listener_of_news *l, const struct sts_store_params *params)
{
	const struct sts_subscription_events events = { on_invalid, on_all_invalid, on_told, l };

	memset(l, 0, sizeof(*l));
	pthread_mutex_init(&l->mutex, NULL);
	assert_int_equal(sts_subscription_new(params, &events, &l->subscription), STS_OK);
	assert_int_equal(sts_subscription_start(l->subscription), STS_OK);
}

static void
start_listening(struct listener_of_news *l)
{
	struct sts_store_params params = fixture_params(fixture_server);

	listen_with(l, &params);
	UNTIL(count_subscribers() == 1);
}

/* Until a listener has caught up, it hears messages twice: so wait until it has heard one, and then reset its counts. */
static void
start_counting(struct listener_of_news *l)
{
	start_listening(l);
	redis_server_ask(fixture_server, "PUBLISH mta-sts:invalidate begin.example");
	UNTIL(times_heard(l, "begin.example") == 1);
	pthread_mutex_lock(&l->mutex);
	l->count = 0;
	pthread_mutex_unlock(&l->mutex);
}

static void
stop_listening(struct listener_of_news *l)
{
	sts_subscription_stop(&l->subscription);
	assert_null(l->subscription);
	sts_subscription_stop(&l->subscription);
	pthread_mutex_destroy(&l->mutex);
	UNTIL(count_subscribers() == 0);
}

/* ---- tests ---- */

static void
test_publish(void **state)
{
	struct listener_of_news l;

	start_counting(&l);
	assert_int_equal(sts_store_publish(*state, "a.example"), STS_OK);
	UNTIL(times_heard(&l, "a.example") > 0);
	assert_int_equal(redis_server_number(fixture_server, "ZCARD mta-sts:invalidated"), 1);
	assert_true(redis_server_number(fixture_server, "TTL mta-sts:invalidated") > 86000);
	/* Redis's clock, in milliseconds, with all digits */
	assert_in_range(redis_server_number(fixture_server, "ZSCORE mta-sts:invalidated a.example"),
	    (sts_clock_now() - 60) * 1000, (sts_clock_now() + 60) * 1000);
	assert_int_equal(times_all(&l), 0);
	stop_listening(&l);
}

static void
test_purge(void **state)
{
	struct sts_entry *entry = fixture_entry(STS_STATE_POLICY, NOW, NOW), *got;
	struct listener_of_news l;

	start_counting(&l);
	assert_int_equal(sts_store_put(*state, entry, NOW), STS_OK);
	assert_int_equal(sts_store_purge(*state, "a.example"), STS_OK);
	assert_int_equal(sts_store_get(*state, "a.example", NOW, &got), STS_ENOTFOUND);
	UNTIL(times_heard(&l, "a.example") == 1);
	assert_int_equal(sts_store_purge(*state, "a.example"), STS_ENOTFOUND);
	UNTIL(times_heard(&l, "a.example") == 2);
	stop_listening(&l);
	sts_entry_unref(&entry);
}

/* A command to all nodes, through the read side of the store; and the enforcement fields in heartbeats. */
static bool
keep_node(void *arg, const struct sts_query_node *node)
{
	*(struct sts_query_node *)arg = *node;
	return true;
}

static void
test_tell(void **state)
{
	const struct sts_store_heartbeat heartbeat = { .started = NOW - 10, .seen = NOW, .enforcing = true, .tripped = NOW - 1,
		.refused_minute = 7, .heard = 1786300000123 };
	const struct sts_store_params params = fixture_params(fixture_server);
	const struct sts_query_params query_params = { .endpoint = &params.endpoint, .username = params.username,
		.password = params.password, .prefix = params.prefix, .db = params.db, .timeout_ms = params.timeout_ms };
	struct sts_query_node node = { .seen = 0 };
	struct listener_of_news l;
	struct sts_query *query;
	int64_t heard;

	assert_int_equal(sts_query_new(&query_params, &query), STS_OK);
	assert_int_equal(sts_query_nodes(query, 0, keep_node, &node), STS_ENOTFOUND);
	assert_int_equal(sts_query_tell(query, STS_TELL_ENFORCE_RESET, &heard), STS_OK);
	assert_int_equal(heard, 0);
	start_counting(&l);
	assert_int_equal(sts_query_tell(query, STS_TELL_ENFORCE_RESET, &heard), STS_OK);
	assert_int_equal(heard, 1);
	UNTIL(was_told(&l, "enforce-reset"));
	assert_int_equal(count_heard(&l), 0);
	stop_listening(&l);

	assert_int_equal(sts_store_heartbeat(*state, &heartbeat), STS_OK);
	redis_server_ask(fixture_server, "ZADD mta-sts:nodes %lld a=b", (long long)NOW);
	assert_int_equal(sts_query_nodes(query, NOW + 1, keep_node, &node), STS_ENOTFOUND);
	assert_int_equal(sts_query_nodes(query, NOW, keep_node, &node), STS_OK);
	assert_string_equal(node.name, params.node);
	assert_int_equal(node.seen, NOW);
	assert_int_equal(node.started, NOW - 10);
	assert_true(node.enforcing);
	assert_false(node.dry_run);
	assert_int_equal(node.tripped, NOW - 1);
	assert_int_equal(node.refused_minute, 7);
	assert_int_equal(node.heard, 1786300000123);
	sts_query_free(&query);
}

/* A cleared history also leaves every node's memory; the policy stays. */
static void
test_clear_history(void **state)
{
	struct sts_entry *entry = fixture_entry(STS_STATE_POLICY, NOW, NOW), *got;
	struct sts_history_days history;
	struct listener_of_news l;

	start_counting(&l);
	assert_int_equal(sts_store_put(*state, entry, NOW), STS_OK);
	redis_server_ask(fixture_server, "HSET mta-sts:history:{a.example} tls:2025-08-09 1");
	assert_int_equal(sts_store_history(*state, "a.example", NOW, &history), STS_OK);
	assert_int_equal(sts_store_clear_history(*state, "a.example"), STS_OK);
	assert_int_equal(sts_store_history(*state, "a.example", NOW, &history), STS_ENOTFOUND);
	UNTIL(times_heard(&l, "a.example") == 1);
	assert_int_equal(sts_store_clear_history(*state, "a.example"), STS_ENOTFOUND);
	UNTIL(times_heard(&l, "a.example") == 2);
	assert_int_equal(sts_store_get(*state, "a.example", NOW, &got), STS_OK);
	stop_listening(&l);
	sts_entry_unref(&got);
	sts_entry_unref(&entry);
}

/* Domains published while nobody listens are in the set; killed connections reconnect and read it. */
static void
test_missed(void **state)
{
	struct listener_of_news l;

	start_listening(&l);
	for (int i = 0; i < 3; i++) {
		char domain[32];

		snprintf(domain, sizeof(domain), "d%d.example", i);
		/* As if a publisher's message were lost. */
		redis_server_ask(fixture_server, "ZADD mta-sts:invalidated %lld000 %s",
		    (long long)sts_clock_now(), domain);
		redis_server_ask(fixture_server, "CLIENT KILL TYPE pubsub");
		UNTIL(times_heard(&l, domain) > 0);
	}
	assert_int_equal(sts_store_publish(*state, "a.example"), STS_OK);
	UNTIL(times_heard(&l, "a.example") > 0);
	assert_int_equal(times_all(&l), 0);
	stop_listening(&l);
}

/* A new listener does not get old invalidations. */
static void
test_old_news(void **state)
{
	struct listener_of_news l;

	(void)state;
	redis_server_ask(fixture_server, "ZADD mta-sts:invalidated %lld000 old.example",
	    (long long)sts_clock_now() - 60);
	redis_server_ask(fixture_server, "ZADD mta-sts:invalidated %lld000 new.example", (long long)sts_clock_now() + 1);
	start_listening(&l);
	UNTIL(times_heard(&l, "new.example") == 1);
	assert_int_equal(times_heard(&l, "old.example"), 0);
	stop_listening(&l);
}

/* More than a page of them, and more than the set keeps. */
static void
test_much_missed(void **state)
{
	struct listener_of_news l;

	(void)state;
	redis_server_ask(fixture_server, "EVAL %s 1 mta-sts:invalidated %lld000",
	    "for i = 1, 10000 do redis.call('ZADD', KEYS[1], ARGV[1], 'd' .. i .. '.example') end",
	    (long long)sts_clock_now() + 60);
	start_listening(&l);
	UNTIL(count_heard(&l) == HEARD && times_all(&l) == 1);
	stop_listening(&l);
	/* The set drops the oldest. */
	assert_int_equal(sts_store_publish(*state, "a.example"), STS_OK);
	assert_int_equal(redis_server_number(fixture_server, "ZCARD mta-sts:invalidated"), 10000);
}

static unsigned
count_numbers(struct listener_of_news *l)
{
	unsigned n = 0;

	pthread_mutex_lock(&l->mutex);
	for (size_t i = 0; i < NUMBERS; i++)
		n += l->numbers[i];
	pthread_mutex_unlock(&l->mutex);
	return n;
}

/* While pages are read, domains are published again, and move within the set: none is skipped. */
static void
test_missed_while_they_move(void **state)
{
	static struct listener_of_news l;

	redis_server_ask(fixture_server, "EVAL %s 1 mta-sts:invalidated %lld",
	    "for i = 0, 3999 do redis.call('ZADD', KEYS[1], ARGV[1] * 1000 + i, 'm' .. i .. '.example') end",
	    (long long)sts_clock_now());
	start_listening(&l);
	for (int i = 0; i < 400; i++) {
		char domain[32];

		snprintf(domain, sizeof(domain), "m%d.example", i);
		assert_int_equal(sts_store_publish(*state, domain), STS_OK);
	}
	UNTIL(count_numbers(&l) == NUMBERS);
	assert_int_equal(times_all(&l), 0);
	stop_listening(&l);
}

static void
test_nonsense(void **state)
{
	static const char *const words[] = { "A.example", "a.example.", "", "*", "a b", "a.example\r\nb.example", "127.0.0.1" };
	struct listener_of_news l;

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		redis_server_ask(fixture_server, "ZADD mta-sts:invalidated %lld000 %s", (long long)sts_clock_now() + 1, words[i]);
	start_listening(&l);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		redis_server_ask(fixture_server, "PUBLISH mta-sts:invalidate %s", words[i]);
	redis_server_ask(fixture_server, "PUBLISH mta-sts:invalidate last.example");
	UNTIL(times_heard(&l, "last.example") == 1);
	assert_int_equal(count_heard(&l), 1);
	stop_listening(&l);
}

/* The set's key holds something foreign: published domains are still heard. */
static void
test_foreign_set(void **state)
{
	struct listener_of_news l;

	redis_server_ask(fixture_server, "SET mta-sts:invalidated x");
	assert_int_equal(sts_store_publish(*state, "a.example"), STS_OK);
	start_listening(&l);
	UNTIL(times_all(&l) == 1);	/* what was missed is unknown */
	assert_int_equal(sts_store_publish(*state, "b.example"), STS_OK);
	UNTIL(times_heard(&l, "b.example") == 1);
	stop_listening(&l);
}

static void
test_signs(void **state)
{
	const struct sts_store_heartbeat heartbeat = { .started = NOW - 5, .seen = NOW, .pending_messages = 7, .pending_rows = 2,
		.folded_messages = 3, .dropped_stream = 4, .retried = 1 };

	redis_server_ask(fixture_server, "ZADD mta-sts:nodes %d long-gone.example.net", NOW - 8 * DAY_S);
	assert_int_equal(sts_store_heartbeat(*state, &heartbeat), STS_OK);
	assert_string_equal(redis_server_ask(fixture_server,
	    "HMGET mta-sts:node:{mx1.example.net} version started seen pending_messages pending_rows folded_messages "
	    "dropped_stream retried"), PACKAGE_VERSION " 1754740795 1754740800 7 2 3 4 1 ");
	assert_int_equal(redis_server_number(fixture_server, "TTL mta-sts:node:{mx1.example.net}"), STS_STORE_HEARTBEAT_S);
	assert_int_equal(redis_server_number(fixture_server, "TTL mta-sts:nodes"), STS_STORE_HEARTBEAT_S);
	assert_string_equal(redis_server_ask(fixture_server, "ZRANGE mta-sts:nodes 0 -1"), "mx1.example.net ");
	/* A foreign key there does no harm. */
	redis_server_ask(fixture_server, "SET mta-sts:node:{mx1.example.net} x");
	assert_int_equal(sts_store_heartbeat(*state, &heartbeat), STS_OK);
	assert_true(sts_store_is_up(*state));
}

/* A node without mail writes only heartbeats: they must notice that Redis is back. */
static void
test_sign_after_outage(void **state)
{
	struct redis_server *server = redis_server_start("");
	struct sts_store_params params = fixture_params(server);
	const struct sts_store_heartbeat heartbeat = { .started = NOW, .seen = NOW };
	struct sts_store *store = fixture_open(&params);

	(void)state;
	assert_int_equal(sts_store_heartbeat(store, &heartbeat), STS_OK);
	redis_server_kill(server);
	UNTIL(sts_store_heartbeat(store, &heartbeat) != STS_OK && !sts_store_is_up(store));
	redis_server_again(server);
	UNTIL(sts_store_heartbeat(store, &heartbeat) == STS_OK);
	assert_true(sts_store_is_up(store));
	assert_int_equal(log_lines_with("is back after"), 1);
	sts_store_close(&store);
	redis_server_end(&server);
	log_lines_clear();
}

int
fleet(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(test_publish),
		FIXTURE_TEST(test_purge),
		FIXTURE_TEST(test_tell),
		FIXTURE_TEST(test_clear_history),
		FIXTURE_TEST(test_missed),
		FIXTURE_TEST(test_old_news),
		FIXTURE_TEST(test_much_missed),
		FIXTURE_TEST(test_missed_while_they_move),
		FIXTURE_TEST(test_nonsense),
		FIXTURE_TEST(test_foreign_set),
		FIXTURE_TEST(test_signs),
		FIXTURE_TEST(test_sign_after_outage),
	};

	return cmocka_run_group_tests_name("store: fleet", tests, NULL, NULL);
}
