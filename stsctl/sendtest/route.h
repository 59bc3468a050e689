/* SPDX-License-Identifier: ISC */
/* route.h - looks up where a domain's mail goes: the MX hosts in order, their addresses, their TLSA records. One thread. */
#ifndef STSCTL_SENDTEST_ROUTE_H
#define STSCTL_SENDTEST_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/outbound/dane.h"
#include "stsctl/diagnosis/dane.h"
#include "stsctl/probe/dns_query.h"
#include "stsctl/probe/host_addresses.h"

enum { SEND_MX_MAX = 16 };

struct send_mx {
	char host[STS_DOMAIN_CAP];
	unsigned preference;
	struct host_addresses addrs;
	enum sts_dane_host dane;
	struct dane_records tlsa;	/* with STS_DANE_HOST_USABLE and STS_DANE_HOST_UNUSABLE */
};

struct send_route {
	enum sts_dane_mx end;
	char why[120];			/* unless STS_DANE_MX_FOUND */
	bool mx_signed;
	size_t count, left_out;		/* left_out: MX records beyond SEND_MX_MAX */
	struct send_mx mx[SEND_MX_MAX];	/* lowest preference first */
};

/* Looks up MX, then A and AAAA of each host, and TLSA if the addresses are signed. Without MX records the domain itself is the host
 * (RFC 5321 section 5.1). Blocks. STS_ENOMEM. */
enum sts_status send_route_find(struct dns_query *dns, const char *domain, uint16_t port, struct send_route *out);

#endif
