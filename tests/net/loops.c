/* SPDX-License-Identifier: ISC */
/* loops.c - the loop itself: valid parameters, its end, wakeups, and waiting without spinning. */
#include "config.h"

#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "shared-cache/base/clock.h"
#include "tests/net/jobs.h"

static const struct {
	const char *dns_servers, *ca_file;
	enum sts_status want;
} news[] = {
	{ "", "", STS_OK },
	{ "127.0.0.1", "", STS_OK },
	{ "127.0.0.1:5353,[::1]:53,192.0.2.1", "", STS_OK },
	{ ",", "", STS_EINVAL },
	{ "localhost", "", STS_EINVAL },
	{ "127.0.0.1:x", "", STS_EINVAL },
	{ "127.0.0.1,ns.example.com", "", STS_EINVAL },
	{ "127.0.0.1", "/nonexistent/ca.pem", STS_EINVAL },
};

void
making_loops(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(news); i++) {
		const struct sts_net_loop_params params = { .dns_servers = news[i].dns_servers, .ca_file = news[i].ca_file,
			.dns_timeout_ms = 1000, .fetch_timeout_ms = 1000, .policy_port = 443 };
		struct sts_net_loop *loop;
		enum sts_status got = sts_net_loop_new(&params, &loop);

		if (got != news[i].want || (loop != NULL) != (got == STS_OK))
			fail_msg("'%s' '%s': got %s, want %s", news[i].dns_servers, news[i].ca_file, sts_status_text(got),
			    sts_status_text(news[i].want));
		sts_net_loop_free(&loop);
		assert_null(loop);
	}
}

void
free_ends_everything(void **state)
{
	struct sts_net_loop *holes = new_loop(HOLE, PLENTY_MS, PLENTY_MS, true);
	struct sts_net_loop *loop = new_loop(DNS, PLENTY_MS, PLENTY_MS, true);
	struct job txt = { .again_on = holes }, addrs = { .calls = 0 }, tls = { .calls = 0 }, body = { .calls = 0 };
	struct job fresh = { .calls = 0 };
	long before = world_count(&world);

	(void)state;
	start_txt(holes, "_mta-sts.one.test", &txt);
	start_fetch(holes, "ok.test", &addrs);
	start_fetch(loop, "silent.test", &tls);
	start_fetch(loop, "hang.test", &body);
	while (world_count(&world) < before + 2)
		sts_net_loop_run_once(loop, 10);
	sts_net_loop_run_once(holes, 10);
	start_fetch(loop, "ok.test", &fresh);
	sts_net_loop_free(&holes);
	sts_net_loop_free(&loop);
	assert_int_equal(txt.calls, 2);		/* the second lookup was started while the loop ended */
	assert_int_equal(txt.outcome, STS_DNS_TIMEOUT);
	check_call("addresses", &addrs);
	check_call("TLS", &tls);
	check_call("body", &body);
	check_call("fresh", &fresh);
	assert_int_equal(addrs.reason, STS_REASON_FETCH_TIMEOUT);
	assert_int_equal(tls.reason, STS_REASON_FETCH_TIMEOUT);
	assert_int_equal(body.reason, STS_REASON_FETCH_TIMEOUT);
	assert_int_equal(fresh.reason, STS_REASON_FETCH_TIMEOUT);
}

static void *
wake(void *arg)
{
	usleep(50000);		/* the loop most likely waits by then; if not, the wakeup must still not be lost */
	sts_net_loop_wakeup(arg);
	return NULL;
}

void
wakeups(void **state)
{
	struct sts_net_loop *loop = new_loop(HOLE, PLENTY_MS, PLENTY_MS, true);
	int64_t start = sts_clock_mono_ms();
	struct job job = { .calls = 0 };
	pthread_t thread;

	(void)state;
	sts_net_loop_wakeup(loop);
	sts_net_loop_run_once(loop, PLENTY_MS);
	start_txt(loop, "_mta-sts.one.test", &job);	/* its first retry is due after PLENTY_MS / 4 */
	assert_int_equal(pthread_create(&thread, NULL, wake, loop), 0);
	sts_net_loop_run_once(loop, PLENTY_MS);
	pthread_join(thread, NULL);
	if (sts_clock_mono_ms() - start >= PLENTY_MS / 4)
		fail_msg("the wakeup did not wake");
	sts_net_loop_free(&loop);
}

/* A loop that waits only for a timeout must not spin. */
void
waiting_costs_nothing(void **state)
{
	struct sts_net_loop *loop = new_loop(CLOSED, SHORT_MS, SHORT_MS, true);
	struct sts_net_loop *hole = new_loop(HOLE, SHORT_MS, SHORT_MS, true);
	struct job refused = { .calls = 0 }, silent = { .calls = 0 };
	unsigned turns = 0;

	(void)state;
	start_txt(loop, "_mta-sts.one.test", &refused);
	for (; refused.calls == 0; turns++)
		sts_net_loop_run_once(loop, 1000);
	start_txt(hole, "_mta-sts.one.test", &silent);
	for (; silent.calls == 0; turns++)
		sts_net_loop_run_once(hole, 1000);
	if (turns > 40)
		fail_msg("%u turns", turns);
	sts_net_loop_free(&hole);
	sts_net_loop_free(&loop);
}

/* Neither DNS nor a web server can be asked: a local failure, not the domain's. */
void
no_descriptor_to_be_had(void **state)
{
	struct sts_net_loop *loop = new_loop(DNS, PLENTY_MS, PLENTY_MS, true);
	struct job txt = { .calls = 0 }, fetch = { .calls = 0 };
	struct rlimit before, none;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = (rlim_t)dup(0);
	close((int)none.rlim_cur);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	start_txt(loop, "_mta-sts.one.test", &txt);
	start_fetch(loop, "one.test", &fetch);
	while (txt.calls == 0 || fetch.calls == 0)
		sts_net_loop_run_once(loop, 100);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(txt.outcome, STS_DNS_LOCAL);
	assert_string_equal(sts_reason_name(fetch.reason), "overload");
	/* works again as soon as there are descriptors */
	txt = (struct job){ .calls = 0 };
	start_txt(loop, "_mta-sts.one.test", &txt);
	run_all(loop, &txt, 1);
	assert_int_equal(txt.outcome, STS_DNS_OK);
	sts_net_loop_free(&loop);
}

static size_t
count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t count = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count;
}

void
no_descriptor_is_left(void **state)
{
	size_t before = count_descriptors();

	fetches(state);
	txt_all_at_once(state);
	free_ends_everything(state);
	end_fetchers(state);
	assert_int_equal(count_descriptors(), before);
}
