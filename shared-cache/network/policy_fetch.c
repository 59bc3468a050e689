/* SPDX-License-Identifier: ISC */
/*
 * policy_fetch.c - one policy fetch, from the addresses to the bytes. Knows neither DNS nor curl.
 *
 * Connecting may take half of the fetch's time. If a server accepts the connection and then stays mute in TLS, curl does not go on
 * to the next address; the rest of the time is for one more try elsewhere.
 */
#include "config.h"

#include "shared-cache/network/policy_fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/names/domain.h"
#include "shared-cache/names/ipaddr.h"
#include "shared-cache/network/policy_host.h"

_Static_assert((int)STS_HOST_ADDRS <= (int)STS_HTTPS_ADDRS, "all addresses fit into a request");

struct fetch {
	const struct sts_policy_fetch_env *env;
	char host[STS_DOMAIN_CAP + sizeof(STS_POLICY_HOST)];
	int64_t deadline_ms;
	sts_fetch_fn *fn;
	void *arg;
	struct sts_ipaddr addrs[STS_HOST_ADDRS];
	size_t count;
	bool is_second_try;
};

static enum sts_status try_https(struct fetch *f);

static bool
is_same(const struct sts_ipaddr *a, const struct sts_ipaddr *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

/* Leaves out the mute address. The other family comes first, in case one family leads to a single place. */
static void
drop_mute(struct fetch *f, const struct sts_ipaddr *mute)
{
	struct sts_ipaddr kept[STS_HOST_ADDRS];
	size_t count = 0;

	for (size_t i = 0; i < f->count; i++) {
		if (f->addrs[i].family != mute->family)
			kept[count++] = f->addrs[i];
	}
	for (size_t i = 0; i < f->count; i++) {
		if (f->addrs[i].family == mute->family && !is_same(&f->addrs[i], mute))
			kept[count++] = f->addrs[i];
	}
	memcpy(f->addrs, kept, count * sizeof(kept[0]));
	f->count = count;
}

static void
on_https(void *arg, const struct sts_https_response *answer)
{
	struct fetch *f = arg;
	const struct sts_fetch_answer out = { .reason = answer->reason, .body = answer->body, .len = answer->len,
		.detail = answer->detail };

	if (answer->mute.family != 0 && !f->is_second_try) {
		f->is_second_try = true;
		drop_mute(f, &answer->mute);
		if (f->count > 0 && sts_clock_mono_ms() < f->deadline_ms && try_https(f) == STS_OK)
			return;
	}
	f->fn(f->arg, &out);
	free(f);
}

static enum sts_status
try_https(struct fetch *f)
{
	const struct sts_https_request request = { .host = f->host, .addrs = f->addrs, .addr_count = f->count,
		.deadline_ms = f->deadline_ms, .connect_timeout_ms = f->env->timeout_ms / 2 };

	return f->env->backend->get(f->env->backend->self, &request, on_https, f);
}

enum sts_status
sts_policy_fetch_start(const struct sts_policy_fetch_env *env, const struct sts_fetch_request *request, sts_fetch_fn *fn, void *arg)
{
	struct fetch *f = calloc(1, sizeof(*f));
	int64_t latest_ms = sts_clock_mono_ms() + env->timeout_ms;
	enum sts_status status;

	if (f == NULL)
		return STS_ENOMEM;
	f->env = env;
	f->deadline_ms = request->deadline_ms < latest_ms ? request->deadline_ms : latest_ms;
	f->fn = fn;
	f->arg = arg;
	f->count = request->count < STS_HOST_ADDRS ? request->count : STS_HOST_ADDRS;
	memcpy(f->addrs, request->addrs, f->count * sizeof(f->addrs[0]));
	snprintf(f->host, sizeof(f->host), STS_POLICY_HOST "%s", request->domain);
	status = try_https(f);
	if (status != STS_OK)
		free(f);
	return status;
}
