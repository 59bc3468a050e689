/* SPDX-License-Identifier: ISC */
/*
 * net.h - the network as the resolver sees it: a table of functions, so that tests can replace it.
 *
 * Every function here calls back exactly once, on errors too, and later: never from inside the call itself.
 * All of it belongs to one thread, the one that runs the loop. Deadlines are milliseconds of sts_clock_mono_ms().
 */
#ifndef STS_POLICY_NET_H
#define STS_POLICY_NET_H

#include <stddef.h>
#include <stdint.h>

#include "shared-cache/names/ipaddr.h"
#include "shared-cache/policy/reason.h"
#include "shared-cache/policy/record.h"

enum sts_dns_outcome {
	STS_DNS_OK,		/* an answer with at least one record of the type */
	STS_DNS_NODATA,		/* NXDOMAIN, or the name has no such record */
	STS_DNS_TIMEOUT,	/* no answer within the time allowed */
	STS_DNS_FAILURE,	/* SERVFAIL, REFUSED, malformed, CNAME loop, no server reachable */
	STS_DNS_LOCAL,		/* not asked: no memory or descriptor here; says nothing about the domain */
};

/* Valid during the callback only. */
struct sts_txt_answer {
	enum sts_dns_outcome outcome;
	const struct sts_txt *rrset;
	size_t count;
	uint32_t negative_ttl_s;	/* NODATA: from the SOA (RFC 2308); 0 when there is none */
};
typedef void sts_txt_fn(void *arg, const struct sts_txt_answer *answer);

/* Valid during the callback only. */
struct sts_host_answer {
	enum sts_reason reason;		/* STS_REASON_NONE: there are addresses, and all are allowed; overload: local trouble */
	const struct sts_ipaddr *addrs;	/* at most STS_HOST_ADDRS, in the order in which to try them */
	size_t count;
	const char *detail;		/* one line for people, escaped; may be "" */
};
enum { STS_HOST_ADDRS = 16 };
typedef void sts_host_fn(void *arg, const struct sts_host_answer *answer);

/* The callee copies all of it. */
struct sts_fetch_request {
	const char *domain;
	const struct sts_ipaddr *addrs;	/* of the policy host */
	size_t count;
	int64_t deadline_ms;
};

/* Valid during the callback only. */
struct sts_fetch_answer {
	enum sts_reason reason;		/* STS_REASON_NONE: body is the reply of status 200 and type text/plain; overload: local trouble */
	const char *body;
	size_t len;
	const char *detail;		/* one line for people, escaped; may be "" */
};
typedef void sts_fetch_fn(void *arg, const struct sts_fetch_answer *answer);

struct sts_net {
	void *self;
	/* Looks up the TXT RRset of name (absolute, without final dot: "_mta-sts.example.com"). */
	void (*txt)(void *self, const char *name, int64_t deadline_ms, sts_txt_fn *fn, void *arg);
	/* Looks up the addresses of the policy host, mta-sts.DOMAIN. */
	void (*host)(void *self, const char *domain, int64_t deadline_ms, sts_host_fn *fn, void *arg);
	/* Fetches https://mta-sts.DOMAIN/.well-known/mta-sts.txt from one of these addresses, by the rules of RFC 8461 section 3.3. */
	void (*fetch)(void *self, const struct sts_fetch_request *request, sts_fetch_fn *fn, void *arg);
};

#endif
