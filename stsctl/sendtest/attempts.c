/* SPDX-License-Identifier: ISC */
/*
 * attempts.c - the connections. Which of them there are is known before; then threads probe; then this thread judges, in order.
 * Nothing is shared but the list, and each entry has one writer.
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
	/* Servers may greet late on purpose, and a dialogue has more steps than a fetch. */
	PATIENCE = 3,			/* times fetch_timeout, for one connection */
};

struct job {
	const struct required_tls *required;
	const struct send_mx *mx;
	struct sts_ipaddr addr;
	struct tls_probe_result probe;
	bool name_fits;
};

struct round {
	const struct sts_conf *conf;
	const struct required_tls *required;
	int64_t now;
	struct job *jobs;
	size_t count;
	atomic_size_t next;		/* the first job that nobody has taken */
};

/* ---- the threads ---- */

static void
look(void *arg, const X509 *cert)
{
	struct job *job = arg;

	job->name_fits = required_tls_allows_certificate(job->required, job->mx->host, cert);
}

static void
do_job(const struct round *round, struct job *job)
{
	const struct sts_conf *conf = round->conf;
	const struct tls_probe_request request = { .addr = job->addr, .port = (uint16_t)conf->smtp_port, .smtp = true,
		.host = job->mx->host, .domain = round->required->domain, .ca_file = conf->ca_file,
		/* the host's name where it has one in DNS' form, else an address literal */
		.helo = strchr(conf->authserv_id, '.') != NULL ? conf->authserv_id : NULL,
		.allow_special = conf->allow_private_addresses, .now = round->now,
		.deadline_ms = sts_clock_mono_ms() + PATIENCE * conf->fetch_timeout_ms, .on_certificate = look, .on_certificate_arg = job };

	tls_probe(&request, TLS_PROBE_MODERN, &job->probe);
}

static void *
work(void *arg)
{
	struct round *round = arg;
	size_t index;

	while ((index = atomic_fetch_add(&round->next, 1)) < round->count)
		do_job(round, &round->jobs[index]);
	return NULL;
}

static void
run(struct round *round)
{
	sts_thread_parallel("stsctl-probe", round->count < THREADS ? round->count : THREADS, work, round);
}

/* ---- before and after ---- */

static struct send_case
make_case(const struct round *round, const struct send_route *route, const struct send_mx *mx)
{
	return (struct send_case){ .required = round->required, .host = mx->host, .mx_signed = route->mx_signed, .dane = mx->dane,
		.tlsa = &mx->tlsa, .now = round->now };
}

/* Hosts that are passed over are settled here. */
static void
plan(struct round *round, const struct send_route *route, struct send_attempts *out)
{
	out->count = route->count;
	for (size_t i = 0; i < route->count; i++) {
		const struct send_mx *mx = &route->mx[i];
		const struct send_case c = make_case(round, route, mx);
		struct send_host *host = &out->hosts[i];

		host->mx = mx;
		if (mx->addrs.count == 0 && mx->addrs.failed[0] != '\0' && !round->required->defers) {
			host->verdict.outcome = SEND_UNKNOWN;
			snprintf(host->verdict.why, sizeof(host->verdict.why), "%s", mx->addrs.failed);
			continue;
		}
		if (send_judge_host(&c, &host->verdict))
			continue;
		for (size_t j = 0; j < mx->addrs.count && j < SEND_ADDRESSES_MAX; j++) {
			round->jobs[round->count++] = (struct job){ .required = round->required, .mx = mx, .addr = mx->addrs.list[j] };
			host->count++;
		}
	}
}

/* The host by its addresses: the first that has the host's outcome says why. */
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
judge(const struct round *round, const struct send_route *route, struct send_attempts *out)
{
	const struct job *job = round->jobs;

	for (size_t i = 0; i < out->count; i++) {
		struct send_host *host = &out->hosts[i];

		for (size_t j = 0; j < host->count; j++, job++) {
			struct send_case c = make_case(round, route, host->mx);

			c.probe = &job->probe;
			c.name_fits = job->name_fits;
			snprintf(host->addresses[j].shown, sizeof(host->addresses[j].shown), "%s", job->probe.shown);
			send_judge_address(&c, &host->addresses[j].verdict);
		}
		if (host->count > 0)
			sum_up_host(host, round->required->level);
	}
}

enum sts_status
send_attempts_make(const struct sts_conf *conf, const struct required_tls *required, const struct send_route *route, int64_t now,
    struct send_attempts *out)
{
	struct round round = { .conf = conf, .required = required, .now = now };

	memset(out, 0, sizeof(*out));
	if (route->end != STS_DANE_MX_FOUND) {
		out->verdict.outcome = route->end == STS_DANE_MX_FAILED ? SEND_UNKNOWN : SEND_BOUNCES;
		out->weakest = SEND_WAITS;
		snprintf(out->verdict.why, sizeof(out->verdict.why), "%s", route->why);
		return STS_OK;
	}
	round.jobs = calloc(SEND_MX_MAX * SEND_ADDRESSES_MAX, sizeof(*round.jobs));
	if (round.jobs == NULL)
		return STS_ENOMEM;
	plan(&round, route, out);
	run(&round);
	judge(&round, route, out);
	free(round.jobs);
	sum_up(required->level, out);
	return STS_OK;
}
