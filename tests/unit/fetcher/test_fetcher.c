/* SPDX-License-Identifier: ISC */
/*
 * The daemon's side of the fetch process, against processes that misbehave (odd_fetcher.c): each fetch ends with one result, and
 * the next one works again. The policy hosts are a listening socket: no TLS is spoken.
 */
#include "config.h"

#include <errno.h>
#include <libgen.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/log.h"
#include "shared-cache/fetcher/fetcher.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { PLENTY_MS = 60000, SHORT_MS = 300, PER_HOST = 150 };

static char program[4096];
static int listener;
static uint16_t port;
static char last_warning[512];

struct job {
	unsigned calls;
	enum sts_reason reason;
	size_t len;
	char detail[200];
};

static void
keep_warning(enum sts_log_level level, const char *line)
{
	if (level == STS_LOG_WARN)
		snprintf(last_warning, sizeof(last_warning), "%s", line);
}

static void
on_answer(void *arg, const struct sts_https_response *answer)
{
	struct job *job = arg;

	job->calls++;
	job->reason = answer->reason;
	job->len = answer->len;
	snprintf(job->detail, sizeof(job->detail), "%s", answer->detail);
}

static struct sts_fetcher *
new_fetcher(const char *how, bool allow_special)
{
	const struct sts_fetcher_params params = { .program = program, .ca_file = "", .contact = how, .port = port,
		.allow_special = allow_special, .per_host = PER_HOST };
	struct sts_fetcher *f;

	last_warning[0] = '\0';
	assert_int_equal(sts_fetcher_new(&params, &f), STS_OK);
	return f;
}

static void
ask(const struct sts_fetcher *f, const char *address, int64_t timeout_ms, struct job *job)
{
	const struct sts_https_backend *web = sts_fetcher_backend(f);
	struct sts_ipaddr addr;
	struct sts_https_request request = { .host = "mta-sts.a.test", .addrs = &addr, .addr_count = 1,
		.deadline_ms = sts_clock_mono_ms() + timeout_ms, .connect_timeout_ms = timeout_ms };

	*job = (struct job){ .calls = 0 };
	assert_true(sts_ipaddr_parse(address, strlen(address), &addr));
	assert_int_equal(web->get(web->self, &request, on_answer, job), STS_OK);
	assert_int_equal(job->calls, 0);
}

static void
turn(const struct sts_fetcher *f)
{
	const struct sts_https_backend *web = sts_fetcher_backend(f);

	web->wait(web->self, NULL, 0, 1000);
	web->process(web->self);
}

static void
run(const struct sts_fetcher *f, const struct job *job)
{
	while (job->calls == 0)
		turn(f);
	assert_int_equal(job->calls, 1);
}

static uint64_t
deaths(const struct sts_fetcher *f)
{
	struct sts_fetcher_state state;

	sts_fetcher_state(f, &state);
	return state.deaths;
}

static const struct {
	const char *how;
	enum sts_reason want;
	const char *warning;
	int64_t timeout_ms;
} rows[] = {
	{ "garbage", STS_REASON_FETCH_CONNECT, "sent bytes without sense", PLENTY_MS },
	{ "cut", STS_REASON_FETCH_CONNECT, "sent an answer that is none", PLENTY_MS },
	{ "twice", STS_REASON_NONE, "answered what nobody has asked", PLENTY_MS },
	{ "unasked", STS_REASON_FETCH_CONNECT, "answered what nobody has asked", PLENTY_MS },
	{ "ready again", STS_REASON_FETCH_CONNECT, "sent a greeting that is none", PLENTY_MS },
	{ "too long", STS_REASON_FETCH_CONNECT, "sent more than it may", PLENTY_MS },
	{ "descriptor", STS_REASON_FETCH_CONNECT, "sent more than it may", PLENTY_MS },
#ifndef STS_SANITIZED
	{ "crash", STS_REASON_FETCH_CONNECT, "signal 11", PLENTY_MS },
#endif
	{ "killed", STS_REASON_OVERLOAD, "signal 9", PLENTY_MS },
	{ "end", STS_REASON_FETCH_CONNECT, "status 0", PLENTY_MS },
	{ "stop", STS_REASON_FETCH_TIMEOUT, "did not answer, and was killed", SHORT_MS },
};

/* Twice each: the second process is as bad as the first, and trusted as little. */
static void
test_odd_processes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sts_fetcher *f = new_fetcher(rows[i].how, true);

		for (uint64_t round = 1; round <= 2; round++) {
			struct job job;

			last_warning[0] = '\0';
			/* While the first process is up there is plenty of time; the second must have started before the short
			 * time ends. */
			while (rows[i].timeout_ms == SHORT_MS) {
				struct sts_fetcher_state now;

				sts_fetcher_state(f, &now);
				if (now.up)
					break;
				turn(f);
			}
			ask(f, "127.0.0.1", rows[i].timeout_ms, &job);
			run(f, &job);
			if (job.reason != rows[i].want || (job.len > 0) != (job.reason == STS_REASON_NONE))
				fail_msg("%s: got %s (%s)", rows[i].how, sts_reason_name(job.reason), job.detail);
			while (deaths(f) < round)
				turn(f);
			if (strstr(last_warning, rows[i].warning) == NULL)
				fail_msg("%s: logged '%s'", rows[i].how, last_warning);
		}
		sts_fetcher_free(&f);
	}
}

static void
test_sane_process(void **state)
{
	struct sts_fetcher *f = new_fetcher("sane", true);
	struct sts_fetcher_state now;
	struct job jobs[100];

	(void)state;
	for (size_t i = 0; i < COUNT(jobs); i++)
		ask(f, "127.0.0.1", PLENTY_MS, &jobs[i]);
	for (size_t i = 0; i < COUNT(jobs); i++) {
		run(f, &jobs[i]);
		assert_int_equal(jobs[i].reason, STS_REASON_NONE);
		assert_true(jobs[i].len > 0);
	}
	sts_fetcher_state(f, &now);
	assert_true(now.up && now.is_confined && now.deaths == 0 && now.pid > 0);
	/* killed while idle: only the log tells */
	assert_int_equal(kill(now.pid, SIGKILL), 0);
	while (deaths(f) == 0)
		turn(f);
	ask(f, "127.0.0.1", PLENTY_MS, &jobs[0]);
	run(f, &jobs[0]);
	assert_int_equal(jobs[0].reason, STS_REASON_NONE);
	sts_fetcher_free(&f);
	assert_null(f);
}

/* Without READY there are no questions; fetches wait as long as they may, and do not blame the domain. */
static void
test_no_start(void **state)
{
	static const char *const hows[] = { "answers first", "does not start" };

	(void)state;
	for (size_t i = 0; i < COUNT(hows); i++) {
		struct sts_fetcher *f = new_fetcher(hows[i], true);
		struct job job;

		ask(f, "127.0.0.1", SHORT_MS, &job);
		run(f, &job);
		assert_int_equal(job.reason, STS_REASON_OVERLOAD);
		while (deaths(f) < 3)
			turn(f);
		sts_fetcher_free(&f);
	}
}

/* Addresses that must not be connected to are not. */
static void
test_addresses(void **state)
{
	struct sts_fetcher *f = new_fetcher("sane", false);
	struct job job;

	(void)state;
	ask(f, "127.0.0.1", PLENTY_MS, &job);
	run(f, &job);
	assert_int_equal(job.reason, STS_REASON_FETCH_REFUSED);
	assert_string_equal(job.detail, "127.0.0.1 is a loopback address");
	sts_fetcher_free(&f);
	f = new_fetcher("sane", true);
	ask(f, "127.0.0.77", PLENTY_MS, &job);	/* nobody listens there */
	run(f, &job);
	assert_int_equal(job.reason, STS_REASON_FETCH_CONNECT);
	assert_string_equal(job.detail, "127.0.0.77: Connection refused");
	sts_fetcher_free(&f);
}

/* Many domains, each with a dead first address of its own, and all with the same second address: only a few connect to it at a
 * time. */
static void
test_same_second_address(void **state)
{
	enum { DOMAINS = PER_HOST + 20 };
	struct sts_fetcher *f = new_fetcher("silent", true);
	const struct sts_https_backend *web = sts_fetcher_backend(f);
	struct job *jobs = calloc(DOMAINS, sizeof(*jobs));
	unsigned refused = 0;

	(void)state;
	assert_non_null(jobs);
	for (size_t i = 0; i < DOMAINS; i++) {
		const struct sts_ipaddr addrs[] = { { .family = 4, .bytes = { 127, 0, 1, (uint8_t)(i + 1) } }, { .family = 4, .bytes = { 127, 0, 0, 1 } } };
		const struct sts_https_request request = { .host = "mta-sts.a.test", .addrs = addrs, .addr_count = COUNT(addrs),
			.deadline_ms = sts_clock_mono_ms() + PLENTY_MS, .connect_timeout_ms = PLENTY_MS };

		assert_int_equal(web->get(web->self, &request, on_answer, &jobs[i]), STS_OK);
	}
	while (refused < DOMAINS - PER_HOST) {
		turn(f);
		refused = 0;
		for (size_t i = 0; i < DOMAINS; i++)
			refused += jobs[i].calls;
	}
	assert_int_equal(refused, DOMAINS - PER_HOST);
	for (size_t i = 0; i < DOMAINS; i++) {
		if (jobs[i].calls == 0)
			continue;
		assert_int_equal(jobs[i].reason, STS_REASON_OVERLOAD);
		assert_string_equal(jobs[i].detail, "127.0.0.1: it has as many connections as it may have");
	}
	web->stop(web->self);
	while (!web->is_idle(web->self))
		web->process(web->self);
	sts_fetcher_free(&f);
	free(jobs);
}

static void
test_stop(void **state)
{
	struct sts_fetcher *f = new_fetcher("silent", true);
	const struct sts_https_backend *web = sts_fetcher_backend(f);
	struct job early, late;

	(void)state;
	ask(f, "127.0.0.1", PLENTY_MS, &early);
	turn(f);
	web->stop(web->self);
	ask(f, "127.0.0.1", PLENTY_MS, &late);
	assert_false(web->is_idle(web->self));
	while (!web->is_idle(web->self))
		web->process(web->self);
	assert_true(early.calls == 1 && early.reason == STS_REASON_FETCH_TIMEOUT);
	assert_true(late.calls == 1 && late.reason == STS_REASON_FETCH_TIMEOUT);
	sts_fetcher_free(&f);
}

static void
test_no_program(void **state)
{
	const struct sts_fetcher_params none = { .program = "/nonexistent/fetcher", .ca_file = "", .port = 443 };
	const struct sts_fetcher_params no_ca = { .program = program, .ca_file = "/nonexistent/ca.pem", .port = 443 };
	struct sts_fetcher *f;

	(void)state;
	assert_int_equal(sts_fetcher_new(&none, &f), STS_ENOTFOUND);
	assert_int_equal(errno, ENOENT);
	assert_null(f);
	assert_int_equal(sts_fetcher_new(&no_ca, &f), STS_EINVAL);
	assert_null(f);
}

static void
listen_somewhere(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(at);

	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&at, len) != 0 || listen(listener, 512) != 0 ||
	    getsockname(listener, (struct sockaddr *)&at, &len) != 0)
		abort();
	port = ntohs(at.sin_port);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sane_process),
		cmocka_unit_test(test_odd_processes),
		cmocka_unit_test(test_no_start),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_same_second_address),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_no_program),
	};
	char self[2048];

	(void)argc;
	snprintf(self, sizeof(self), "%s", argv[0]);
	snprintf(program, sizeof(program), "%s/odd_fetcher", dirname(self));
	signal(SIGPIPE, SIG_IGN);
	sts_log_open(keep_warning, STS_LOG_WARN);
	listen_somewhere();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
