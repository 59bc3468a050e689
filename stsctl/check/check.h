/* SPDX-License-Identifier: ISC */
/*
 * check.h - an outside validator's view of one domain, in parts: each part asks the network, and adds findings.
 *
 *   check/record.c   _mta-sts TXT, of all resolvers and the domain's own servers
 *   check/web.c      mta-sts.DOMAIN: addresses, certificate, fetch; what the file says
 *   check/mx.c       MX records against the policy, DANE
 *   check/smtp.c     each mail exchanger, each address: STARTTLS, certificate, TLS versions
 *   check/tlsrpt.c   _smtp._tls TXT
 *   check/worker_pool.c     the order of the parts; many domains at the same time
 *   cmd_check.c      the options, what is remembered, the output
 *
 * What a part learns that others need goes into struct check_facts. A part never ends the process, and never blocks longer than
 * its means say. Any thread, one domain each.
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

struct check_env {
	const struct sts_conf *conf;	/* time limits, ports, ca_file, allow_private_addresses */
	struct dns_query *dns;		/* the first resolver; of the thread that runs the parts */
	const char *resolvers[CHECK_RESOLVERS_MAX]; /* all of them, as dns_query_new takes them */
	size_t resolver_count;
	bool authoritative;		/* ask the domain's own servers, too */
	int64_t now;			/* seconds */
	int64_t time_ms, deadline_ms;	/* for the whole domain, the latter of sts_clock_mono_ms; 0: only the settings' limits count */
	bool in_parallel;			/* other domains are looked at meanwhile: no progress of one's own is shown */
	probe_trace_fn *trace;		/* or NULL */
	void *trace_arg;
};

/* When a step that may take own_ms has to end: also when the domain's time is up. */
int64_t check_deadline_ms(const struct check_env *env, int64_t own_ms);
/* A step that began at begin_ms has ended without an answer: whether that is because the domain's time was up, and it had too little of
 * it to say anything about the server. why says so then. */
bool check_ran_out_of_time(const struct check_env *env, int64_t begin_ms, char *why, size_t cap);

void check_record(const struct check_env *env, struct check_facts *facts, struct findings *out);
void check_web(const struct check_env *env, struct check_facts *facts, struct findings *out);
void check_mx(const struct check_env *env, struct check_facts *facts, struct findings *out);
void check_smtp(const struct check_env *env, struct check_facts *facts, struct findings *out);
void check_tlsrpt(const struct check_env *env, struct check_facts *facts, struct findings *out);

#endif
