/* SPDX-License-Identifier: ISC */
/* counters.c - batches of counters and chunks of evidence count exactly once, whatever else is in Redis; the limit on domains. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/ledger/counts.h"

#include "fixture.h"
#include "log_lines.h"
#include "redis_server.h"

/* ---- counters ---- */

static const char incarnation[] = "0123456789abcdef0123456789abcdef";
static const struct sts_count two_fields[] = { { "messages", 3 }, { "result:pass", 2 } };

static struct sts_counts_row
row_of(const char *domain, const char *day)
{
	struct sts_counts_row row = {
		.first_seen = NOW, .last_seen = NOW + 5, .last_plaintext = 0, .messages = 3, .field_count = 2, .fields = two_fields,
	};

	strcpy(row.domain, domain);
	strcpy(row.day, day);
	return row;
}

static enum sts_status
apply(struct sts_store *store, uint64_t sequence, const struct sts_counts_row *rows, size_t count)
{
	struct sts_counts_batch batch = { .sequence = sequence, .row_count = count, .rows = rows };

	strcpy(batch.incarnation, incarnation);
	return sts_store_apply(store, &batch);
}

static int64_t
field(const char *key, const char *name)
{
	return redis_server_number(fixture_server, "HGET mta-sts:%s %s", key, name);
}

static void
test_batches(void **state)
{
	struct sts_store *store = *state;
	const struct sts_counts_row rows[] = {
		row_of("", "2025-08-09"), row_of("a.example", "2025-08-09"), row_of("b.example", "2025-08-09"),
		row_of("", "2025-08-10"), row_of("a.example", "2025-08-10"),
	};

	for (int i = 0; i < 3; i++)
		assert_int_equal(apply(store, 1, rows, 5), STS_OK);
	assert_int_equal(field("stats", "messages"), 6);
	assert_int_equal(field("stats:2025-08-09", "messages"), 3);
	assert_int_equal(field("stats:2025-08-10", "result:pass"), 2);
	assert_int_equal(field("domain:{a.example}", "messages"), 6);
	assert_int_equal(field("domain:{a.example}:2025-08-09", "messages"), 3);
	assert_int_equal(field("domain:{b.example}", "result:pass"), 2);
	assert_int_equal(field("stats", "first_seen"), INT64_MIN);
	/* The next batch counts: first a part of it, then all, with SCRIPT FLUSH in between. */
	assert_int_equal(apply(store, 2, rows, 2), STS_OK);
	redis_server_ask(fixture_server, "SCRIPT FLUSH");
	assert_int_equal(apply(store, 2, rows, 5), STS_OK);
	assert_int_equal(field("stats", "messages"), 12);
	assert_int_equal(field("domain:{a.example}", "messages"), 12);
	assert_int_equal(field("domain:{b.example}", "messages"), 6);
	assert_string_equal(redis_server_ask(fixture_server, "ZRANGE mta-sts:domains 0 -1"), "a.example b.example ");
}

/* A forbidden command is logged, and nothing is marked as applied: once allowed again, each message counts once. */
static void
test_refused_for_a_while(void **state)
{
	static const char *const commands[] = { "hmget", "hset", "expire" };
	const struct sts_counts_row rows[] = { row_of("", "2025-08-09"), row_of("a.example", "2025-08-09") };
	uint64_t sequence = 0;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		sequence++;
		redis_server_ask(fixture_server, "ACL SETUSER default -%s", commands[i]);
		for (int try = 0; try < 3; try++)
			assert_int_equal(apply(*state, sequence, rows, 2), STS_EUNAVAILABLE);
		assert_true(sts_store_is_refused(*state));
		redis_server_ask(fixture_server, "ACL SETUSER default +@all");
		assert_int_equal(apply(*state, sequence, rows, 2), STS_OK);
		assert_false(sts_store_is_refused(*state));
		assert_int_equal(field("stats", "messages"), 3 * sequence);
		assert_int_equal(field("domain:{a.example}", "messages"), 3 * sequence);
	}
	/* Each topic is logged once an hour. */
	assert_int_equal(log_lines_with("(counters, HMGET: "), 1);
	log_lines_clear();
}

/* The list of domains is forbidden: the counters go on. */
static void
test_the_list_is_refused(void **state)
{
	const struct sts_counts_row rows[] = { row_of("", "2025-08-09"), row_of("a.example", "2025-08-09") };

	redis_server_ask(fixture_server, "ACL SETUSER default -zadd");
	for (uint64_t sequence = 1; sequence <= 3; sequence++)
		assert_int_equal(apply(*state, sequence, rows, 2), STS_OK);
	redis_server_ask(fixture_server, "ACL SETUSER default +@all");
	assert_int_equal(field("stats", "messages"), 9);
	assert_int_equal(field("domain:{a.example}", "messages"), 9);
	assert_int_equal(log_lines_with("ZADD"), 1);
	log_lines_clear();
}

static void
test_batches_of_a_new_process(void **state)
{
	struct sts_counts_row row = row_of("a.example", "2025-08-09");
	struct sts_counts_batch batch = { .incarnation = "ffffffffffffffffffffffffffffffff", .sequence = 1, .row_count = 1,
	    .rows = &row };

	assert_int_equal(apply(*state, 7, &row, 1), STS_OK);
	assert_int_equal(sts_store_apply(*state, &batch), STS_OK);
	assert_int_equal(field("domain:{a.example}", "messages"), 6);
}

static void
test_times(void **state)
{
	struct sts_counts_row row = row_of("a.example", "2025-08-09");

	row.last_plaintext = NOW + 2;
	assert_int_equal(apply(*state, 1, &row, 1), STS_OK);
	row.first_seen = NOW - 50;
	row.last_seen = NOW - 40;
	row.last_plaintext = NOW - 45;
	assert_int_equal(apply(*state, 2, &row, 1), STS_OK);
	assert_int_equal(field("domain:{a.example}", "first_seen"), NOW - 50);
	assert_int_equal(field("domain:{a.example}", "last_seen"), NOW + 5);
	assert_int_equal(field("domain:{a.example}", "last_plaintext"), NOW + 2);
	assert_int_equal(redis_server_number(fixture_server, "ZSCORE mta-sts:domains a.example"), NOW + 5);
	row.last_plaintext = 0;
	row.last_seen = NOW + 60;
	assert_int_equal(apply(*state, 3, &row, 1), STS_OK);
	assert_int_equal(field("domain:{a.example}", "last_plaintext"), NOW + 2);
	assert_int_equal(redis_server_number(fixture_server, "ZSCORE mta-sts:domains a.example"), NOW + 60);
}

/* Every key except the totals expires. */
static void
test_expiry(void **state)
{
	const struct sts_counts_row rows[] = { row_of("", "2025-08-09"), row_of("a.example", "2025-08-09") };
	static const char *const keys[] = { "stats:2025-08-09", "domain:{a.example}", "domain:{a.example}:2025-08-09", "domains" };

	assert_int_equal(apply(*state, 1, rows, 2), STS_OK);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		int64_t ttl = redis_server_number(fixture_server, "TTL mta-sts:%s", keys[i]);

		if (ttl > DAYS * DAY_S || ttl < DAYS * DAY_S - 60)
			fail_msg("%s: %lld", keys[i], (long long)ttl);
	}
	assert_int_equal(redis_server_number(fixture_server, "TTL mta-sts:stats"), -1);
	assert_int_equal(redis_server_number(fixture_server,
	    "EVAL %s 0", "local n=0 for _,k in ipairs(redis.call('KEYS','*')) do if redis.call('TTL',k)<0 then n=n+1 end end return n"), 1);
	assert_in_range(redis_server_number(fixture_server, "TTL mta-sts:applied:{a.example}:%s", incarnation), DAY_S - 60, DAY_S);
}

static void
test_domains_are_trimmed(void **state)
{
	struct sts_counts_row row = row_of("a.example", "2025-08-09");

	redis_server_ask(fixture_server, "ZADD mta-sts:domains %lld old.example", (long long)NOW - DAYS * DAY_S - 1000);
	assert_int_equal(apply(*state, 1, &row, 1), STS_OK);
	assert_string_equal(redis_server_ask(fixture_server, "ZRANGE mta-sts:domains 0 -1"), "a.example ");
	redis_server_ask(fixture_server, "ZADD mta-sts:domains 1 old.example");
	assert_int_equal(apply(*state, 2, &row, 1), STS_OK);	/* trimmed only now and then */
	assert_int_equal(redis_server_number(fixture_server, "ZCARD mta-sts:domains"), 2);
	row.last_seen += 3600;
	assert_int_equal(apply(*state, 3, &row, 1), STS_OK);
	assert_int_equal(redis_server_number(fixture_server, "ZCARD mta-sts:domains"), 1);
}

/* A row that cannot be counted must not hold up the others, and is logged once. */
static void
test_foreign_keys(void **state)
{
	static const char *const rows[] = {
		"SET mta-sts:domain:{a.example} x", "RPUSH mta-sts:domain:{a.example}:2025-08-09 x",
		"SET mta-sts:applied:{a.example}:0123456789abcdef0123456789abcdef x",
		"HSET mta-sts:applied:{a.example}:0123456789abcdef0123456789abcdef 2025-08-09 x",
	};
	const struct sts_counts_row batch[] = { row_of("", "2025-08-09"), row_of("a.example", "2025-08-09"),
	    row_of("b.example", "2025-08-09") };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		redis_server_ask(fixture_server, "FLUSHALL");
		redis_server_ask(fixture_server, rows[i]);
		for (uint64_t sequence = 1; sequence <= 2; sequence++)
			assert_int_equal(apply(*state, sequence, batch, 3), STS_OK);
		if (field("stats", "messages") != 6 || field("domain:{b.example}", "messages") != 6)
			fail_msg("%s: others are not counted", rows[i]);
		if (field("domain:{a.example}", "messages") != INT64_MIN ||
		    field("domain:{a.example}:2025-08-09", "messages") != INT64_MIN)
			fail_msg("%s: counted in part", rows[i]);
	}
	assert_int_equal(log_lines_with("domain:{a.example} holds something that is not ours"), 1);
	assert_int_equal(log_lines_with(""), 1);
}

static void
test_foreign_domains(void **state)
{
	struct sts_counts_row row = row_of("a.example", "2025-08-09");

	redis_server_ask(fixture_server, "SET mta-sts:domains x");
	assert_int_equal(apply(*state, 1, &row, 1), STS_OK);
	assert_int_equal(field("domain:{a.example}", "messages"), 3);
	assert_int_equal(log_lines_with("mta-sts:domains holds"), 1);
}

static void
test_odd_fields(void **state)
{
	struct sts_counts_row row = row_of("a.example", "2025-08-09");

	redis_server_ask(fixture_server, "HSET mta-sts:domain:{a.example} messages many first_seen x last_seen y");
	assert_int_equal(apply(*state, 1, &row, 1), STS_OK);
	assert_string_equal(redis_server_ask(fixture_server, "HGET mta-sts:domain:{a.example} messages"), "many");
	assert_int_equal(field("domain:{a.example}", "result:pass"), 2);
	assert_int_equal(field("domain:{a.example}", "first_seen"), NOW);
	assert_int_equal(field("domain:{a.example}", "last_seen"), NOW + 5);
	assert_int_equal(field("domain:{a.example}:2025-08-09", "messages"), 3);
	redis_server_ask(fixture_server, "HSET mta-sts:domain:{a.example} result:pass 9223372036854775807");
	assert_int_equal(apply(*state, 2, &row, 1), STS_OK);
	assert_string_equal(redis_server_ask(fixture_server, "HGET mta-sts:domain:{a.example} result:pass"), "9223372036854775807");
	assert_int_equal(field("domain:{a.example}:2025-08-09", "messages"), 6);
	assert_int_equal(log_lines_with(""), 1);
}

/* As after a start with a spool: field names from the spool, and the process's own. */
static void
test_fields_twice(void **state)
{
	const struct sts_count fields[] = { { "messages", 3 }, { "result:pass", 1 }, { "messages", 4 }, { "messages", 5 } };
	struct sts_counts_row row = row_of("a.example", "2025-08-09");

	row.fields = fields;
	row.field_count = 4;
	assert_int_equal(apply(*state, 1, &row, 1), STS_OK);
	assert_int_equal(apply(*state, 2, &row, 1), STS_OK);
	assert_int_equal(field("domain:{a.example}", "messages"), 24);
	assert_int_equal(field("domain:{a.example}:2025-08-09", "messages"), 24);
	assert_int_equal(field("domain:{a.example}", "result:pass"), 2);
}

/* Many chunks, very many fields, no fields. */
static void
test_large_batches(void **state)
{
	enum { ROWS = 1000, FIELDS = 2000 };
	struct sts_counts_row *rows = calloc(ROWS, sizeof(*rows));
	struct sts_count *fields = calloc(FIELDS, sizeof(*fields));
	char (*names)[16] = calloc(FIELDS, sizeof(*names));

	for (size_t i = 0; i < ROWS; i++) {
		char domain[32];

		snprintf(domain, sizeof(domain), "d%zu.example", i);
		rows[i] = row_of(domain, "2025-08-09");
	}
	for (size_t i = 0; i < FIELDS; i++) {
		snprintf(names[i], sizeof(names[i]), "cipher:%zu", i);
		fields[i] = (struct sts_count){ names[i], 1 };
	}
	rows[500].fields = fields;
	rows[500].field_count = FIELDS;
	rows[501].field_count = 0;
	assert_int_equal(apply(*state, 1, rows, ROWS), STS_OK);
	assert_int_equal(redis_server_number(fixture_server, "ZCARD mta-sts:domains"), ROWS);
	assert_int_equal(redis_server_number(fixture_server, "HLEN mta-sts:domain:{d500.example}"), FIELDS + 2);
	assert_int_equal(redis_server_number(fixture_server, "HLEN mta-sts:domain:{d501.example}"), 2);
	assert_int_equal(field("domain:{d999.example}", "messages"), 3);
	free(rows);
	free(fields);
	free(names);
}

/* ---- the limit on domains ---- */

static void
count_domain(struct sts_store *store, const char *domain, int64_t now)
{
	static const struct sts_count fields[] = { { "messages", 1 } };
	static uint64_t sequence;
	struct sts_counts_row row = { .first_seen = now, .last_seen = now, .messages = 1, .field_count = 1, .fields = fields };
	struct sts_counts_batch batch = { .incarnation = "00112233445566778899aabbccddeeff", .sequence = ++sequence,
		.row_count = 1, .rows = &row };

	strcpy(row.domain, domain);
	sts_day_of(now, row.day);
	assert_int_equal(sts_store_apply(store, &batch), STS_OK);
}

static int64_t
count_keys(const char *pattern)
{
	return redis_server_number(fixture_server, "EVAL %s 0 %s", "return #redis.call('KEYS', ARGV[1])", pattern);
}

/* The domain seen least recently goes, with its hashes for all days. */
static void
test_too_many_domains(void **state)
{
	struct sts_store_params params = fixture_params(fixture_server);
	struct sts_store *store;

	(void)state;
	params.stats_domains = 3;
	store = fixture_open(&params);
	count_domain(store, "old.example", NOW);
	count_domain(store, "old.example", NOW + DAY_S);
	count_domain(store, "old.example", NOW + 2 * DAY_S);
	redis_server_ask(fixture_server, "HSET mta-sts:history:{old.example} tls:2025-08-09 1");
	assert_int_equal(count_keys("mta-sts:domain:{old.example}*"), 4);
	for (int i = 0; i < 3; i++) {
		char domain[32];

		snprintf(domain, sizeof(domain), "d%d.example", i);
		count_domain(store, domain, NOW + 3 * DAY_S + i * 100);
	}
	assert_int_equal(count_keys("mta-sts:domain:{old.example}*"), 0);
	assert_int_equal(count_keys("mta-sts:history:*"), 0);
	assert_int_equal(count_keys("mta-sts:domain:{d0.example}*"), 2);
	assert_string_equal(redis_server_ask(fixture_server, "ZRANGE mta-sts:domains 0 -1"),
	    "d0.example d1.example d2.example ");
	sts_store_close(&store);
}

/* Many at once, with odd members among them: takes more than one step. */
static void
test_far_too_many_domains(void **state)
{
	struct sts_store_params params = fixture_params(fixture_server);
	struct sts_store *store;

	(void)state;
	params.stats_domains = 10;
	store = fixture_open(&params);
	redis_server_ask(fixture_server, "EVAL %s 0 %d",
	    "for i = 1, 1500 do local d = 'd' .. i .. '.example'\n"
	    "redis.call('ZADD', 'mta-sts:domains', ARGV[1] - i, d)\n"
	    "redis.call('HSET', 'mta-sts:domain:{' .. d .. '}', 'messages', 1, 'first_seen', ARGV[1], 'last_seen', ARGV[1])\n"
	    "redis.call('HSET', 'mta-sts:domain:{' .. d .. '}:2025-08-09', 'messages', 1) end", NOW);
	redis_server_ask(fixture_server, "ZADD mta-sts:domains %d %s", NOW - 9000, "}:stats");
	redis_server_ask(fixture_server, "HSET mta-sts:domain:{d7.example} first_seen x last_seen 99999999999999999999");
	count_domain(store, "new.example", NOW + 10);
	assert_int_equal(redis_server_number(fixture_server, "ZCARD mta-sts:domains"), 10);
	assert_int_equal(count_keys("mta-sts:domain:{*}"), 10);
	assert_int_equal(count_keys("mta-sts:domain:{*}:2025-08-09"), 10);
	sts_store_close(&store);
}

/* ---- no store ---- */

static void
test_none(void **state)
{
	struct sts_store_params params = fixture_params(fixture_server);
	const struct sts_counts_row rows[] = { row_of("", "2025-08-09"), row_of("a.example", "2025-08-09") };
	struct sts_entry *entry = fixture_entry(STS_STATE_ABSENT, 0, NOW), *got;
	char value[] = "0";
	const struct sts_stream_entry evidence = { .field_count = 1, .fields = { { "ts", value } } };
	struct sts_store *none;
	size_t written;

	(void)state;
	params.endpoint.kind = STS_ENDPOINT_NONE;
	none = fixture_open(&params);
	assert_int_equal(sts_store_put(none, entry, NOW), STS_OK);
	assert_int_equal(sts_store_get(none, "a.example", NOW, &got), STS_ENOTFOUND);
	assert_null(got);
	assert_int_equal(sts_store_lock(none, "a.example", 1), STS_OK);
	assert_int_equal(sts_store_unlock(none, "a.example"), STS_OK);
	assert_int_equal(apply(none, 1, rows, 2), STS_OK);
	assert_int_equal(apply(none, 2, rows, 2), STS_OK);
	assert_int_equal(sts_store_append(none, &evidence, 1, &written), STS_OK);
	assert_int_equal(written, 1);
	assert_true(sts_store_is_up(none));
	sts_store_try_now(none);
	sts_store_close(&none);
	assert_null(none);
	assert_int_equal(log_lines_with(" messages=6 result:pass=4"), 1);
	sts_entry_unref(&entry);
}

int
counters(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(test_batches),
		FIXTURE_TEST(test_refused_for_a_while),
		FIXTURE_TEST(test_the_list_is_refused),
		FIXTURE_TEST(test_batches_of_a_new_process),
		FIXTURE_TEST(test_times),
		FIXTURE_TEST(test_expiry),
		FIXTURE_TEST(test_domains_are_trimmed),
		FIXTURE_TEST(test_foreign_keys),
		FIXTURE_TEST(test_foreign_domains),
		FIXTURE_TEST(test_odd_fields),
		FIXTURE_TEST(test_fields_twice),
		FIXTURE_TEST(test_large_batches),
		FIXTURE_TEST(test_too_many_domains),
		FIXTURE_TEST(test_far_too_many_domains),
		FIXTURE_TEST(test_none),
	};

	return cmocka_run_group_tests_name("store: counters", tests, NULL, NULL);
}
