/* SPDX-License-Identifier: ISC */
/*
 * dane_lookup.h - looks up the DANE state of one domain: MX, then A and AAAA of each host, then TLSA of the hosts whose addresses
 * are signed (RFC 7672 section 2.2). The resolver must validate: its AD bit is trusted.
 *
 * A host for which DNS fails costs that host, not the domain. A host name that is an alias is used as it is: TLSA records are
 * looked up only for the name in the MX record.
 * Sees DNS as functions. Belongs to the thread of its sts_dns.
 */
#ifndef STS_DANE_LOOKUP_H
#define STS_DANE_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/dns/dns.h"
#include "shared-cache/names/domain.h"
#include "shared-cache/outbound/dane.h"

enum {
	STS_DANE_MX_MAX = 16,		/* hosts that are looked up */
	STS_DANE_TTL_MIN_S = 60,	/* a result lives for its shortest TTL, within these limits */
	STS_DANE_TTL_MAX_S = 3600,
	STS_DANE_TTL_UNKNOWN_S = 300,
};

/* As in net.h: the callback comes later, exactly once. Aborts without memory. */
struct sts_dane_net {
	void *self;
	void (*ask)(void *self, const char *name, enum sts_dns_type type, int64_t deadline_ms, sts_dns_fn *fn, void *arg);
	int64_t (*mono_ms)(void *self);
	int64_t timeout_ms;	/* of one query */
	uint16_t port;		/* of mail exchangers: 25, except in test labs */
};

struct sts_dane_mx_state {
	char name[STS_DOMAIN_CAP];
	enum sts_dane_host state;
};

struct sts_dane_result {
	enum sts_dane dane;
	uint32_t ttl_s;
	bool validates;		/* something was signed, so the resolver validates */
	bool mx_signed;
	enum sts_dane_mx mx;
	size_t host_count, left_out;	/* hosts; further hosts, which count as without TLSA records */
	struct sts_dane_mx_state hosts[STS_DANE_MX_MAX];
};
typedef void sts_dane_fn(void *arg, const struct sts_dane_result *result);

/* fn is called later, exactly once, even if net ends everything as timed out. STS_ENOMEM: never. */
enum sts_status sts_dane_lookup(const struct sts_dane_net *net, const char *domain, sts_dane_fn *fn, void *arg);

#endif
