/* SPDX-License-Identifier: ISC */
/*
 * check.h - an outside validator's view of one domain, in parts: each part asks the network, and adds findings.
 *
 *   check/record.c   _mta-sts TXT, of all resolvers and the domain's own servers
 *   check/web.c      mta-sts.DOMAIN: addresses, certificate, fetch; what the file says
 *   check/mx.c       MX records against the policy, DANE
 *   check/smtp.c     each mail exchanger, each address: STARTTLS, certificate, TLS versions
 *   check/tlsrpt.c   _smtp._tls TXT
 *   drift.c    what has changed since the last run
 *   cmd_check.c      the options, the order of the parts, the output
 *
 * What a part learns that others need goes into struct check_facts. A part never ends the process, and never blocks longer than
 * its means say.
 */
#ifndef STSCTL_CHECK_CHECK_H
#define STSCTL_CHECK_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/settings/conf.h"
#include "stsctl/diagnosis/facts.h"
#include "stsctl/findings/findings.h"
#include "stsctl/probe/dns_query.h"
#include "stsctl/probe/host_addresses.h"
#include "stsctl/probe/tls_probe.h"

enum { CHECK_RESOLVERS_MAX = 16 };

struct check_means {
	const struct sts_conf *conf;	/* time limits, ports, ca_file, allow_private_addresses */
	struct dns_query *dns;		/* the first resolver; of the thread that runs the parts */
	const char *resolvers[CHECK_RESOLVERS_MAX]; /* all of them, as dns_query_new takes them */
	size_t resolver_count;
	bool authoritative;		/* ask the domain's own servers, too */
	int64_t now;			/* seconds */
	probe_tell_fn *tell;		/* or NULL */
	void *tell_arg;
};

void check_record(const struct check_means *means, struct check_facts *facts, struct findings *out);
void check_web(const struct check_means *means, struct check_facts *facts, struct findings *out);
void check_mx(const struct check_means *means, struct check_facts *facts, struct findings *out);
void check_smtp(const struct check_means *means, struct check_facts *facts, struct findings *out);
void check_tlsrpt(const struct check_means *means, struct check_facts *facts, struct findings *out);

#endif
