/* SPDX-License-Identifier: ISC */
/*
 * attempts.c - lists the addresses to try; then threads probe them; then the calling thread judges the results, in order. The threads
 * share only the list, and each entry has one writer.
 */
#include "config.h"

#include "stsctl/sendtest/attempts.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/runtime/thread.h"

enum {
	THREADS = 8,
	/* Servers may delay their greeting on purpose, and SMTP has more round trips than a fetch. */
	PATIENCE = 3,			/* one connection may take this many times fetch_timeout */
};

struct job {
	const struct required_tls *required;
	const struct send_mx *mx;
	struct sts_ipaddr addr;
	struct tls_probe_result probe;
	bool name_fits;
};

struct probes {
	const struct sts_conf *conf;
	const struct required_tls *required;
	int64_t now;
	struct job *jobs;
	size_t count;
	atomic_size_t next;		/* the first job that no thread has taken */
};

/* ---- the threads ---- */

static void
note_certificate(void *arg, const X509 *cert)
{
	struct job *job = arg;

	job->name_fits = required_tls_allows_certificate(job->required, job->mx->host, cert);
}

static void
do_job(const struct probes *probes, struct job *job)
{
	const struct sts_conf *conf = probes->conf;
	const struct tls_probe_request request = { .addr = job->addr, .port = (uint16_t)conf->smtp_port, .smtp = true,
		.host = job->mx->host, .domain = probes->required->domain, .ca_file = conf->ca_file,
		/* authserv_id if that is a full name, else an address literal */
		.helo = strchr(conf->authserv_id, '.') != NULL ? conf->authserv_id : NULL,
		.allow_special = conf->allow_private_addresses, .now = probes->now,
		.deadline_ms = sts_clock_mono_ms() + PATIENCE * conf->fetch_timeout_ms,
		.on_certificate = note_certificate, .on_certificate_arg = job };

	tls_probe(&request, TLS_PROBE_MODERN, &job->probe);
}

static void *
work(void *arg)
{
	struct probes *probes = arg;
	size_t index;

	while ((index = atomic_fetch_add(&probes->next, 1)) < probes->count)
		do_job(probes, &probes->jobs[index]);
	return NULL;
}

static void
run(struct probes *probes)
{
	sts_thread_parallel("stsctl-probe", probes->count < THREADS ? probes->count : THREADS, work, probes);
}

/* ---- before and after ---- */

static struct send_case
make_case(const struct probes *probes, const struct send_route *route, const struct send_mx *mx)
{
	return (struct send_case){ .required = probes->required, .host = mx->host, .mx_signed = route->mx_signed, .dane = mx->dane,
		.tlsa = &mx->tlsa, .now = probes->now };
}

/* Makes the list of addresses, and the verdicts of hosts that are skipped. */
static void
list_addresses(struct probes *probes, const struct send_route *route, struct send_attempts *out)
{
	out->count = route->count;
	for (size_t i = 0; i < route->count; i++) {
		const struct send_mx *mx = &route->mx[i];
		const struct send_case c = make_case(probes, route, mx);
		struct send_host *host = &out->hosts[i];

		host->mx = mx;
		if (mx->addrs.count == 0 && mx->addrs.failed[0] != '\0' && !probes->required->defers) {
			host->verdict.outcome = SEND_UNKNOWN;
			snprintf(host->verdict.why, sizeof(host->verdict.why), "%s", mx->addrs.failed);
			continue;
		}
		if (send_judge_host(&c, &host->verdict))
			continue;
		for (size_t j = 0; j < mx->addrs.count && j < SEND_ADDRESSES_MAX; j++) {
			probes->jobs[probes->count++] = (struct job){ .required = probes->required, .mx = mx, .addr = mx->addrs.list[j] };
			host->count++;
		}
	}
}

/* Sums up the addresses of a host; the reason is that of the first address with the host's outcome. */
static void
sum_up_host(struct send_host *host, enum sts_send_level level)
{
	struct send_try tries[SEND_ADDRESSES_MAX];

	for (size_t i = 0; i < host->count; i++)
		tries[i] = (struct send_try){ .outcome = host->addresses[i].verdict.outcome };
	host->verdict.outcome = send_sum(tries, host->count, level);
	for (size_t i = host->count; i-- > 0;)
		if (host->addresses[i].verdict.outcome == host->verdict.outcome)
			host->verdict = host->addresses[i].verdict;
}

static void
sum_up(enum sts_send_level level, struct send_attempts *out)
{
	struct send_try tries[SEND_MX_MAX];

	for (size_t i = 0; i < out->count; i++)
		tries[i] = (struct send_try){ out->hosts[i].mx->preference, out->hosts[i].verdict.outcome };
	out->verdict.outcome = send_sum(tries, out->count, level);
	out->weakest = send_weakest(tries, out->count);
	for (size_t i = out->count; i-- > 0;)
		if (out->hosts[i].verdict.outcome == out->verdict.outcome)
			snprintf(out->verdict.why, sizeof(out->verdict.why), "%s", out->hosts[i].verdict.why);
}

static void
judge(const struct probes *probes, const struct send_route *route, struct send_attempts *out)
{
	const struct job *job = probes->jobs;

	for (size_t i = 0; i < out->count; i++) {
		struct send_host *host = &out->hosts[i];

		for (size_t j = 0; j < host->count; j++, job++) {
			struct send_case c = make_case(probes, route, host->mx);

			c.probe = &job->probe;
			c.name_fits = job->name_fits;
			snprintf(host->addresses[j].shown, sizeof(host->addresses[j].shown), "%s", job->probe.shown);
			send_judge_address(&c, &host->addresses[j].verdict);
		}
		if (host->count > 0)
			sum_up_host(host, probes->required->level);
	}
}

enum sts_status
send_attempts_make(const struct sts_conf *conf, const struct required_tls *required, const struct send_route *route, int64_t now,
    struct send_attempts *out)
{
	struct probes probes = { .conf = conf, .required = required, .now = now };

	memset(out, 0, sizeof(*out));
	if (route->end != STS_DANE_MX_FOUND) {
		out->verdict.outcome = route->end == STS_DANE_MX_FAILED ? SEND_UNKNOWN : SEND_BOUNCES;
		out->weakest = SEND_WAITS;
		snprintf(out->verdict.why, sizeof(out->verdict.why), "%s", route->why);
		return STS_OK;
	}
	probes.jobs = calloc(SEND_MX_MAX * SEND_ADDRESSES_MAX, sizeof(*probes.jobs));
	if (probes.jobs == NULL)
		return STS_ENOMEM;
	list_addresses(&probes, route, out);
	run(&probes);
	judge(&probes, route, out);
	free(probes.jobs);
	sum_up(required->level, out);
	return STS_OK;
}
