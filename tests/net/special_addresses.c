/* SPDX-License-Identifier: ISC */
/* special_addresses.c - never connects to policy hosts at addresses of this machine or of private networks. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/network/https.h"
#include "tests/net/jobs.h"

void
special_addresses(void **state)
{
	static const struct fetch_row rows[] = {
		{ "ok.test", STS_REASON_FETCH_REFUSED, "127.0.0.1 is a loopback address" },
		{ "ok6.test", STS_REASON_FETCH_REFUSED, "::1 is a loopback address" },
		{ "alias.test", STS_REASON_FETCH_REFUSED, "127.0.0.1 is a loopback address" },
		{ "mapped.test", STS_REASON_FETCH_REFUSED, "127.0.0.1 is a loopback address" },
		{ "nat64.test", STS_REASON_FETCH_REFUSED, "is a loopback address" },
		{ "linklocal.test", STS_REASON_FETCH_REFUSED, "fe80::1 is a link-local address" },
		{ "private.test", STS_REASON_FETCH_REFUSED, "private address" },
		{ "dead-first.test", STS_REASON_FETCH_REFUSED, "loopback" },
		{ "crowd.test", STS_REASON_FETCH_REFUSED, "loopback" },
		{ "nothing.test", STS_REASON_FETCH_CONNECT, "no address" },
	};
	struct sts_net_loop *loop = new_loop(DNS, PLENTY_MS, PLENTY_MS, false);
	struct job jobs[COUNT(rows)];
	long before = world_count(&world);

	(void)state;
	memset(jobs, 0, sizeof(jobs));
	for (size_t i = 0; i < COUNT(rows); i++)
		start_fetch(loop, rows[i].domain, &jobs[i]);
	run_all(loop, jobs, COUNT(jobs));
	for (size_t i = 0; i < COUNT(rows); i++)
		check_fetch(&rows[i], &jobs[i]);
	sts_net_loop_free(&loop);
	assert_true(before > 0);
	assert_int_equal(world_count(&world), before);
}

static void
on_https(void *arg, const struct sts_https_response *answer)
{
	const struct sts_fetch_answer same = { .reason = answer->reason, .body = answer->body, .len = answer->len,
		.detail = answer->detail };

	on_fetch(arg, &same);
}

/* The check when the socket is made does not rely on the earlier one. */
void
special_address_at_the_socket(void **state)
{
	static const char *const addrs[] = { "127.0.0.1", "::1" };
	const struct sts_https_params params = { .ca_file = world.ca, .port = (uint16_t)world.https };
	long before = world_count(&world);

	(void)state;
	for (size_t i = 0; i < COUNT(addrs); i++) {
		const struct fetch_row row = { addrs[i], STS_REASON_FETCH_REFUSED, "is a loopback address" };
		struct sts_ipaddr addr;
		struct sts_https_request request = { .host = "mta-sts.ok.test", .addrs = &addr, .addr_count = 1,
			.deadline_ms = sts_clock_mono_ms() + PLENTY_MS, .connect_timeout_ms = PLENTY_MS };
		struct job job = { .calls = 0 };
		struct sts_https *https;

		assert_true(sts_ipaddr_parse(addrs[i], strlen(addrs[i]), &addr));
		assert_int_equal(sts_https_new(&params, &https), STS_OK);
		assert_int_equal(sts_https_get(https, &request, on_https, &job), STS_OK);
		while (job.calls == 0) {
			sts_https_wait(https, NULL, 0, 100);
			sts_https_process(https);
		}
		check_fetch(&row, &job);
		sts_https_free(&https);
	}
	assert_int_equal(world_count(&world), before);
}

/* Several fetches whose first address is dead, and whose second one, the same for all, accepts connections and stays silent. */
void
same_second_address(void **state)
{
	enum { REQUESTS = 6, PER_HOST = 2 };
	const struct sts_https_params params = { .ca_file = world.ca, .port = (uint16_t)world.https, .allow_special = true,
		.per_host = PER_HOST };
	struct job jobs[REQUESTS] = { { .calls = 0 } };
	struct sts_https *https;
	size_t refused = 0;

	(void)state;
	assert_int_equal(sts_https_new(&params, &https), STS_OK);
	for (size_t i = 0; i < REQUESTS; i++) {
		const struct sts_ipaddr addrs[] = { { .family = 4, .bytes = { 127, 0, 0, 3 } }, { .family = 4, .bytes = { 127, 0, 0, 2 } } };
		struct sts_https_request request = { .host = "mta-sts.ok.test", .addrs = addrs, .addr_count = 2,
			.deadline_ms = sts_clock_mono_ms() + PLENTY_MS, .connect_timeout_ms = PLENTY_MS };

		assert_int_equal(sts_https_get(https, &request, on_https, &jobs[i]), STS_OK);
	}
	while (refused < REQUESTS - PER_HOST) {
		sts_https_wait(https, NULL, 0, 100);
		sts_https_process(https);
		refused = 0;
		for (size_t i = 0; i < REQUESTS; i++)
			refused += jobs[i].calls;
	}
	assert_int_equal(refused, REQUESTS - PER_HOST);
	for (size_t i = 0; i < REQUESTS; i++)
		assert_true(jobs[i].calls == 0 || jobs[i].reason == STS_REASON_OVERLOAD);
	sts_https_free(&https);
}

void
no_address_at_all(void **state)
{
	const struct sts_https_params params = { .ca_file = world.ca, .port = (uint16_t)world.https, .allow_special = true };
	struct sts_https_request request = { .host = "localhost", .deadline_ms = sts_clock_mono_ms() + PLENTY_MS,
		.connect_timeout_ms = PLENTY_MS };
	struct job job = { .calls = 0 };
	struct sts_https *https;

	(void)state;
	assert_int_equal(sts_https_new(&params, &https), STS_OK);
	assert_int_equal(sts_https_get(https, &request, on_https, &job), STS_OK);
	assert_int_equal(job.calls, 0);
	sts_https_process(https);
	assert_int_equal(job.calls, 1);
	assert_int_equal(job.reason, STS_REASON_FETCH_CONNECT);
	assert_string_equal(job.text, "no address");
	sts_https_free(&https);
}
