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

#include "shared-cache/policy/policy.h"
#include "shared-cache/policy/record.h"
#include "shared-cache/settings/conf.h"
#include "stsctl/findings/findings.h"
#include "stsctl/probe/dns_query.h"

enum { CHECK_MX_MAX = 32, CHECK_RESOLVERS_MAX = 16, HOST_ADDRESSES_MAX = 16, CHECK_CERTS_MAX = CHECK_MX_MAX + 1 };

/* Told what goes on, for --verbose: one line, which may hold hostile bytes. Any thread. */
typedef void check_tell_fn(void *arg, const char *line);

struct check_means {
	const struct sts_conf *conf;	/* time limits, ports, ca_file, allow_private_addresses */
	struct dns_query *dns;		/* the first resolver; of the thread that runs the parts */
	const char *resolvers[CHECK_RESOLVERS_MAX]; /* all of them, as dns_query_new takes them */
	size_t resolver_count;
	bool authoritative;		/* ask the domain's own servers, too */
	int64_t now;			/* seconds */
	check_tell_fn *tell;		/* or NULL */
	void *tell_arg;
};

/* One mail exchanger. */
struct check_mx {
	char host[STS_DOMAIN_CAP];
	unsigned preference;
	bool covered;			/* some mx of the policy matches; true when there is no policy */
	bool dane;			/* has TLSA records that the resolver vouches for */
};

/* The certificate that a host showed, for --metrics; of several, that which expires first. */
struct check_cert {
	char host[STS_DOMAIN_CAP];
	int64_t expires_s;	/* seconds since the epoch */
};

struct check_facts {
	char domain[STS_DOMAIN_CAP];
	enum sts_record_result record;
	char id[STS_ID_CAP];		/* of a valid record, else "" */
	struct sts_policy *policy;	/* NULL: none could be had */
	char *policy_text;		/* what was fetched, valid or not; policy_len bytes; NULL: nothing */
	size_t policy_len;
	bool null_mx;
	struct check_mx mx[CHECK_MX_MAX];
	size_t mx_count;
	struct check_cert certs[CHECK_CERTS_MAX];
	size_t cert_count;
};

void check_facts_init(struct check_facts *facts, const char *domain);
void check_facts_fini(struct check_facts *facts);
/* Remembers a certificate; one too many is forgotten. */
void check_facts_add_cert(struct check_facts *facts, const char *host, int64_t expires_s);

void check_record(const struct check_means *means, struct check_facts *facts, struct findings *out);
void check_web(const struct check_means *means, struct check_facts *facts, struct findings *out);
void check_mx(const struct check_means *means, struct check_facts *facts, struct findings *out);
void check_smtp(const struct check_means *means, struct check_facts *facts, struct findings *out);
void check_tlsrpt(const struct check_means *means, struct check_facts *facts, struct findings *out);

#endif
