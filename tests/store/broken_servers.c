/* SPDX-License-Identifier: ISC */
/* broken_servers.c - servers that are absent, hang, drip, flood, refuse or talk nonsense: no call exceeds its timeout, calls
 * fail at once while the breaker is open, and one line is logged. */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/ledger/counts.h"

#include "fixture.h"
#include "listener.h"
#include "log_lines.h"

enum {
	TIMEOUT_MS = 150,
	LATE_MS = 850,		/* allowance for a busy machine */
	QUICK_CALLS = 1000,
	QUICK_MS = 500,		/* for all QUICK_CALLS; the breaker stays open longer than that */
};

static enum sts_status
call_get(struct sts_store *store)
{
	struct sts_entry *got;

	return sts_store_get(store, "a.example", NOW, &got);
}

static enum sts_status
call_put(struct sts_store *store)
{
	struct sts_entry *entry = fixture_entry(STS_STATE_ABSENT, 0, NOW);
	enum sts_status status = sts_store_put(store, entry, NOW);

	sts_entry_unref(&entry);
	return status;
}

static enum sts_status
call_lock(struct sts_store *store)
{
	return sts_store_lock(store, "a.example", 1000);
}

static enum sts_status
call_unlock(struct sts_store *store)
{
	return sts_store_unlock(store, "a.example");
}

static enum sts_status
call_apply(struct sts_store *store)
{
	static const struct sts_count field = { "messages", 1 };
	struct sts_counts_row rows[] = {
		{ .day = "2025-08-09", .field_count = 1, .fields = &field },
		{ .domain = "a.example", .day = "2025-08-09", .field_count = 1, .fields = &field },
	};
	const struct sts_counts_batch batch = { .incarnation = "0", .sequence = 1, .row_count = 2, .rows = rows };

	return sts_store_apply(store, &batch);
}

static enum sts_status
call_append(struct sts_store *store)
{
	char value[] = "x";
	const struct sts_stream_entry entry = { .field_count = 1, .fields = { { "ts", value } } };
	size_t written;

	return sts_store_append(store, &entry, 1, &written);
}

static enum sts_status (*const calls[])(struct sts_store *store) = {
	call_get, call_put, call_lock, call_unlock, call_apply, call_append,
};
enum { CALLS = sizeof(calls) / sizeof(calls[0]) };

static struct sts_store *
open_at(const struct sts_endpoint *endpoint)
{
	const struct sts_store_params params = {
		.endpoint = *endpoint, .username = "", .password = "", .prefix = "mta-sts:", .timeout_ms = TIMEOUT_MS,
		.stats_days = 1, .stream_maxlen = 1, .node = "mx1.example.net",
	};

	log_lines_clear();
	return fixture_open(&params);
}

/* One call, which must fail within its timeout. */
static void
check_call(struct sts_store *store, size_t call, const char *name)
{
	int64_t begin_ms = sts_clock_mono_ms(), took_ms;
	enum sts_status status = calls[call](store);

	took_ms = sts_clock_mono_ms() - begin_ms;
	if (status != STS_EUNAVAILABLE)
		fail_msg("%s: call %zu returns %d", name, call, (int)status);
	if (took_ms > TIMEOUT_MS + LATE_MS)
		fail_msg("%s: call %zu takes %lld ms", name, call, (long long)took_ms);
}

static void
check_lines(const char *name, const char *says)
{
	if (log_lines_with("") != 1 || log_lines_with("is away") != 1 || log_lines_with(says) != 1)
		fail_msg("%s: says%s, want \"%s\"", name, log_lines_text(), says);
	for (const char *c = log_lines_text() + 1; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f)
			fail_msg("%s: byte %02x in the log", name, (unsigned)(unsigned char)*c);
}

static void
check_open_is_quick(struct sts_store *store, const char *name)
{
	int64_t begin_ms = sts_clock_mono_ms(), took_ms;

	for (size_t i = 0; i < QUICK_CALLS; i++)
		assert_int_equal(calls[i % CALLS](store), STS_EUNAVAILABLE);
	took_ms = sts_clock_mono_ms() - begin_ms;
	if (took_ms > QUICK_MS)
		fail_msg("%s: open, and %d calls take %lld ms", name, QUICK_CALLS, (long long)took_ms);
}

/* Makes each kind of call on its own handle until the breaker opens. */
static void
check_server(const struct sts_endpoint *endpoint, const char *name, const char *says)
{
	for (size_t call = 0; call < CALLS; call++) {
		struct sts_store *store = open_at(endpoint);

		check_call(store, call, name);
		check_call(store, call, name);
		if (sts_store_is_up(store))
			fail_msg("%s: call %zu: two failures, and still up", name, call);
		check_open_is_quick(store, name);
		check_lines(name, says);
		/* One more try fails as well, and logs nothing. */
		sts_store_try_now(store);
		check_call(store, call, name);
		check_lines(name, says);
		sts_store_close(&store);
	}
}

static void
test_misbehaviour(void **state)
{
	static const struct {
		const char *name;
		enum misbehaviour what;
		const char *text, *says;
	} rows[] = {
		{ "loading", ANSWERS, "-LOADING Redis is loading the dataset in memory\r\n", "LOADING Redis is loading" },
		{ "busy", ANSWERS, "-BUSY Redis is busy running a script\r\n", "BUSY" },
		{ "cluster down", ANSWERS, "-CLUSTERDOWN The cluster is down\r\n", "CLUSTERDOWN" },
		{ "moved", ANSWERS, "-MOVED 3999 192.0.2.1:6381\r\n", "MOVED 3999" },
		{ "no authentication", ANSWERS, "-NOAUTH Authentication required.\r\n", "NOAUTH" },
		{ "out of memory", ANSWERS, "-OOM command not allowed when used memory > 'maxmemory'.\r\n", "OOM" },
		{ "read only", ANSWERS, "-READONLY You can't write against a read only replica.\r\n", "READONLY" },
		{ "script error of Redis 6", ANSWERS, "-ERR Error running script (call to f_0): @user_script:1: -OOM command\r\n",
		    "Error running script" },
		{ "hostile error", ANSWERS, "-ERR \x1b[31mred\xff\x01\r\n", "ERR ?[31mred??" },
		/* One reply for each call that a batch consists of. */
		{ "no script, always", ANSWERS, "-NOSCRIPT No\r\n-NOSCRIPT No\r\n-NOSCRIPT No\r\n-NOSCRIPT No\r\n", "NOSCRIPT" },
		{ "a very long error", FLOODS, "-ERR ", "too long" },
		{ "another protocol", ANSWERS, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", "not Redis' protocol" },
		{ "nothing at all", ANSWERS, "", "no answer in time" },
		{ "half a line", ANSWERS, ":4", "" },
		{ "a status", ANSWERS, "+OK\r\n", "another kind than expected" },
		{ "a huge array", ANSWERS, "*1000000000\r\n", "not Redis' protocol" },
		{ "an array that ends early", ANSWERS, "*2\r\n*2\r\n:1\r\n", "" },
		{ "a huge string", FLOODS, "$1000000000\r\n", "too long" },
		{ "a dripped string", DRIPS, "$100000\r\n", "no answer in time" },
		{ "a dripped line", DRIPS, "+", "no answer in time" },
		{ "hangs up", HANGS_UP, "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct listener *l = listener_fake(rows[i].what, rows[i].text);
		struct sts_endpoint endpoint = listener_endpoint(l);

		check_server(&endpoint, rows[i].name, rows[i].says);
		listener_end(&l);
	}
}

static void
test_nobody_there(void **state)
{
	struct listener *l = listener_fake(HANGS_UP, "");
	struct sts_endpoint tcp = listener_endpoint(l), path = { .kind = STS_ENDPOINT_UNIX, .host = "/nonexistent/redis.sock" };

	(void)state;
	listener_end(&l);
	check_server(&tcp, "closed port", "Connection refused");
	check_server(&path, "no socket", "No such file");
}

/* A listener with a full backlog: the connection is never established. */
static void
test_connection_hangs(void **state)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sts_endpoint endpoint = { .kind = STS_ENDPOINT_TCP, .host = "127.0.0.1" };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), fillers[4];

	(void)state;
	assert_int_equal(bind(fd, (const struct sockaddr *)&addr, len), 0);
	assert_int_equal(listen(fd, 0), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
	endpoint.port = ntohs(addr.sin_port);
	for (size_t i = 0; i < 4; i++) {
		fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		(void)connect(fillers[i], (const struct sockaddr *)&addr, sizeof(addr));
	}
	check_server(&endpoint, "full backlog", "no connection in time");
	for (size_t i = 0; i < 4; i++)
		close(fillers[i]);
	close(fd);
}

/* A suspended server keeps its connections open. */
static void
test_suspended(void **state)
{
	struct redis_server *server = redis_server_start("");
	struct sts_endpoint endpoint = redis_server_unix(server);
	struct sts_store *store = open_at(&endpoint);

	(void)state;
	assert_int_equal(call_get(store), STS_ENOTFOUND);
	redis_server_suspend(server);
	for (size_t call = 0; call < CALLS; call++)
		check_call(store, call, "suspended");
	check_open_is_quick(store, "suspended");
	check_lines("suspended", "no answer in time");
	redis_server_resume(server);
	sts_store_try_now(store);
	assert_int_equal(call_get(store), STS_ENOTFOUND);
	assert_int_equal(log_lines_with("is back after"), 1);
	assert_true(sts_store_is_up(store));
	sts_store_close(&store);
	redis_server_end(&server);
}

/* It is no failure if the server closes an idle connection. */
static void
test_idle_connection_closed(void **state)
{
	struct redis_server *server = redis_server_start("");
	struct sts_endpoint endpoint = redis_server_unix(server);
	struct sts_store *store = open_at(&endpoint);

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(call_get(store), STS_ENOTFOUND);
		assert_int_equal(redis_server_number(server, "CLIENT KILL TYPE normal SKIPME yes"), 1);
	}
	assert_int_equal(log_lines_with(""), 0);
	sts_store_close(&store);
	redis_server_end(&server);
}

/* Reads go on while writes are refused, and only a successful write counts as recovery. */
static void
test_refuses_writes(void **state)
{
	static const struct {
		const char *on, *off;
	} rows[] = {
		{ "CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0" },
		{ "REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE" },
		{ "CONFIG SET min-replicas-to-write 1", "CONFIG SET min-replicas-to-write 0" },
	};
	struct redis_server *server = redis_server_start("");
	struct sts_endpoint endpoint = redis_server_unix(server);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sts_store *store = open_at(&endpoint);

		redis_server_ask(server, rows[i].on);
		assert_int_equal(call_lock(store), STS_EUNAVAILABLE);
		assert_false(sts_store_is_up(store));
		for (int k = 0; k < 5; k++) {
			sts_store_try_now(store);
			assert_int_equal(call_get(store), STS_ENOTFOUND);
			check_call(store, (size_t)k % 2 == 0 ? 4 : 5, rows[i].on);
		}
		if (log_lines_with("") != 1)
			fail_msg("%s: says%s", rows[i].on, log_lines_text());
		redis_server_ask(server, rows[i].off);
		sts_store_try_now(store);
		assert_int_equal(call_get(store), STS_ENOTFOUND);
		assert_false(sts_store_is_up(store));
		assert_int_equal(call_lock(store), STS_OK);
		assert_true(sts_store_is_up(store));
		assert_int_equal(log_lines_with("is back after"), 1);
		assert_int_equal(call_unlock(store), STS_OK);
		sts_store_close(&store);
	}
	redis_server_end(&server);
}

int
broken_servers(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_misbehaviour),
		cmocka_unit_test(test_nobody_there),
		cmocka_unit_test(test_connection_hangs),
		cmocka_unit_test(test_suspended),
		cmocka_unit_test(test_idle_connection_closed),
		cmocka_unit_test(test_refuses_writes),
	};

	return cmocka_run_group_tests_name("store: broken servers", tests, NULL, NULL);
}
