/* SPDX-License-Identifier: ISC */
/*
 * check/smtp.c - each address of each mail exchanger: a few gentle connections, many addresses at the same time.
 *
 * Addresses are looked up first, by the one thread that may ask DNS; then a few threads probe, one address at a time each; then
 * this thread judges, in the order of the list. Nothing is shared but the list, and each entry has one writer.
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
	/* Servers may greet late on purpose, and a dialogue has more steps than a fetch. */
	PATIENCE = 3,			/* times fetch_timeout, for one connection */
};

/* One address; written by the thread that took it, read when all threads have ended. */
struct job {
	const struct check_mx *mx;
	struct sts_ipaddr addr;
	struct tls_probe_result modern, other, only_12, old, weak;
	bool has_other, has_only_12, has_old, has_weak;
};

struct round {
	const struct check_env *env;
	const char *helo;
	const char *domain;
	struct job *jobs;
	size_t count, cap;
	atomic_size_t next;		/* the first job that nobody has taken */
	atomic_size_t done;
	bool shows_progress;
};

/* ---- what to try ---- */

static void
add_job(struct round *round, const struct check_mx *mx, const struct sts_ipaddr *addr, struct findings *out)
{
	if (round->count == round->cap) {
		size_t cap = round->cap == 0 ? 16 : 2 * round->cap;
		struct job *grown = reallocarray(round->jobs, cap, sizeof(*grown));

		if (grown == NULL) {
			out->no_memory = true;
			return;
		}
		round->jobs = grown;
		round->cap = cap;
	}
	round->jobs[round->count++] = (struct job){ .mx = mx, .addr = *addr };
}

static void
add_host(struct round *round, const struct check_facts *facts, const struct check_mx *mx, struct findings *out)
{
	const char *host = mx->host;
	struct host_addresses addrs;

	host_addresses_find(round->env->dns, host, &addrs);
	if (addrs.failed[0] != '\0') {
		findings_add(out, FINDING_WARN, "smtp.lookup", host, addrs.failed, NULL);
		findings_set_unsure(out);
	} else if (addrs.count == 0) {
		findings_add(out, tls_judge_level(facts->policy), "smtp.no-address", host, "neither A nor AAAA records", NULL);
	}
	for (size_t i = 0; i < addrs.count; i++)
		add_job(round, mx, &addrs.list[i], out);
}

/* ---- the threads ---- */

static void
probe(const struct round *round, const struct job *job, enum tls_probe_offer offer, struct tls_probe_result *out)
{
	const struct sts_conf *conf = round->env->conf;
	int64_t begin_ms = sts_clock_mono_ms();
	const struct tls_probe_request request = { .addr = job->addr, .port = (uint16_t)conf->smtp_port, .smtp = true,
		.host = job->mx->host, .domain = round->domain, .helo = round->helo, .ca_file = conf->ca_file,
		.allow_special = conf->allow_private_addresses, .now = round->env->now,
		.deadline_ms = check_deadline_ms(round->env, PATIENCE * conf->fetch_timeout_ms), .trace = round->env->trace,
		.trace_arg = round->env->trace_arg };

	tls_probe(&request, offer, out);
	if ((out->outcome == TLS_PROBE_MUTE || out->outcome == TLS_PROBE_NO_REPLY || out->outcome == TLS_PROBE_NO_END) &&
	    check_ran_out_of_time(round->env, begin_ms, out->why, sizeof(out->why)))
		out->outcome = TLS_PROBE_TROUBLE;
}

/* Four connections at most, one after the other; five where TLSA records are to match both kinds of keys. */
static void
do_job(const struct round *round, struct job *job)
{
	probe(round, job, TLS_PROBE_MODERN, &job->modern);
	if (job->modern.outcome != TLS_PROBE_OK && job->modern.outcome != TLS_PROBE_NO_TLS)
		return;
	probe(round, job, TLS_PROBE_OLD, &job->old);
	job->has_old = true;
	if (job->modern.outcome != TLS_PROBE_OK)
		return;
	if (job->mx->dane == CHECK_DANE) {
		probe(round, job, job->modern.cert.is_rsa ? TLS_PROBE_ECDSA : TLS_PROBE_RSA, &job->other);
		job->has_other = true;
	}
	if (strcmp(job->modern.protocol, "TLSv1.3") == 0) {
		probe(round, job, TLS_PROBE_ONLY_12, &job->only_12);
		job->has_only_12 = true;
	}
	probe(round, job, TLS_PROBE_WEAK, &job->weak);
	job->has_weak = true;
}

static void
show_progress(const struct round *round, size_t done)
{
	if (round->shows_progress && done < round->count)
		fprintf(stderr, "\rmail exchangers: %zu of %zu addresses ", done, round->count);
	else if (round->shows_progress)
		fprintf(stderr, "\r\033[K");
}

static void *
work(void *arg)
{
	struct round *round = arg;
	size_t index;

	while ((index = atomic_fetch_add(&round->next, 1)) < round->count) {
		do_job(round, &round->jobs[index]);
		show_progress(round, atomic_fetch_add(&round->done, 1) + 1);
	}
	return NULL;
}

static void
run(struct round *round)
{
	show_progress(round, 0);
	sts_thread_parallel("stsctl-probe", round->count < THREADS ? round->count : THREADS, work, round);
}

/* ---- the judgement ---- */

/* Many networks let nobody out to port 25. When nobody at all has answered, that is the likelier cause. */
static bool
is_cut_off(const struct round *round)
{
	size_t mute = 0;

	for (size_t i = 0; i < round->count; i++) {
		enum tls_probe_outcome outcome = round->jobs[i].modern.outcome;

		if (outcome != TLS_PROBE_MUTE && outcome != TLS_PROBE_NO_ROUTE)
			return false;
		mute += outcome == TLS_PROBE_MUTE;
	}
	return mute > 0;
}

/* The addresses of a host follow one another. */
static void
judge_dane(const struct round *round, struct findings *out)
{
	char subject[HOST_ADDRESSES_SUBJECT_CAP];
	struct dane_seen seen = { .shown = false };

	for (size_t i = 0; i < round->count; i++) {
		const struct job *job = &round->jobs[i];
		const struct check_mx *mx = job->mx;
		const struct dane_case c = { .host = mx->host, .subject = host_addresses_subject(mx->host, &job->addr, subject),
			.now = round->env->now, .records = &mx->tlsa, .modern = &job->modern,
			.other = job->has_other ? &job->other : NULL };

		if (mx->dane != CHECK_DANE)
			continue;
		dane_judge_address(&c, &seen, out);
		if (i + 1 == round->count || round->jobs[i + 1].mx != mx) {
			dane_judge_host(mx->host, &mx->tlsa, &seen, out);
			seen = (struct dane_seen){ .shown = false };
		}
	}
}

static void
judge(const struct round *round, struct check_facts *facts, struct findings *out)
{
	bool cut_off = is_cut_off(round);
	char subject[HOST_ADDRESSES_SUBJECT_CAP];

	for (size_t i = 0; i < round->count; i++) {
		const struct job *job = &round->jobs[i];
		const char *host = job->mx->host;
		const struct tls_judge_case c = { .host = host, .subject = host_addresses_subject(host, &job->addr, subject),
			.bad = cut_off ? FINDING_WARN : tls_judge_level(facts->policy), .now = round->env->now,
			.modern = &job->modern, .other = job->has_other ? &job->other : NULL,
			.only_12 = job->has_only_12 ? &job->only_12 : NULL,
			.old = job->has_old ? &job->old : NULL, .weak = job->has_weak ? &job->weak : NULL };

		tls_judge_smtp(&c, out);
		if (job->modern.cert.not_after != 0)
			check_facts_add_cert(facts, host, job->modern.cert.not_before, job->modern.cert.not_after);
	}
	judge_dane(round, out);
	if (cut_off) {
		findings_add(out, FINDING_WARN, "check.trouble", facts->domain,
		    "no mail exchanger takes connections: does this network let port 25 out?", NULL);
		findings_set_unsure(out);
	}
}

/* Whether some address of the host could be tried; a machine without IPv6 says nothing about a host that has IPv4 too. */
static bool
was_tried(const struct round *round, const char *host)
{
	bool has_address = false;

	for (size_t i = 0; i < round->count; i++) {
		if (strcmp(round->jobs[i].mx->host, host) != 0)
			continue;
		has_address = true;
		if (round->jobs[i].modern.outcome != TLS_PROBE_NO_ROUTE)
			return true;
	}
	return !has_address;		/* no address is an answer */
}

void
check_smtp(const struct check_env *env, struct check_facts *facts, struct findings *out)
{
	struct round round = { .env = env, .domain = facts->domain,
	    .shows_progress = env->trace == NULL && !env->in_parallel && terminal_is_watched() };

	/* EHLO with the host's name where it has one in DNS' form, else with an address literal */
	round.helo = strchr(env->conf->authserv_id, '.') != NULL ? env->conf->authserv_id : NULL;
	for (size_t i = 0; i < facts->mx_count; i++) {
		if (!mx_is_listed_before(facts, i))
			add_host(&round, facts, &facts->mx[i], out);
	}
	if (round.count > 0) {
		run(&round);
		judge(&round, facts, out);
	}
	for (size_t i = 0; i < facts->mx_count; i++) {
		if (!was_tried(&round, facts->mx[i].host))
			findings_set_unsure(out);
	}
	free(round.jobs);
}
