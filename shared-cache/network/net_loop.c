/* SPDX-License-Identifier: ISC */
/*
 * net_loop.c - waits for DNS and HTTPS together. Knows neither c-ares nor curl, only that both have sockets and deadlines.
 *
 * Both keep their results until their turn in sts_net_loop_run_once(), so that no callback ever comes from inside the call that
 * started it.
 */
#include "config.h"

#include "shared-cache/network/net_loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/log.h"
#include "shared-cache/dns/dns.h"
#include "shared-cache/names/domain.h"
#include "shared-cache/network/policy_fetch.h"
#include "shared-cache/network/policy_host.h"
#include "shared-cache/network/https.h"

/* A caller for whose request there was no memory; one of the two is set. */
struct deferred {
	sts_host_fn *host;
	sts_fetch_fn *fetch;
	void *arg;
};

struct sts_net_loop {
	struct sts_net net;
	struct sts_dns *dns;
	struct sts_https *https;	/* NULL: another backend is used */
	struct sts_https_backend backend;
	struct sts_policy_host_env host;
	struct sts_policy_fetch_env fetch;
	struct deferred deferred[STS_NET_DEFERRED];
	size_t deferred_count;
};

/* A flight that is never called back would block its domain for ever. A restart by the service manager costs less. */
static void
give_up(void)
{
	sts_fatal("event=netloop error=%s", "out-of-memory");
	abort();
}

static void
defer(struct sts_net_loop *loop, struct deferred who)
{
	if (loop->deferred_count == STS_NET_DEFERRED)
		give_up();
	loop->deferred[loop->deferred_count++] = who;
}

/* Calls back those in the list now; what a callback adds waits for the next call. */
static void
run_deferred(struct sts_net_loop *loop)
{
	static const struct sts_host_answer no_host = { .reason = STS_REASON_OVERLOAD, .detail = "out of memory" };
	static const struct sts_fetch_answer no_file = { .reason = STS_REASON_OVERLOAD, .body = "", .detail = "out of memory" };

	for (size_t left = loop->deferred_count; left > 0; left--) {
		struct deferred first = loop->deferred[0];

		memmove(loop->deferred, loop->deferred + 1, --loop->deferred_count * sizeof(first));
		if (first.host != NULL)
			first.host(first.arg, &no_host);
		else
			first.fetch(first.arg, &no_file);
	}
}

static void
net_txt(void *self, const char *name, int64_t deadline_ms, sts_txt_fn *fn, void *arg)
{
	struct sts_net_loop *loop = self;

	if (sts_dns_txt(loop->dns, name, deadline_ms, fn, arg) != STS_OK)
		give_up();
}

static void
net_host(void *self, const char *domain, int64_t deadline_ms, sts_host_fn *fn, void *arg)
{
	struct sts_net_loop *loop = self;

	if (sts_policy_host_start(&loop->host, domain, deadline_ms, fn, arg) != STS_OK)
		defer(loop, (struct deferred){ .host = fn, .arg = arg });
}

static void
net_fetch(void *self, const struct sts_fetch_request *request, sts_fetch_fn *fn, void *arg)
{
	struct sts_net_loop *loop = self;

	if (sts_policy_fetch_start(&loop->fetch, request, fn, arg) != STS_OK)
		defer(loop, (struct deferred){ .fetch = fn, .arg = arg });
}

static enum sts_status
open_both(struct sts_net_loop *loop, const struct sts_net_loop_params *params)
{
	const struct sts_https_params https = { .ca_file = params->ca_file, .contact = params->contact, .port = params->policy_port,
		.allow_special = params->allow_private_addresses, .per_host = params->per_host };
	enum sts_status status = sts_dns_new(params->dns_servers, params->dns_timeout_ms, &loop->dns);

	if (status != STS_OK)
		return status;
	if (params->backend != NULL) {
		loop->backend = *params->backend;
		return STS_OK;
	}
	status = sts_https_new(&https, &loop->https);
	if (status == STS_OK)
		loop->backend = sts_https_backend_local(loop->https);
	return status;
}

enum sts_status
sts_net_loop_new(const struct sts_net_loop_params *params, struct sts_net_loop **out)
{
	struct sts_net_loop *loop = calloc(1, sizeof(*loop));
	enum sts_status status = loop == NULL ? STS_ENOMEM : open_both(loop, params);

	*out = NULL;
	if (status != STS_OK) {
		if (loop != NULL)
			sts_net_loop_free(&loop);
		return status;
	}
	loop->net = (struct sts_net){ .self = loop, .txt = net_txt, .host = net_host, .fetch = net_fetch };
	loop->host = (struct sts_policy_host_env){ .dns = loop->dns, .allow_special = params->allow_private_addresses };
	loop->fetch = (struct sts_policy_fetch_env){ .backend = &loop->backend, .timeout_ms = params->fetch_timeout_ms };
	*out = loop;
	return STS_OK;
}

/* Callbacks may start more requests even now; these end at once, as timed out. */
static void
end_everything(struct sts_net_loop *loop)
{
	sts_dns_stop(loop->dns);
	loop->backend.stop(loop->backend.self);
	while (!sts_dns_is_idle(loop->dns) || !loop->backend.is_idle(loop->backend.self) || loop->deferred_count > 0) {
		run_deferred(loop);
		sts_dns_process(loop->dns, sts_clock_mono_ms());
		loop->backend.process(loop->backend.self);
	}
}

void
sts_net_loop_free(struct sts_net_loop **loop)
{
	if (*loop == NULL)
		return;
	if ((*loop)->dns != NULL && (*loop)->backend.self != NULL)
		end_everything(*loop);
	sts_dns_free(&(*loop)->dns);
	sts_https_free(&(*loop)->https);
	free(*loop);
	*loop = NULL;
}

const struct sts_net *
sts_net_loop_net(struct sts_net_loop *loop)
{
	return &loop->net;
}

/* ---- a fetch in both steps ---- */

struct errand {
	const struct sts_net *net;
	char domain[STS_DOMAIN_CAP];
	int64_t deadline_ms;
	sts_fetch_fn *fn;
	void *arg;
};

static void
on_host(void *arg, const struct sts_host_answer *answer)
{
	struct errand *e = arg;
	const struct sts_fetch_request request = { .domain = e->domain, .addrs = answer->addrs, .count = answer->count,
		.deadline_ms = e->deadline_ms };
	const struct sts_fetch_answer failed = { .reason = answer->reason, .body = "", .detail = answer->detail };

	if (answer->reason == STS_REASON_NONE)
		e->net->fetch(e->net->self, &request, e->fn, e->arg);
	else
		e->fn(e->arg, &failed);
	free(e);
}

void
sts_net_loop_fetch(struct sts_net_loop *loop, const char *domain, int64_t deadline_ms, sts_fetch_fn *fn, void *arg)
{
	static const struct sts_fetch_answer no_memory = { .reason = STS_REASON_OVERLOAD, .body = "", .detail = "out of memory" };
	int64_t now_ms = sts_clock_mono_ms();
	struct errand *e = calloc(1, sizeof(*e));

	if (e == NULL) {
		fn(arg, &no_memory);
		return;
	}
	e->net = &loop->net;
	e->deadline_ms = deadline_ms;
	e->fn = fn;
	e->arg = arg;
	snprintf(e->domain, sizeof(e->domain), "%s", domain);
	net_host(loop, domain, now_ms + (deadline_ms - now_ms) / 2, on_host, e);
}

/* ---- the loop ---- */

static int64_t
wait_ms(const struct sts_net_loop *loop, int64_t max_wait_ms)
{
	int64_t dns_ms = sts_dns_wait_ms(loop->dns, sts_clock_mono_ms());

	if (max_wait_ms <= 0 || loop->deferred_count > 0 || loop->backend.is_ready(loop->backend.self))
		return 0;
	return dns_ms >= 0 && dns_ms < max_wait_ms ? dns_ms : max_wait_ms;
}

void
sts_net_loop_run_once(struct sts_net_loop *loop, int64_t max_wait_ms)
{
	struct pollfd sockets[STS_DNS_SOCKETS];
	size_t count = sts_dns_sockets(loop->dns, sockets);

	loop->backend.wait(loop->backend.self, sockets, count, wait_ms(loop, max_wait_ms));
	sts_dns_process(loop->dns, sts_clock_mono_ms());
	loop->backend.process(loop->backend.self);
	run_deferred(loop);
}

void
sts_net_loop_wakeup(struct sts_net_loop *loop)
{
	loop->backend.wakeup(loop->backend.self);
}
