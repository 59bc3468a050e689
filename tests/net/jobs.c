/* SPDX-License-Identifier: ISC */
/* jobs.c - starts lookups and fetches on a loop, and checks their results. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/fetcher/fetcher.h"
#include "tests/net/jobs.h"

struct world world;
const char *fetcher_program;

enum { FETCHERS_MAX = 32 };

static struct sts_fetcher *fetchers[FETCHERS_MAX];
static size_t fetcher_count;

void
list_servers(enum servers servers, char *out, size_t cap)
{
	static const char one[] = "127.0.0.1:%u", two[] = "127.0.0.1:%u,127.0.0.1:%u";

	switch (servers) {
	case DNS:
		snprintf(out, cap, one, world.dns);
		break;
	case HOLE:
		snprintf(out, cap, one, world.hole);
		break;
	case QUIRKS:
		snprintf(out, cap, one, world.quirks);
		break;
	case CLOSED:		/* the policy hosts' port, which has no UDP listener */
		snprintf(out, cap, one, world.https);
		break;
	case QUIRKS_DNS:
		snprintf(out, cap, two, world.quirks, world.dns);
		break;
	case HOLE_DNS:
		snprintf(out, cap, two, world.hole, world.dns);
		break;
	case CLOSED_DNS:
		snprintf(out, cap, two, world.https, world.dns);
		break;
	}
}

/* Short limits in the tables do not allow for the start of the process. */
static void
wait_until_up(const struct sts_fetcher *f)
{
	const struct sts_https_backend *web = sts_fetcher_backend(f);
	struct sts_fetcher_state now = { .up = false };

	while (!now.up) {
		web->wait(web->self, NULL, 0, 1000);
		web->process(web->self);
		sts_fetcher_state(f, &now);
	}
}

static const struct sts_https_backend *
new_fetcher(bool allow_private)
{
	const struct sts_fetcher_params params = { .program = fetcher_program, .ca_file = world.ca, .contact = "https://a.test/",
		.port = (uint16_t)world.https, .allow_special = allow_private };
	struct sts_fetcher **f = &fetchers[fetcher_count];

	assert_true(fetcher_count < FETCHERS_MAX);
	assert_int_equal(sts_fetcher_new(&params, f), STS_OK);
	fetcher_count++;
	wait_until_up(*f);
	return sts_fetcher_backend(*f);
}

int
end_fetchers(void **state)
{
	(void)state;
	while (fetcher_count > 0)
		sts_fetcher_free(&fetchers[--fetcher_count]);
	return 0;
}

struct sts_net_loop *
new_loop(enum servers servers, int64_t dns_ms, int64_t fetch_ms, bool allow_private)
{
	char list[64];
	const struct sts_net_loop_params params = { .dns_servers = list, .ca_file = world.ca, .contact = "https://a.test/",
		.dns_timeout_ms = dns_ms, .fetch_timeout_ms = fetch_ms, .policy_port = (uint16_t)world.https,
		.allow_private_addresses = allow_private, .backend = fetcher_program != NULL ? new_fetcher(allow_private) : NULL };
	struct sts_net_loop *loop;

	list_servers(servers, list, sizeof(list));
	assert_int_equal(sts_net_loop_new(&params, &loop), STS_OK);
	return loop;
}

void
on_txt(void *arg, const struct sts_txt_answer *answer)
{
	struct job *job = arg;
	struct sts_net_loop *loop = job->again_on;

	job->came_early |= job->in_call;
	job->calls++;
	job->outcome = answer->outcome;
	job->count = answer->count;
	job->ttl = answer->negative_ttl_s;
	job->bytes = 0;
	for (size_t i = 0; i < answer->count; i++) {
		job->bytes += answer->rrset[i].len;
		snprintf(job->text, sizeof(job->text), "%.*s", (int)answer->rrset[i].len, answer->rrset[i].data);
	}
	job->again_on = NULL;
	if (loop != NULL)
		start_txt(loop, "_mta-sts.one.test", job);
}

void
on_fetch(void *arg, const struct sts_fetch_answer *answer)
{
	struct job *job = arg;

	job->came_early |= job->in_call;
	job->calls++;
	job->reason = answer->reason;
	job->len = answer->len;
	snprintf(job->text, sizeof(job->text), "%s", answer->detail);
	snprintf(job->body, sizeof(job->body), "%.*s", (int)answer->len, answer->body);
}

void
start_txt(struct sts_net_loop *loop, const char *name, struct job *job)
{
	const struct sts_net *net = sts_net_loop_net(loop);

	job->in_call = true;
	net->txt(net->self, name, sts_clock_mono_ms() + PLENTY_MS, on_txt, job);
	job->in_call = false;
}

void
start_fetch(struct sts_net_loop *loop, const char *domain, struct job *job)
{
	job->in_call = true;
	sts_net_loop_fetch(loop, domain, sts_clock_mono_ms() + PLENTY_MS, on_fetch, job);
	job->in_call = false;
}

void
run_all(struct sts_net_loop *loop, const struct job *jobs, size_t count)
{
	int64_t deadline = sts_clock_mono_ms() + PLENTY_MS;
	size_t done = 0;

	while (done < count && sts_clock_mono_ms() < deadline) {
		sts_net_loop_run_once(loop, 1000);
		for (done = 0; done < count && jobs[done].calls > 0; done++)
			continue;
	}
}

void
check_call(const char *name, const struct job *job)
{
	if (job->calls != 1)
		fail_msg("%s: %u callbacks", name, job->calls);
	if (job->came_early)
		fail_msg("%s: the callback came from inside the call", name);
}
