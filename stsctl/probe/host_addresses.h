/* SPDX-License-Identifier: ISC */
/* host_addresses.h - all IPv4 and IPv6 addresses of a host, its alias, and failed lookups. One thread, that of the dns_query. */
#ifndef STSCTL_PROBE_HOST_ADDRESSES_H
#define STSCTL_PROBE_HOST_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/names/domain.h"
#include "shared-cache/names/ipaddr.h"
#include "stsctl/probe/dns_query.h"

enum { HOST_ADDRESSES_MAX = 16 };
struct host_addresses {
	struct sts_ipaddr list[HOST_ADDRESSES_MAX];	/* IPv4 first, in DNS's order; no address twice */
	size_t count;
	char target[STS_DOMAIN_CAP];	/* the target of the host's alias; "" when it has none */
	bool is_signed;			/* the resolver validated some of them (AD) */
	char failed[200];		/* the lookups that failed: "AAAA: SERVFAIL"; "" for none */
};

/* Looks up A and AAAA. */
void host_addresses_find(struct dns_query *dns, const char *host, struct host_addresses *out);

/* "mx.example.com [192.0.2.1]": the subject of a finding. */
enum { HOST_ADDRESSES_SUBJECT_CAP = STS_DOMAIN_CAP + 60 };
const char *host_addresses_subject(const char *host, const struct sts_ipaddr *addr, char out[HOST_ADDRESSES_SUBJECT_CAP]);

#endif
