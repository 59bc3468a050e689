/* SPDX-License-Identifier: ISC */
/* host_addresses.h - all addresses of a host, IPv4 and IPv6, and what DNS had to say besides. Belongs to the asker's thread. */
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
	char target[STS_DOMAIN_CAP];	/* where the host's alias leads; "" when it is none */
	bool is_signed;			/* the resolver vouches for some of them (AD) */
	char failed[200];		/* "AAAA: SERVFAIL": what could not be found out; "" when all could */
};

/* Asks for A and for AAAA. */
void host_addresses_find(struct dns_query *dns, const char *host, struct host_addresses *out);

/* "mx.example.com [192.0.2.1]": the subject of a finding. */
enum { HOST_ADDRESSES_SUBJECT_CAP = STS_DOMAIN_CAP + 60 };
const char *host_addresses_subject(const char *host, const struct sts_ipaddr *addr, char out[HOST_ADDRESSES_SUBJECT_CAP]);

#endif
