/* SPDX-License-Identifier: ISC */
/* histories.c - what batches add to a domain's history, each once, and what is read back, whatever is in the key. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/ledger/counts.h"

#include "fixture.h"
#include "log_lines.h"
#include "redis_server.h"

#define KEY "mta-sts:history:{a.example}"

enum { FIELDS_MAX = 2 * STS_HISTORY_DAYS + 4 };

static struct sts_counts_row
row_of(int64_t day, uint64_t own_tls, uint64_t own_plaintext)
{
	struct sts_counts_row row = {
		.domain = "a.example", .first_seen = NOW, .last_seen = NOW, .messages = own_tls + own_plaintext,
		.own_tls = own_tls, .own_plaintext = own_plaintext,
	};

	sts_history_date(day, row.day);
	return row;
}

static void
apply(struct sts_store *store, uint64_t sequence, const struct sts_counts_row *rows, size_t count)
{
	struct sts_counts_batch batch = { .incarnation = "0123456789abcdef0123456789abcdef", .sequence = sequence,
		.row_count = count, .rows = rows };

	assert_int_equal(sts_store_apply(store, &batch), STS_OK);
}

static int64_t
today(void)
{
	return sts_history_day(sts_clock_now());
}

static struct sts_history_days
read_history(struct sts_store *store)
{
	struct sts_history_days history;
	enum sts_status status = sts_store_history(store, "a.example", sts_clock_now(), &history);

	assert_int_equal(status, history.last > 0 ? STS_OK : STS_ENOTFOUND);
	return history;
}

/* However often a batch is sent, it counts once. */
static void
test_counted_once(void **state)
{
	const struct sts_counts_row rows[] = { row_of(today() - 1, 3, 0), row_of(today(), 2, 1) };
	struct sts_history_days h = read_history(*state);

	assert_int_equal(h.last, 0);
	for (int i = 0; i < 3; i++)
		apply(*state, 1, rows, 2);
	redis_server_ask(fixture_server, "SCRIPT FLUSH");
	apply(*state, 1, rows, 1);
	h = read_history(*state);
	assert_int_equal(sts_history_at(&h, today() - 1).tls, 3);
	assert_int_equal(sts_history_at(&h, today()).tls, 2);
	assert_int_equal(sts_history_at(&h, today()).plaintext, 1);
	apply(*state, 2, rows, 2);
	h = read_history(*state);
	assert_int_equal(sts_history_at(&h, today()).tls, 4);
	assert_int_equal(sts_history_at(&h, today()).plaintext, 2);
	assert_int_equal(redis_server_number(fixture_server, "HLEN " KEY), 3);
	assert_in_range(redis_server_number(fixture_server, "TTL " KEY), STS_HISTORY_DAYS * DAY_S - 60, STS_HISTORY_DAYS * DAY_S);
	/* The counters beside it are unaffected. */
	assert_int_equal(redis_server_number(fixture_server, "HGET mta-sts:domain:{a.example} last_seen"), NOW);
}

/* A row without mail from the domain's own clients creates no key. */
static void
test_none_of_its_own(void **state)
{
	static const struct sts_count fields[] = { { "messages", 4 } };
	struct sts_counts_row row = row_of(today(), 0, 0);

	row.fields = fields;
	row.field_count = 1;
	apply(*state, 1, &row, 1);
	assert_int_equal(redis_server_number(fixture_server, "EXISTS " KEY), 0);
	assert_int_equal(redis_server_number(fixture_server, "HGET mta-sts:domain:{a.example} messages"), 4);
	/* With some, the row's fields count as before. */
	row.own_tls = 1;
	apply(*state, 2, &row, 1);
	assert_int_equal(redis_server_number(fixture_server, "EXISTS " KEY), 1);
	assert_int_equal(redis_server_number(fixture_server, "HGET mta-sts:domain:{a.example} messages"), 8);
	assert_int_equal(redis_server_number(fixture_server, "HLEN " KEY), 1);
}

/* Years of mail, and wrong clocks: the key does not grow without limit. */
static void
test_bounded(void **state)
{
	struct sts_history_days h;
	uint64_t sequence = 0;

	for (int64_t day = today() - 400; day <= today() + 400; day += 2) {
		struct sts_counts_row row = row_of(day, 1, 1);

		apply(*state, ++sequence, &row, 1);
		assert_true(redis_server_number(fixture_server, "HLEN " KEY) <= FIELDS_MAX);
	}
	h = read_history(*state);
	for (int64_t day = today() - 56; day <= today(); day += 2) {
		assert_int_equal(sts_history_at(&h, day).tls, 1);
		assert_int_equal(sts_history_at(&h, day).plaintext, 1);
	}
	assert_int_equal(log_lines_with(""), 0);
}

/* Foreign fields are removed when there are too many; malformed numbers stay, and do not count. */
static void
test_odd_fields(void **state)
{
	struct sts_counts_row row = row_of(today(), 1, 1);
	struct sts_history_days h;

	redis_server_ask(fixture_server, "HSET " KEY " tls:%s many x y plaintext:2025-02-31 5", row.day);
	apply(*state, 1, &row, 1);
	h = read_history(*state);
	assert_int_equal(sts_history_at(&h, today()).tls, 0);
	assert_int_equal(sts_history_at(&h, today()).plaintext, 1);
	redis_server_ask(fixture_server, "EVAL %s 1 " KEY, "for i = 1, 1000 do redis.call('HSET', KEYS[1], 'f' .. i, i) end");
	h = read_history(*state);	/* none of our histories has so many fields */
	assert_int_equal(h.last, 0);
	apply(*state, 2, &row, 1);
	assert_true(redis_server_number(fixture_server, "HLEN " KEY) <= FIELDS_MAX);
	h = read_history(*state);
	assert_int_equal(sts_history_at(&h, today()).plaintext, 2);
}

static void
test_hostile_values(void **state)
{
	static const char *const commands[] = {
		"SET " KEY " x", "RPUSH " KEY " x", "HSET " KEY " x y", "HSET " KEY " tls:2025-08-09 -1",
	};
	struct sts_history_days h;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		redis_server_ask(fixture_server, "FLUSHALL");
		redis_server_ask(fixture_server, commands[i]);
		if (sts_store_history(*state, "a.example", NOW, &h) != STS_ENOTFOUND || h.last != 0)
			fail_msg("%s: is a history", commands[i]);
	}
	redis_server_ask(fixture_server, "FLUSHALL");
	redis_server_ask(fixture_server, "EVAL %s 1 " KEY, "redis.call('HSET', KEYS[1], 'tls:2025-08-09', string.rep('1', 1000000))");
	assert_int_equal(sts_store_history(*state, "a.example", NOW, &h), STS_ENOTFOUND);
	assert_true(sts_store_is_up(*state));
}

/* A key of another type is logged, and the row does not count, as with a domain's other keys. */
static void
test_foreign_key(void **state)
{
	struct sts_counts_row row = row_of(today(), 1, 0);

	redis_server_ask(fixture_server, "SET " KEY " x");
	apply(*state, 1, &row, 1);
	assert_int_equal(log_lines_with(KEY " holds something that is not ours"), 1);
	assert_int_equal(redis_server_number(fixture_server, "EXISTS mta-sts:domain:{a.example}"), 0);
	assert_string_equal(redis_server_ask(fixture_server, "GET " KEY), "x");
}

int
histories(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(test_counted_once),
		FIXTURE_TEST(test_none_of_its_own),
		FIXTURE_TEST(test_bounded),
		FIXTURE_TEST(test_odd_fields),
		FIXTURE_TEST(test_hostile_values),
		FIXTURE_TEST(test_foreign_key),
	};

	return cmocka_run_group_tests_name("store: histories", tests, NULL, NULL);
}
