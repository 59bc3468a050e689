/* SPDX-License-Identifier: ISC */
/*
 * check/smtp.c - probes each address of each mail exchanger: a few connections per address, many addresses at the same time.
 *
 * The calling thread first looks up the addresses. Then a few threads probe one address at a time each. Then the calling thread
 * judges the results in the order of the list. The threads share only the list, and each entry has one writer.
 */
#include "config.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/runtime/thread.h"
#include "stsctl/check/check.h"
#include "stsctl/diagnosis/dane_judge.h"
#include "stsctl/diagnosis/mx_judge.h"
#include "stsctl/diagnosis/tls_judge.h"
#include "stsctl/probe/host_addresses.h"
#include "stsctl/terminal/terminal.h"

enum {
	THREADS = 8,
	/* Servers may delay their greeting on purpose, and SMTP has more round trips than a fetch. */
	PATIENCE = 3,			/* one connection may take this many times fetch_timeout */
};

/* One address; written by the thread that took it, read after all threads have ended. */
struct job {
	const struct check_mx *mx;
	struct sts_ipaddr addr;
	struct tls_probe_result modern, other, only_12, old, weak;
	bool has_other, has_only_12, has_old, has_weak;
};

struct probes {
	const struct check_env *env;
	const char *helo;
	const char *domain;
	struct job *jobs;
	size_t count, cap;
	atomic_size_t next;		/* the first job that no thread has taken */
	atomic_size_t done;
	bool shows_progress;
};

/* ---- the list ---- */

static void
add_job(struct probes *probes, const struct check_mx *mx, const struct sts_ipaddr *addr, struct findings *out)
{
	if (probes->count == probes->cap) {
		size_t cap = probes->cap == 0 ? 16 : 2 * probes->cap;
		struct job *grown = reallocarray(probes->jobs, cap, sizeof(*grown));

		if (grown == NULL) {
			out->no_memory = true;
			return;
		}
		probes->jobs = grown;
		probes->cap = cap;
	}
	probes->jobs[probes->count++] = (struct job){ .mx = mx, .addr = *addr };
}

static void
add_host(struct probes *probes, const struct check_facts *facts, const struct check_mx *mx, struct findings *out)
{
	const char *host = mx->host;
	struct host_addresses addrs;

	host_addresses_find(probes->env->dns, host, &addrs);
	if (addrs.failed[0] != '\0') {
		findings_add(out, FINDING_WARN, "smtp.lookup", host, addrs.failed, NULL);
		findings_set_unsure(out);
	} else if (addrs.count == 0) {
		findings_add(out, tls_judge_level(facts->policy), "smtp.no-address", host, "neither A nor AAAA records", NULL);
	}
	for (size_t i = 0; i < addrs.count; i++)
		add_job(probes, mx, &addrs.list[i], out);
}

/* ---- the threads ---- */

static void
probe(const struct probes *probes, const struct job *job, enum tls_probe_offer offer, struct tls_probe_result *out)
{
	const struct sts_conf *conf = probes->env->conf;
	int64_t begin_ms = sts_clock_mono_ms();
	const struct tls_probe_request request = { .addr = job->addr, .port = (uint16_t)conf->smtp_port, .smtp = true,
		.host = job->mx->host, .domain = probes->domain, .helo = probes->helo, .ca_file = conf->ca_file,
		.allow_special = conf->allow_private_addresses, .now = probes->env->now,
		.deadline_ms = check_deadline_ms(probes->env, PATIENCE * conf->fetch_timeout_ms), .trace = probes->env->trace,
		.trace_arg = probes->env->trace_arg };

	tls_probe(&request, offer, out);
	if ((out->outcome == TLS_PROBE_MUTE || out->outcome == TLS_PROBE_NO_REPLY || out->outcome == TLS_PROBE_NO_END) &&
	    check_ran_out_of_time(probes->env, begin_ms, out->why, sizeof(out->why)))
		out->outcome = TLS_PROBE_TROUBLE;
}

/* Four connections at most, one after the other; five with TLSA records, to see the certificates of both kinds of keys. */
static void
do_job(const struct probes *probes, struct job *job)
{
	probe(probes, job, TLS_PROBE_MODERN, &job->modern);
	if (job->modern.outcome != TLS_PROBE_OK && job->modern.outcome != TLS_PROBE_NO_TLS)
		return;
	probe(probes, job, TLS_PROBE_OLD, &job->old);
	job->has_old = true;
	if (job->modern.outcome != TLS_PROBE_OK)
		return;
	if (job->mx->dane == CHECK_DANE) {
		probe(probes, job, job->modern.cert.is_rsa ? TLS_PROBE_ECDSA : TLS_PROBE_RSA, &job->other);
		job->has_other = true;
	}
	if (strcmp(job->modern.protocol, "TLSv1.3") == 0) {
		probe(probes, job, TLS_PROBE_ONLY_12, &job->only_12);
		job->has_only_12 = true;
	}
	probe(probes, job, TLS_PROBE_WEAK, &job->weak);
	job->has_weak = true;
}

static void
show_progress(const struct probes *probes, size_t done)
{
	if (probes->shows_progress && done < probes->count)
		fprintf(stderr, "\rmail exchangers: %zu of %zu addresses ", done, probes->count);
	else if (probes->shows_progress)
		fprintf(stderr, "\r\033[K");
}

static void *
work(void *arg)
{
	struct probes *probes = arg;
	size_t index;

	while ((index = atomic_fetch_add(&probes->next, 1)) < probes->count) {
		do_job(probes, &probes->jobs[index]);
		show_progress(probes, atomic_fetch_add(&probes->done, 1) + 1);
	}
	return NULL;
}

static void
run(struct probes *probes)
{
	show_progress(probes, 0);
	sts_thread_parallel("stsctl-probe", probes->count < THREADS ? probes->count : THREADS, work, probes);
}

/* ---- judging ---- */

/* Many networks block outgoing connections to port 25. When no server at all has answered, that is the likelier cause. */
static bool
is_cut_off(const struct probes *probes)
{
	size_t mute = 0;

	for (size_t i = 0; i < probes->count; i++) {
		enum tls_probe_outcome outcome = probes->jobs[i].modern.outcome;

		if (outcome != TLS_PROBE_MUTE && outcome != TLS_PROBE_NO_ROUTE)
			return false;
		mute += outcome == TLS_PROBE_MUTE;
	}
	return mute > 0;
}

/* Relies on the order of the list, in which the addresses of a host follow one another. */
static void
judge_dane(const struct probes *probes, struct findings *out)
{
	char subject[HOST_ADDRESSES_SUBJECT_CAP];
	struct dane_seen seen = { .shown = false };

	for (size_t i = 0; i < probes->count; i++) {
		const struct job *job = &probes->jobs[i];
		const struct check_mx *mx = job->mx;
		const struct dane_case c = { .host = mx->host, .subject = host_addresses_subject(mx->host, &job->addr, subject),
			.now = probes->env->now, .records = &mx->tlsa, .modern = &job->modern,
			.other = job->has_other ? &job->other : NULL };

		if (mx->dane != CHECK_DANE)
			continue;
		dane_judge_address(&c, &seen, out);
		if (i + 1 == probes->count || probes->jobs[i + 1].mx != mx) {
			dane_judge_host(mx->host, &mx->tlsa, &seen, out);
			seen = (struct dane_seen){ .shown = false };
		}
	}
}

static void
judge(const struct probes *probes, struct check_facts *facts, struct findings *out)
{
	bool cut_off = is_cut_off(probes);
	char subject[HOST_ADDRESSES_SUBJECT_CAP];

	for (size_t i = 0; i < probes->count; i++) {
		const struct job *job = &probes->jobs[i];
		const char *host = job->mx->host;
		const struct tls_judge_case c = { .host = host, .subject = host_addresses_subject(host, &job->addr, subject),
			.bad = cut_off ? FINDING_WARN : tls_judge_level(facts->policy), .now = probes->env->now,
			.modern = &job->modern, .other = job->has_other ? &job->other : NULL,
			.only_12 = job->has_only_12 ? &job->only_12 : NULL,
			.old = job->has_old ? &job->old : NULL, .weak = job->has_weak ? &job->weak : NULL };

		tls_judge_smtp(&c, out);
		if (job->modern.cert.not_after != 0)
			check_facts_add_cert(facts, host, job->modern.cert.not_before, job->modern.cert.not_after);
	}
	judge_dane(probes, out);
	if (cut_off) {
		findings_add(out, FINDING_WARN, "check.trouble", facts->domain,
		    "no mail exchanger accepts connections: does this network block outgoing connections to port 25?", NULL);
		findings_set_unsure(out);
	}
}

/* Whether this machine could try at least one address of the host. A missing IPv6 route does not matter if the host has IPv4, too. */
static bool
was_tried(const struct probes *probes, const char *host)
{
	bool has_address = false;

	for (size_t i = 0; i < probes->count; i++) {
		if (strcmp(probes->jobs[i].mx->host, host) != 0)
			continue;
		has_address = true;
		if (probes->jobs[i].modern.outcome != TLS_PROBE_NO_ROUTE)
			return true;
	}
	return !has_address;		/* having no address is an answer, too */
}

void
check_smtp(const struct check_env *env, struct check_facts *facts, struct findings *out)
{
	struct probes probes = { .env = env, .domain = facts->domain,
	    .shows_progress = env->trace == NULL && !env->in_parallel && terminal_is_watched() };

	/* EHLO with authserv_id if that is a full name, else with an address literal */
	probes.helo = strchr(env->conf->authserv_id, '.') != NULL ? env->conf->authserv_id : NULL;
	for (size_t i = 0; i < facts->mx_count; i++) {
		if (!mx_is_listed_before(facts, i))
			add_host(&probes, facts, &facts->mx[i], out);
	}
	if (probes.count > 0) {
		run(&probes);
		judge(&probes, facts, out);
	}
	for (size_t i = 0; i < facts->mx_count; i++) {
		if (!was_tried(&probes, facts->mx[i].host))
			findings_set_unsure(out);
	}
	free(probes.jobs);
}
