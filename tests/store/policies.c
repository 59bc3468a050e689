/* SPDX-License-Identifier: ISC */
/* policies.c - entries and locks: entries survive the round trip, anything else is a miss, and which entry replaces which. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/base/text.h"

#include "fixture.h"
#include "log_lines.h"
#include "redis_server.h"

#define KEY "mta-sts:policy:{a.example}"

/* ---- entries ---- */

static void
put(struct sts_store *store, enum sts_entry_state what, int64_t fetched, int64_t checked)
{
	struct sts_entry *entry = fixture_entry(what, fetched, checked);

	assert_int_equal(sts_store_put(store, entry, NOW), STS_OK);
	sts_entry_unref(&entry);
}

static void
test_round_trip(void **state)
{
	struct sts_store *store = *state;

	for (int what = STS_STATE_POLICY; what <= STS_STATE_FAILED; what++) {
		struct sts_entry *entry = fixture_entry((enum sts_entry_state)what, NOW - 100, NOW - 10), *got;
		int64_t ttl;

		redis_server_ask(fixture_server, "FLUSHALL");
		assert_int_equal(sts_store_get(store, "a.example", NOW, &got), STS_ENOTFOUND);
		assert_null(got);
		assert_int_equal(sts_store_put(store, entry, NOW), STS_OK);
		assert_int_equal(sts_store_get(store, "a.example", NOW, &got), STS_OK);
		assert_string_equal(got->domain, entry->domain);
		assert_int_equal(got->state, entry->state);
		assert_int_equal(got->reason, entry->reason);
		assert_string_equal(got->id, entry->id);
		assert_int_equal(got->fetched, entry->fetched);
		assert_int_equal(got->checked, entry->checked);
		assert_int_equal(got->expires, entry->expires);
		assert_int_equal(got->retry, entry->retry);
		assert_int_equal(got->text_len, entry->text_len);
		assert_memory_equal(got->text, entry->text, entry->text_len);
		ttl = redis_server_number(fixture_server, "TTL " KEY);
		assert_in_range(ttl, entry->expires - NOW - 60, entry->expires - NOW);
		sts_entry_unref(&got);
		sts_entry_unref(&entry);
	}
}

/* A text of the maximum length, with very many mx lines. */
static void
test_long_policy(void **state)
{
	struct sts_store *store = *state;
	struct sts_text t;
	char *longest = malloc(65537);
	struct sts_entry_spec spec = {
		.domain = "a.example", .state = STS_STATE_POLICY, .id = "1", .fetched = NOW, .checked = NOW, .expires = NOW + 60,
	};
	struct sts_entry *entry, *got;

	assert_non_null(longest);
	sts_text_init(&t, longest, 65537);
	sts_text_add(&t, "version: STSv1\nmode: testing\nmax_age: 60\n");
	for (int i = 0; t.len + 20 < 65536; i++)
		sts_text_addf(&t, "mx:h%d.example\n", i);
	while (t.len < 65535)
		sts_text_add(&t, "x");
	spec.text = longest;
	spec.text_len = t.len;
	/* The trailing x's are not a policy line. */
	while (spec.text_len > 0 && longest[spec.text_len - 1] != '\n')
		spec.text_len--;
	assert_int_equal(sts_entry_new(&spec, &entry), STS_OK);
	assert_int_equal(sts_store_put(store, entry, NOW), STS_OK);
	assert_int_equal(sts_store_get(store, "a.example", NOW, &got), STS_OK);
	assert_int_equal(got->text_len, entry->text_len);
	assert_memory_equal(got->text, entry->text, entry->text_len);
	sts_entry_unref(&got);
	sts_entry_unref(&entry);
	free(longest);
}

static void
test_already_expired(void **state)
{
	struct sts_entry *entry = fixture_entry(STS_STATE_ABSENT, 0, NOW);

	assert_int_equal(sts_store_put(*state, entry, NOW + 9000), STS_OK);
	assert_in_range(redis_server_number(fixture_server, "PTTL " KEY), 1, 1000);
	sts_entry_unref(&entry);
}

static void
test_poisoned_entries(void **state)
{
	/* Applied to a good entry. Rows that begin with "redis" are scripts. */
	static const char *const rows[] = {
		"SET " KEY " garbage",
		"HDEL " KEY " text",
		"HDEL " KEY " schema",
		"HSET " KEY " schema 2",
		"HSET " KEY " schema 1\xff",
		"HSET " KEY " state unheard-of",
		"HSET " KEY " expires 99999999999999999999",
		"HSET " KEY " fetched -1",
		"HSET " KEY " text nonsense",
		"HSET " KEY " mode none",
		"HSET " KEY " id ../../etc/passwd",
		"HSET " KEY " checked soon",
		"HSET " KEY " reason because",
		"redis.call('DEL', KEYS[1]) redis.call('RPUSH', KEYS[1], 'x')",
		"redis.call('HSET', KEYS[1], 'text', string.rep('x', 1000000))",
		"redis.call('HSET', KEYS[1], string.rep('n', 1000000), 'x')",
		"redis.call('HSET', KEYS[1], 'text', 'a' .. string.char(0) .. 'b')",
		"redis.call('DEL', KEYS[1]) for i = 1, 1000 do redis.call('HSET', KEYS[1], i, i) end",
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool script = strncmp(rows[i], "redis", 5) == 0;
		struct sts_entry *got;
		const char *said;

		redis_server_ask(fixture_server, "DEL " KEY);
		put(*state, STS_STATE_POLICY, NOW - 100, NOW);
		said = script ? redis_server_ask(fixture_server, "EVAL %s 1 " KEY, rows[i]) : redis_server_ask(fixture_server, rows[i]);
		if (strncmp(said, "(error)", 7) == 0)
			fail_msg("%s: %s", rows[i], said);
		if (sts_store_get(*state, "a.example", NOW, &got) != STS_ENOTFOUND || got != NULL)
			fail_msg("%s: not a miss", rows[i]);
	}
	assert_int_equal(log_lines_with(""), 0);
}

static void
test_poison_is_replaced(void **state)
{
	static const char *const rows[] = { "SET " KEY " garbage", "RPUSH " KEY " x", "HSET " KEY " schema 9 state policy",
	    "HSET " KEY " schema 1 state policy fetched 99999999999 checked 99999999999 expires 99999999999" };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sts_entry *got;

		redis_server_ask(fixture_server, "DEL " KEY);
		redis_server_ask(fixture_server, rows[i]);
		put(*state, STS_STATE_ABSENT, 0, NOW);
		if (sts_store_get(*state, "a.example", NOW, &got) != STS_OK)
			fail_msg("%s: keeps an entry out", rows[i]);
		assert_int_equal(redis_server_number(fixture_server, "HLEN " KEY), STS_ENTRY_FIELDS);
		sts_entry_unref(&got);
	}
}

/* An entry in Redis, a new one, and which of them is there afterwards. */
static void
test_what_replaces_what(void **state)
{
	enum { P = STS_STATE_POLICY, A = STS_STATE_ABSENT, F = STS_STATE_FAILED };
	struct entry { int state; int64_t fetched, checked; };
	static const struct {
		const char *name;
		struct entry held, comes;
		bool replaced;
	} rows[] = {
		{ "absent after policy", { P, NOW - 100, NOW - 50 }, { A, 0, NOW }, false },
		{ "failure after policy", { P, NOW - 100, NOW - 50 }, { F, 0, NOW }, false },
		{ "absent after expired policy", { P, NOW - 604801, NOW - 50 }, { A, 0, NOW }, true },
		{ "fetched later", { P, NOW - 100, NOW - 50 }, { P, NOW - 10, NOW - 10 }, true },
		{ "fetched earlier", { P, NOW - 100, NOW - 50 }, { P, NOW - 200, NOW - 5 }, false },
		{ "confirmed later", { P, NOW - 100, NOW - 50 }, { P, NOW - 100, NOW - 5 }, true },
		{ "confirmed earlier", { P, NOW - 100, NOW - 50 }, { P, NOW - 100, NOW - 60 }, false },
		{ "the same again", { P, NOW - 100, NOW - 50 }, { P, NOW - 100, NOW - 50 }, true },
		{ "policy after absent", { A, 0, NOW }, { P, NOW - 100, NOW - 50 }, true },
		{ "later absent after failure", { F, 0, NOW - 50 }, { A, 0, NOW - 10 }, true },
		{ "earlier absent after failure", { F, 0, NOW - 50 }, { A, 0, NOW - 60 }, false },
		{ "policy of a clock that is ahead", { P, NOW + 1000, NOW + 1000 }, { A, 0, NOW }, true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char state_name[16], checked[24];
		const struct entry *want = rows[i].replaced ? &rows[i].comes : &rows[i].held;

		redis_server_ask(fixture_server, "DEL " KEY);
		put(*state, (enum sts_entry_state)rows[i].held.state, rows[i].held.fetched, rows[i].held.checked);
		redis_server_ask(fixture_server, "PERSIST " KEY);
		put(*state, (enum sts_entry_state)rows[i].comes.state, rows[i].comes.fetched, rows[i].comes.checked);
		snprintf(state_name, sizeof(state_name), "%s", redis_server_ask(fixture_server, "HGET " KEY " state"));
		snprintf(checked, sizeof(checked), "%s", redis_server_ask(fixture_server, "HGET " KEY " checked"));
		if (strcmp(state_name, sts_entry_state_name((enum sts_entry_state)want->state)) != 0 ||
		    strtoll(checked, NULL, 10) != want->checked)
			fail_msg("%s: got %s checked %s", rows[i].name, state_name, checked);
		if ((redis_server_number(fixture_server, "TTL " KEY) > 0) != rows[i].replaced)
			fail_msg("%s: expiry", rows[i].name);
	}
}

/* ---- locks ---- */

static void
test_locks(void **state)
{
	struct sts_store_params params = fixture_params(fixture_server);
	struct sts_store *one = *state, *two = fixture_open(&params);

	assert_int_equal(sts_store_lock(one, "a.example", 30000), STS_OK);
	assert_int_equal(sts_store_lock(two, "a.example", 30000), STS_EFULL);
	assert_int_equal(sts_store_lock(two, "b.example", 30000), STS_OK);
	assert_int_equal(sts_store_lock(one, "a.example", 40000), STS_OK);	/* it already holds it */
	assert_in_range(redis_server_number(fixture_server, "PTTL mta-sts:lock:{a.example}"), 30001, 40000);
	assert_non_null(strstr(redis_server_ask(fixture_server, "GET mta-sts:lock:{a.example}"), "mx1.example.net:"));
	assert_int_equal(sts_store_unlock(two, "a.example"), STS_OK);		/* does not hold it: it stays locked */
	assert_int_equal(sts_store_lock(two, "a.example", 30000), STS_EFULL);
	assert_int_equal(sts_store_unlock(one, "a.example"), STS_OK);
	assert_int_equal(sts_store_lock(two, "a.example", 30000), STS_OK);
	redis_server_ask(fixture_server, "PEXPIRE mta-sts:lock:{a.example} 0");
	assert_int_equal(sts_store_lock(one, "a.example", 30000), STS_OK);
	/* A key of another type is nobody's lock: it cannot be taken, and unlocking leaves it alone. */
	redis_server_ask(fixture_server, "RPUSH mta-sts:lock:{c.example} x");
	assert_int_equal(sts_store_lock(one, "c.example", 30000), STS_EUNAVAILABLE);
	assert_int_equal(sts_store_unlock(one, "c.example"), STS_OK);
	assert_true(sts_store_is_up(one));
	sts_store_close(&two);
}

/* ---- many calls in one exchange ---- */

enum { MANY = STS_STORE_CALLS };

static void
call_all(struct sts_store *store, struct sts_store_call *calls, size_t count)
{
	struct sts_store_call *list[MANY];

	for (size_t i = 0; i < count; i++)
		list[i] = &calls[i];
	sts_store_calls(store, list, count, NOW);
}

/* Executed in order, each with its own result; also when the server has forgotten the scripts. */
static void
test_many_calls(void **state)
{
	struct sts_store_params params = fixture_params(fixture_server);
	struct sts_store *other = fixture_open(&params);
	struct sts_entry *entry = fixture_entry(STS_STATE_POLICY, NOW - 100, NOW - 10);

	assert_int_equal(sts_store_lock(other, "theirs.example", 30000), STS_OK);
	for (int round = 0; round < 2; round++) {
		struct sts_store_call calls[] = {
			{ .kind = STS_STORE_GET, .domain = "a.example" },
			{ .kind = STS_STORE_LOCK, .domain = "a.example", .ttl_ms = 30000 },
			{ .kind = STS_STORE_LOCK, .domain = "theirs.example", .ttl_ms = 30000 },
			{ .kind = STS_STORE_PUT, .domain = "a.example", .entry = entry },
			{ .kind = STS_STORE_GET, .domain = "a.example" },
			{ .kind = STS_STORE_UNLOCK, .domain = "a.example" },
			{ .kind = STS_STORE_GET, .domain = "b.example" },
		};
		static const enum sts_status want[] = { STS_ENOTFOUND, STS_OK, STS_EFULL, STS_OK, STS_OK, STS_OK, STS_ENOTFOUND };

		redis_server_ask(fixture_server, "DEL " KEY);
		redis_server_ask(fixture_server, "SCRIPT FLUSH");
		if (round == 1)		/* only one script is known */
			assert_int_equal(sts_store_lock(*state, "b.example", 30000), STS_OK);
		call_all(*state, calls, sizeof(calls) / sizeof(calls[0]));
		for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
			if (calls[i].status != want[i])
				fail_msg("round %d, call %zu: %s", round, i, sts_status_text(calls[i].status));
			if (calls[i].kind == STS_STORE_GET)
				assert_true((calls[i].entry != NULL) == (calls[i].status == STS_OK));
		}
		assert_string_equal(calls[4].entry->text, entry->text);
		sts_entry_unref(&calls[4].entry);
		assert_string_equal(redis_server_ask(fixture_server, "EXISTS mta-sts:lock:{a.example}"), "0");
	}
	sts_entry_unref(&entry);
	sts_store_close(&other);
}

static void
test_a_full_batch(void **state)
{
	struct sts_entry *entry = fixture_entry(STS_STATE_POLICY, NOW - 100, NOW - 10);
	struct sts_store_call calls[MANY];
	unsigned long long before, after;

	for (size_t i = 0; i < MANY; i++)
		calls[i] = (struct sts_store_call){ .kind = STS_STORE_PUT, .domain = "a.example", .entry = entry };
	assert_int_equal(sts_store_put(*state, entry, NOW), STS_OK);
	call_all(*state, calls, MANY);
	for (size_t i = 0; i < MANY; i++) {
		assert_int_equal(calls[i].status, STS_OK);
		calls[i] = (struct sts_store_call){ .kind = STS_STORE_GET, .domain = "a.example" };
	}
	before = (unsigned long long)redis_server_number(fixture_server, "DBSIZE");
	call_all(*state, calls, MANY);
	after = (unsigned long long)redis_server_number(fixture_server, "DBSIZE");
	assert_true(before == after);
	for (size_t i = 0; i < MANY; i++) {
		assert_int_equal(calls[i].status, STS_OK);
		sts_entry_unref(&calls[i].entry);
	}
	sts_entry_unref(&entry);
}

/* A call that this user may not make does not affect the others, and no reply is left over for the next exchange. */
static void
test_a_call_that_is_refused(void **state)
{
	struct sts_store_call calls[] = {
		{ .kind = STS_STORE_GET, .domain = "a.example" },
		{ .kind = STS_STORE_LOCK, .domain = "a.example", .ttl_ms = 30000 },
		{ .kind = STS_STORE_GET, .domain = "a.example" },
	};
	struct sts_entry *got;

	assert_int_equal(sts_store_get(*state, "a.example", NOW, &got), STS_ENOTFOUND);
	assert_int_equal(sts_store_lock(*state, "a.example", 10), STS_OK);
	redis_server_ask(fixture_server, "ACL SETUSER default -set -pexpire");
	call_all(*state, calls, sizeof(calls) / sizeof(calls[0]));
	redis_server_ask(fixture_server, "ACL SETUSER default +@all");
	assert_int_equal(log_lines_with("refuses a command"), 1);
	assert_int_equal(calls[0].status, STS_ENOTFOUND);
	assert_int_equal(calls[1].status, STS_EUNAVAILABLE);
	assert_int_equal(calls[2].status, STS_ENOTFOUND);
	assert_true(sts_store_is_up(*state));
	assert_int_equal(sts_store_get(*state, "a.example", NOW, &got), STS_ENOTFOUND);
}

/* ---- scans ---- */

static void
count_each(void *arg, const char *domain)
{
	assert_non_null(strstr(domain, ".example"));
	(*(size_t *)arg)++;
}

static void
test_scan(void **state)
{
	size_t count = 0, steps = 0;
	uint64_t cursor = 0;

	redis_server_ask(fixture_server, "EVAL %s 0",
	    "for i = 1, 2000 do redis.call('SET', 'mta-sts:policy:{d' .. i .. '.example}', 'x') end");
	redis_server_ask(fixture_server, "SET mta-sts:policy:{Bad x");
	redis_server_ask(fixture_server, "SET x:mta-sts:policy:{bad} x");
	do {
		assert_int_equal(sts_store_scan(*state, &cursor, count_each, &count), STS_OK);
		steps++;
	} while (cursor != 0 && steps < 1000);
	assert_in_range(count, 2000, 2100);	/* SCAN may return a key twice */
	assert_in_range(steps, 2, 20);
}

int
policies(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(test_round_trip),
		FIXTURE_TEST(test_long_policy),
		FIXTURE_TEST(test_already_expired),
		FIXTURE_TEST(test_poisoned_entries),
		FIXTURE_TEST(test_poison_is_replaced),
		FIXTURE_TEST(test_what_replaces_what),
		FIXTURE_TEST(test_locks),
		FIXTURE_TEST(test_many_calls),
		FIXTURE_TEST(test_a_full_batch),
		FIXTURE_TEST(test_a_call_that_is_refused),
		FIXTURE_TEST(test_scan),
	};

	return cmocka_run_group_tests_name("store: policies", tests, NULL, NULL);
}
