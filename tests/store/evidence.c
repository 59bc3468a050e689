/* SPDX-License-Identifier: ISC */
/* evidence.c - evidence in a real Redis: each entry once, hundreds per command, and what happens when Redis refuses. */
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

enum { CHUNK = 200 };	/* entries per script call */

static void
make_entries(struct sts_stream_entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *value;

		if (asprintf(&value, "%zu", i) < 0)
			abort();
		entries[i].field_count = 2;
		entries[i].fields[0].name = "ts";
		entries[i].fields[0].value = entries[i].block = value;
		entries[i].fields[1].name = "reason";
		entries[i].fields[1].value = "";
	}
}

static void
test_evidence(void **state)
{
	enum { COUNT = 2500 };
	struct sts_stream_entry *entries = calloc(COUNT, sizeof(*entries));
	size_t written;

	make_entries(entries, COUNT);
	assert_int_equal(sts_store_append(*state, entries, 250, &written), STS_OK);
	assert_int_equal(written, 250);
	assert_int_equal(redis_server_number(fixture_server, "XLEN mta-sts:evidence"), 250);
	assert_non_null(strstr(redis_server_ask(fixture_server, "XREVRANGE mta-sts:evidence + - COUNT 1"), "ts 249 reason  "));
	assert_in_range(redis_server_number(fixture_server, "TTL mta-sts:evidence"), DAYS * DAY_S - 60, DAYS * DAY_S);
	assert_int_equal(sts_store_append(*state, entries, COUNT, &written), STS_OK);
	assert_in_range(redis_server_number(fixture_server, "XLEN mta-sts:evidence"), 1000, 1200);	/* MAXLEN ~ */
	redis_server_ask(fixture_server, "SET mta-sts:evidence x");
	assert_int_equal(sts_store_append(*state, entries, 10, &written), STS_EINVAL);
	assert_int_equal(written, 0);
	assert_int_equal(log_lines_with("mta-sts:evidence holds"), 1);
	redis_server_ask(fixture_server, "DEL mta-sts:evidence");
	assert_int_equal(sts_store_append(*state, entries, 10, &written), STS_OK);
	assert_int_equal(redis_server_number(fixture_server, "XLEN mta-sts:evidence"), 10);
	for (size_t i = 0; i < COUNT; i++)
		free(entries[i].block);
	free(entries);
}

/* ---- the commands ---- */

/* How often the server has executed a command since its statistics were reset. */
static int64_t
calls_of(struct redis_server *server, const char *command)
{
	const char *stats = redis_server_ask(server, "INFO commandstats"), *found;
	char name[64];

	snprintf(name, sizeof(name), "cmdstat_%s:calls=", command);
	found = strstr(stats, name);
	return found != NULL ? strtoll(found + strlen(name), NULL, 10) : 0;
}

static void
append(struct sts_store *store, size_t count, enum sts_status expected)
{
	struct sts_stream_entry *entries = calloc(count, sizeof(*entries));
	size_t written;

	make_entries(entries, count);
	assert_int_equal(sts_store_append(store, entries, count, &written), expected);
	assert_int_equal(written, expected == STS_OK ? count : 0);
	for (size_t i = 0; i < count; i++)
		free(entries[i].block);
	free(entries);
}

static int64_t
stream_length(struct redis_server *server)
{
	return redis_server_number(server, "XLEN mta-sts:evidence");
}

/* One script call per chunk; one call more only if the server does not know the script yet. */
static void
test_commands(void **state)
{
	append(*state, 1, STS_OK);
	redis_server_ask(fixture_server, "CONFIG RESETSTAT");
	append(*state, 2 * CHUNK + 1, STS_OK);
	assert_int_equal(calls_of(fixture_server, "evalsha"), 3);
	assert_int_equal(calls_of(fixture_server, "eval") + calls_of(fixture_server, "exec"), 0);
	assert_int_equal(calls_of(fixture_server, "xadd"), 2 * CHUNK + 1);
	assert_int_equal(stream_length(fixture_server), 2 * CHUNK + 2);
	assert_int_equal(log_lines_with(""), 0);
}

/* A forbidden command is logged, and nothing is marked as applied: once allowed again, each entry is there once. */
static void
test_refused_for_a_while(void **state)
{
	static const char *const commands[] = { "xadd", "expire", "hset", "hget" };

	append(*state, 1, STS_OK);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		struct sts_store *store;
		struct sts_store_params params = fixture_params(fixture_server);
		struct sts_stream_entry entries[3];
		size_t written;
		char name[16] = "", words[40];

		for (size_t k = 0; commands[i][k] != '\0'; k++)
			name[k] = (char)(commands[i][k] - 'a' + 'A');
		store = fixture_open(&params);
		make_entries(entries, 3);
		snprintf(words, sizeof(words), "(evidence, %s: ", name);
		redis_server_ask(fixture_server, "DEL mta-sts:evidence");
		redis_server_ask(fixture_server, "ACL SETUSER default -%s", commands[i]);
		for (int try = 0; try < 3; try++)
			assert_int_equal(sts_store_append(store, entries, 3, &written), STS_EUNAVAILABLE);
		assert_int_equal(written, 0);
		assert_true(sts_store_is_refused(store));
		assert_true(sts_store_is_up(store));
		redis_server_ask(fixture_server, "ACL SETUSER default +@all");
		if (log_lines_with(words) != 1)
			fail_msg("%s is not named", words);
		assert_int_equal(sts_store_append(store, entries, 3, &written), STS_OK);
		assert_false(sts_store_is_refused(store));
		assert_int_equal(stream_length(fixture_server), 3);
		for (size_t k = 0; k < 3; k++)
			free(entries[k].block);
		sts_store_close(&store);
	}
	log_lines_clear();
}

/* Refused entries are not in the stream, and go in later, once. */
static void
test_refused_at_first(void **state)
{
	append(*state, 1, STS_OK);
	redis_server_ask(fixture_server, "CONFIG SET maxmemory 1");
	append(*state, 10, STS_EUNAVAILABLE);
	assert_int_equal(log_lines_with("(evidence: OOM command not allowed"), 1);
	redis_server_ask(fixture_server, "CONFIG SET maxmemory 0");
	sts_store_try_now(*state);
	append(*state, 10, STS_OK);
	append(*state, 10, STS_OK);
	assert_int_equal(stream_length(fixture_server), 21);
	assert_int_equal(log_lines_with(" is back after "), 1);
	log_lines_clear();
}

/* A foreign value in place of our mark is logged; what cannot be marked is not appended. */
static void
test_foreign_mark(void **state)
{
	char mark[128];

	append(*state, 1, STS_OK);
	snprintf(mark, sizeof(mark), "%.*s", (int)strcspn(redis_server_ask(fixture_server, "KEYS mta-sts:applied:*"), " "),
	    redis_server_ask(fixture_server, "KEYS mta-sts:applied:*"));
	redis_server_ask(fixture_server, "SET %s x", mark);
	append(*state, 10, STS_EINVAL);
	assert_int_equal(stream_length(fixture_server), 1);
	assert_int_equal(log_lines_with("mta-sts:applied:"), 1);
}

int
evidence(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(test_evidence),
		FIXTURE_TEST(test_commands),
		FIXTURE_TEST(test_refused_for_a_while),
		FIXTURE_TEST(test_refused_at_first),
		FIXTURE_TEST(test_foreign_mark),
	};

	return cmocka_run_group_tests_name("store: evidence", tests, NULL, NULL);
}
