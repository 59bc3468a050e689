/* SPDX-License-Identifier: ISC */
/* check/dns_lookup.h - DNS as the parts of check ask it: with their time limit, and told to --verbose. */
#ifndef STSCTL_CHECK_DNS_LOOKUP_H
#define STSCTL_CHECK_DNS_LOOKUP_H

#include "stsctl/check/check.h"

/* One that asks servers ("ADDR[:PORT],..."), NULL when they cannot be read or memory ran out. The caller frees it. */
struct dns_query *check_dns_open(const struct check_env *env, const char *servers, bool recursive);

/* Asks means->dns. NULL when memory ran out, which out remembers. The caller frees the reply. */
struct sts_dns_reply *check_dns_ask(const struct check_env *env, const char *name, enum sts_dns_type type, struct findings *out);

/* "no such name", "no record", "time-out", ...: what came back when it was no answer. */
const char *check_dns_outcome(const struct sts_dns_reply *reply);

/* A server that has authority for a name. */
struct check_nameserver {
	char name[STS_DOMAIN_CAP];	/* of the NS record */
	struct sts_ipaddr addr;
	char servers[64];		/* as dns_query_new takes it; "" when the settings forbid to ask there */
};

/* Finds the servers of the zone that name is in, by means->dns; at most HOST_ADDRESSES_MAX addresses. */
size_t check_dns_nameservers(const struct check_env *env, const char *name, struct check_nameserver servers[HOST_ADDRESSES_MAX],
    struct findings *out);

#endif
