/* SPDX-License-Identifier: ISC */
/*
 * check.h - validates one domain from the outside, in parts: each part queries the network, and adds findings.
 *
 *   record.c        _mta-sts TXT, at all resolvers and the domain's own servers
 *   web.c           mta-sts.DOMAIN: addresses, certificate, fetch, the policy's text
 *   mx.c            MX records against the policy, DANE
 *   smtp.c          each address of each mail exchanger: STARTTLS, certificate, TLS versions
 *   tlsrpt.c        _smtp._tls TXT
 *   worker_pool.c   the order of the parts; many domains at the same time
 *   cmd_check.c     the options, the state file, the output
 *
 * A part leaves what other parts need in struct check_facts. It never ends the process, and never blocks beyond the time limits of its
 * env. Any thread; each domain belongs to one thread.
 */
#ifndef STSCTL_CHECK_CHECK_H
#define STSCTL_CHECK_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/settings/conf.h"
#include "stsctl/diagnosis/check_facts.h"
#include "stsctl/findings/findings.h"
#include "stsctl/probe/dns_query.h"
#include "stsctl/probe/host_addresses.h"
#include "stsctl/probe/tls_probe.h"

enum { CHECK_RESOLVERS_MAX = 16 };

/* What the parts work with. */
struct check_env {
	const struct sts_conf *conf;	/* time limits, ports, ca_file, allow_private_addresses */
	struct dns_query *dns;		/* the first resolver; belongs to the thread that runs the parts */
	const char *resolvers[CHECK_RESOLVERS_MAX]; /* all of them, as dns_query_new takes them */
	size_t resolver_count;
	bool authoritative;		/* query the domain's own servers, too */
	int64_t now;			/* seconds */
	int64_t time_ms, deadline_ms;	/* limits for the whole domain, the latter by sts_clock_mono_ms; 0: only the settings' limits */
	bool in_parallel;		/* other domains are checked at the same time, so the parts show no progress */
	probe_trace_fn *trace;		/* or NULL */
	void *trace_arg;
};

/* The deadline (sts_clock_mono_ms) of a step that may take own_ms: no later than the domain's. */
int64_t check_deadline_ms(const struct check_env *env, int64_t own_ms);
/* For a step that began at begin_ms and got no answer: whether the domain's time ran out before the server had enough of it, so that the
 * silence says nothing about the server. If so, writes the reason to why. */
bool check_ran_out_of_time(const struct check_env *env, int64_t begin_ms, char *why, size_t cap);

void check_record(const struct check_env *env, struct check_facts *facts, struct findings *out);
void check_web(const struct check_env *env, struct check_facts *facts, struct findings *out);
void check_mx(const struct check_env *env, struct check_facts *facts, struct findings *out);
void check_smtp(const struct check_env *env, struct check_facts *facts, struct findings *out);
void check_tlsrpt(const struct check_env *env, struct check_facts *facts, struct findings *out);

#endif
