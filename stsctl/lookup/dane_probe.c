/* SPDX-License-Identifier: ISC */
/* dane_probe.c - runs a loop of its own for one lookup. Does not judge the outcome. */
#include "config.h"

#include "stsctl/lookup/dane_probe.h"

#include <poll.h>
#include <stdlib.h>

#include "shared-cache/base/clock.h"

struct probe {
	struct sts_dns *dns;
	struct dane_probe *out;
	bool root_done, lookup_done, lookup_begun;
	enum sts_status status;
};

static int64_t
mono_ms(void *self)
{
	(void)self;
	return sts_clock_mono_ms();
}

/* Never has STS_DNS_DEFERRED queries under way, so that it cannot fail. */
static void
ask(void *self, const char *name, enum sts_dns_type type, int64_t deadline_ms, sts_dns_fn *fn, void *arg)
{
	struct probe *p = self;

	if (sts_dns_ask(p->dns, name, type, deadline_ms, fn, arg) != STS_OK)
		abort();
}

static void
on_root(void *arg, const struct sts_dns_reply *reply)
{
	struct probe *p = arg;

	p->root_done = true;
	if (!sts_dns_reply_failed(reply))
		p->out->validation = reply->authentic ? STS_VALIDATION_YES : STS_VALIDATION_NO;
}

static void
on_result(void *arg, const struct sts_dane_result *result)
{
	struct probe *p = arg;

	p->lookup_done = true;
	p->out->result = *result;
	if (result->validates)
		p->out->validation = STS_VALIDATION_YES;
}

static void
wait_for(struct probe *p, const bool *done)
{
	while (!*done) {
		struct pollfd sockets[STS_DNS_SOCKETS];
		size_t count = sts_dns_sockets(p->dns, sockets);
		int64_t wait = sts_dns_wait_ms(p->dns, sts_clock_mono_ms());

		(void)poll(sockets, (nfds_t)count, wait < 0 || wait > 1000 ? 1000 : (int)wait);
		sts_dns_process(p->dns, sts_clock_mono_ms());
	}
}

/* The state that the daemon would use, by the rules of dane_cache.c. */
static enum sts_dane
believed(const struct dane_probe *probe)
{
	bool validates = probe->validation == STS_VALIDATION_YES;

	if (probe->validation == STS_VALIDATION_NO || (probe->result.dane == STS_DANE_UNKNOWN && !validates))
		return STS_DANE_OFF;
	return probe->result.dane;
}

enum sts_status
dane_probe_run(const struct sts_conf *conf, const char *domain, struct dane_probe *out)
{
	struct probe p = { .out = out };
	const struct sts_dane_net net = { .self = &p, .ask = ask, .mono_ms = mono_ms, .timeout_ms = conf->dns_timeout_ms,
		.port = (uint16_t)conf->smtp_port };
	int64_t begun_ms = sts_clock_mono_ms();
	enum sts_status status;

	*out = (struct dane_probe){ .dane = STS_DANE_OFF };
	if (conf->dane == STS_DANE_NEVER)
		return STS_OK;
	status = sts_dns_new(conf->dns_servers, conf->dns_timeout_ms, &p.dns);
	if (status != STS_OK)
		return status;
	ask(&p, ".", STS_DNS_SOA, begun_ms + conf->dns_timeout_ms, on_root, &p);
	status = sts_dane_lookup(&net, domain, on_result, &p);
	if (status == STS_OK)
		wait_for(&p, &p.lookup_done);
	wait_for(&p, &p.root_done);
	sts_dns_free(&p.dns);
	out->dane = status == STS_OK ? believed(out) : STS_DANE_OFF;
	out->ms = sts_clock_mono_ms() - begun_ms;
	return status;
}
