/* SPDX-License-Identifier: ISC */
/* check/dns_lookup.h - DNS lookups for the parts of check, with their time limits, traced for --verbose. */
#ifndef STSCTL_CHECK_DNS_LOOKUP_H
#define STSCTL_CHECK_DNS_LOOKUP_H

#include "stsctl/check/check.h"

/* A client for these servers ("ADDR[:PORT],..."); NULL when they cannot be parsed, or memory ran out. The caller frees it. */
struct dns_query *check_dns_open(const struct check_env *env, const char *servers, bool recursive);

/* Queries env->dns. The caller frees the reply. NULL when memory ran out, which is noted in out. */
struct sts_dns_reply *check_dns_ask(const struct check_env *env, const char *name, enum sts_dns_type type, struct findings *out);

/* The outcome in words: "answer", "no record", "no such name", or why the query failed. */
const char *check_dns_outcome(const struct sts_dns_reply *reply);

/* An authoritative server. */
struct check_nameserver {
	char name[STS_DOMAIN_CAP];	/* of the NS record */
	struct sts_ipaddr addr;
	char servers[64];		/* as dns_query_new takes it; "" when the settings forbid queries to this address */
};

/* Finds the authoritative servers of name's zone, at most HOST_ADDRESSES_MAX addresses, with env->dns. Returns their number. */
size_t check_dns_nameservers(const struct check_env *env, const char *name, struct check_nameserver servers[HOST_ADDRESSES_MAX],
    struct findings *out);

#endif
