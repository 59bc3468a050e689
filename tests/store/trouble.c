/* SPDX-License-Identifier: ISC */
/*
 * trouble.c - the writer against a redis-server that is killed, suspended, cut off, full or read-only while messages are
 * counted: afterwards every sum equals the number of messages, and the evidence has an entry for each.
 */
#include "config.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/writer/writer.h"

#include "fixture.h"
#include "listener.h"
#include "log_lines.h"

enum { THREADS = 2, DOMAINS = 50, WAIT_MS = 60000, FLUSH_MS = 5, EVIDENCE = 1000000 };

struct world {
	struct redis_server *server;
	struct listener *proxy;
	struct sts_writer *writer;
	pthread_t threads[THREADS];
	atomic_bool ending;
	atomic_llong messages;
};

static void
pause_ms(int ms)
{
	const struct timespec pause = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	nanosleep(&pause, NULL);
}

static void
record(struct sts_writer *writer, unsigned number)
{
	static const char *const fields[] = { "messages", "result:pass", "tls:TLSv1.3", NULL };
	char domain[32];
	/* Two different days, as around midnight. */
	const struct sts_counts_message m = {
		.domain = domain, .now = NOW + (number % 3 == 0 ? DAY_S : 0), .own_tls = number % 5 != 0,
		.own_plaintext = number % 5 == 0, .total_fields = fields, .domain_fields = fields,
	};
	struct sts_stream_entry entry = { .field_count = 1, .fields = { { "number", NULL } } };
	char *value;

	snprintf(domain, sizeof(domain), "d%u.example", number % DOMAINS);
	if (asprintf(&value, "%u", number) < 0)
		abort();
	entry.fields[0].value = entry.block = value;
	sts_writer_record(writer, &m, &entry);
}

static void *
send_mail(void *arg)
{
	struct world *w = arg;

	while (!atomic_load(&w->ending)) {
		for (int i = 0; i < 10; i++)
			record(w->writer, (unsigned)atomic_fetch_add(&w->messages, 1));
		pause_ms(4);
	}
	return NULL;
}

static struct sts_writer_state
state_of(struct world *w)
{
	struct sts_writer_state s;

	sts_writer_state(w->writer, &s);
	return s;
}

static bool
is_past(struct world *w, int64_t batches, int64_t retries)
{
	struct sts_writer_state s = state_of(w);

	return (int64_t)s.batches >= batches && (int64_t)s.retried >= retries;
}

/* Waits until the writer has written so many more batches, and failed so many more times. */
static void
await(struct world *w, int64_t batches, int64_t retries)
{
	struct sts_writer_state s = state_of(w);
	int64_t until_ms = sts_clock_mono_ms() + WAIT_MS;

	while (!is_past(w, (int64_t)s.batches + batches, (int64_t)s.retried + retries)) {
		if (sts_clock_mono_ms() > until_ms)
			fail_msg("the writer stands still:%s", log_lines_text());
		pause_ms(2);
	}
}

/* ---- faults ---- */

static void
kill_and_start(struct world *w)
{
	for (int i = 0; i < 3; i++) {
		redis_server_kill(w->server);
		await(w, 0, 3);
		redis_server_again(w->server);
		await(w, 2, 0);
	}
}

/* At arbitrary moments within a batch. */
static void
kill_often(struct world *w)
{
	for (int i = 0; i < 8; i++) {
		pause_ms(3 + 2 * i);
		redis_server_kill(w->server);
		redis_server_again(w->server);
	}
	await(w, 2, 0);
}

static void
suspend(struct world *w)
{
	redis_server_suspend(w->server);
	await(w, 0, 3);
	redis_server_resume(w->server);
	await(w, 2, 0);
}

static void
kill_connections(struct world *w)
{
	for (int i = 0; i < 100; i++) {
		redis_server_ask(w->server, "CLIENT KILL TYPE normal SKIPME yes");
		pause_ms(i % 7);
	}
	await(w, 2, 0);
}

static void
forget_scripts(struct world *w)
{
	for (int i = 0; i < 100; i++) {
		redis_server_ask(w->server, "SCRIPT FLUSH");
		pause_ms(i % 7);
	}
	await(w, 2, 0);
}

static void
cut_lines(struct world *w)
{
	for (unsigned every = 1; every <= 4; every++) {
		listener_cut(w->proxy, every);
		await(w, 0, 3);
	}
	listener_cut(w->proxy, 0);
	await(w, 2, 0);
}

static void
refuse(struct world *w, const char *on, const char *off)
{
	redis_server_ask(w->server, on);
	await(w, 0, 3);
	redis_server_ask(w->server, off);
	await(w, 2, 0);
}

static void
refuse_writes(struct world *w)
{
	refuse(w, "CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0");
	refuse(w, "REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE");
	refuse(w, "CONFIG SET min-replicas-to-write 1", "CONFIG SET min-replicas-to-write 0");
}

/* ---- the harness ---- */

static void
begin(struct world *w)
{
	struct sts_writer_params params = {
		.flush_interval_ms = FLUSH_MS, .max_domains = 1000, .max_stream = EVIDENCE,
	};
	struct sts_endpoint target;

	memset(w, 0, sizeof(*w));
	w->server = redis_server_start("");
	target = redis_server_unix(w->server);
	w->proxy = listener_proxy(&target);
	params.store = fixture_params(w->server);
	params.store.timeout_ms = 250;
	params.store.stream_maxlen = EVIDENCE;
	params.store.endpoint = listener_endpoint(w->proxy);
	log_lines_clear();
	assert_int_equal(sts_writer_new(&params, &w->writer), STS_OK);
	assert_int_equal(sts_writer_start(w->writer), STS_OK);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&w->threads[i], NULL, send_mail, w), 0);
	await(w, 2, 0);
}

static int64_t
field(struct world *w, const char *key, const char *name)
{
	return redis_server_number(w->server, "HGET mta-sts:%s %s", key, name);
}

static void
check_histories(struct world *w, int64_t messages)
{
	static const char sum[] = "local n = 0 for _, key in ipairs(redis.call('KEYS', 'mta-sts:history:*')) do\n"
	    "local h = redis.call('HGETALL', key) for i = 1, #h, 2 do\n"
	    "if string.sub(h[i], 1, #ARGV[1]) == ARGV[1] then n = n + h[i + 1] end end end return n";
	int64_t plaintext = (messages + 4) / 5;

	assert_int_equal(redis_server_number(w->server, "EVAL %s 0 tls:", sum), messages - plaintext);
	assert_int_equal(redis_server_number(w->server, "EVAL %s 0 plaintext:", sum), plaintext);
}

static void
check_sums(struct world *w)
{
	int64_t messages = atomic_load(&w->messages), sum = 0, days = 0;
	char key[64];

	assert_true(messages > 100);
	assert_int_equal(field(w, "stats", "messages"), messages);
	assert_int_equal(field(w, "stats", "result:pass"), messages);
	assert_int_equal(field(w, "stats:2025-08-09", "messages") + field(w, "stats:2025-08-10", "messages"), messages);
	for (unsigned i = 0; i < DOMAINS; i++) {
		snprintf(key, sizeof(key), "domain:{d%u.example}", i);
		sum += field(w, key, "tls:TLSv1.3");
		snprintf(key, sizeof(key), "domain:{d%u.example}:2025-08-09", i);
		days += field(w, key, "messages");
		snprintf(key, sizeof(key), "domain:{d%u.example}:2025-08-10", i);
		days += field(w, key, "messages");
	}
	assert_int_equal(sum, messages);
	assert_int_equal(days, messages);
	assert_int_equal(redis_server_number(w->server, "XLEN mta-sts:evidence"), messages);
	check_histories(w, messages);
}

static void
end(struct world *w)
{
	atomic_store(&w->ending, true);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(w->threads[i], NULL);
	sts_writer_stop(&w->writer, WAIT_MS);
	assert_int_equal(log_lines_with("uncounted"), 0);
	assert_int_equal(log_lines_with("dropped"), 0);
}

static void
run(void (*happens)(struct world *w), size_t lines_max)
{
	struct world w;

	begin(&w);
	happens(&w);
	end(&w);
	check_sums(&w);
	if (log_lines_with("is away") > lines_max || log_lines_with("is away") != log_lines_with("is back"))
		fail_msg("says%s", log_lines_text());
	listener_end(&w.proxy);
	redis_server_end(&w.server);
}

static void
test_killed(void **state)
{
	(void)state;
	run(kill_and_start, 3);
}

static void
test_killed_often(void **state)
{
	(void)state;
	run(kill_often, 8);
}

static void
test_suspended(void **state)
{
	(void)state;
	run(suspend, 1);
}

static void
test_connections_killed(void **state)
{
	(void)state;
	run(kill_connections, 100);
}

static void
test_scripts_forgotten(void **state)
{
	(void)state;
	run(forget_scripts, 100);
}

static void
test_lines_cut(void **state)
{
	(void)state;
	run(cut_lines, 20);
}

static void
test_writes_refused(void **state)
{
	(void)state;
	run(refuse_writes, 3);
}

/* A stop while the server is away logs everything that is lost. */
static void
test_end_without_server(void **state)
{
	struct world w;
	int64_t until_ms = sts_clock_mono_ms() + WAIT_MS;

	(void)state;
	begin(&w);
	atomic_store(&w.ending, true);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(w.threads[i], NULL);
	while (state_of(&w).pending_rows > 0 ||
	    redis_server_number(w.server, "XLEN mta-sts:evidence") != atomic_load(&w.messages)) {
		assert_true(sts_clock_mono_ms() < until_ms);
		pause_ms(2);
	}
	redis_server_kill(w.server);
	for (unsigned i = 0; i < 11; i++)
		record(w.writer, i);
	sts_writer_stop(&w.writer, 500);
	assert_int_equal(log_lines_with(" 11 messages uncounted"), 1);
	assert_int_equal(log_lines_with(" 11 evidence entries lost"), 1);
	listener_end(&w.proxy);
	redis_server_end(&w.server);
}

int
trouble(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_killed_often),
		cmocka_unit_test(test_suspended),
		cmocka_unit_test(test_connections_killed),
		cmocka_unit_test(test_scripts_forgotten),
		cmocka_unit_test(test_lines_cut),
		cmocka_unit_test(test_writes_refused),
		cmocka_unit_test(test_end_without_server),
	};

	return cmocka_run_group_tests_name("store: trouble", tests, NULL, NULL);
}
