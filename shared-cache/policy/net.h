/* SPDX-License-Identifier: ISC */
/*
 * net.h - what the resolver asks of the network, as functions, so that tests put another world behind it.
 *
 * The rule of every call here: the callback comes later, exactly once, also for errors; never from inside the call itself.
 * All of it belongs to one thread, the one that runs the loop. Times of deadlines: milliseconds on sts_clock_mono_ms().
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
	STS_DNS_TIMEOUT,	/* nobody answered within the budget */
	STS_DNS_FAILURE,	/* SERVFAIL, REFUSED, malformed, CNAME loop, no server reachable */
	STS_DNS_LOCAL,		/* not asked: no memory or no descriptor here; says nothing of the domain */
};

/* Valid during the callback only. */
struct sts_txt_answer {
	enum sts_dns_outcome outcome;
	const struct sts_txt *rrset;
	size_t count;
	uint32_t negative_ttl_s;	/* NODATA: from the SOA (RFC 2308), 0 when there is none */
};
typedef void sts_txt_fn(void *arg, const struct sts_txt_answer *answer);

/* Valid during the callback only. */
struct sts_host_answer {
	enum sts_reason reason;		/* STS_REASON_NONE: there are addresses, all of them fit to be connected to; overload: local trouble */
	const struct sts_ipaddr *addrs;	/* at most STS_HOST_ADDRS, in the order in which they are to be tried */
	size_t count;
	const char *detail;		/* one line for people, escaped; "" when there is nothing to add */
};
enum { STS_HOST_ADDRS = 16 };
typedef void sts_host_fn(void *arg, const struct sts_host_answer *answer);

/* All of it is copied. */
struct sts_fetch_request {
	const char *domain;
	const struct sts_ipaddr *addrs;	/* of the policy host */
	size_t count;
	int64_t deadline_ms;
};

/* Valid during the callback only. */
struct sts_fetch_answer {
	enum sts_reason reason;		/* STS_REASON_NONE: body is what the server sent with status 200, text/plain; overload: local trouble */
	const char *body;
	size_t len;
	const char *detail;		/* one line for people, escaped; "" when there is nothing to add */
};
typedef void sts_fetch_fn(void *arg, const struct sts_fetch_answer *answer);

struct sts_net {
	void *self;
	/* TXT RRset of name (an absolute domain without final dot, such as "_mta-sts.example.com"). */
	void (*txt)(void *self, const char *name, int64_t deadline_ms, sts_txt_fn *fn, void *arg);
	/* Addresses of mta-sts.DOMAIN, the policy host. */
	void (*host)(void *self, const char *domain, int64_t deadline_ms, sts_host_fn *fn, void *arg);
	/* GET https://mta-sts.DOMAIN/.well-known/mta-sts.txt from one of these addresses, under the rules of RFC 8461 section 3.3. */
	void (*fetch)(void *self, const struct sts_fetch_request *request, sts_fetch_fn *fn, void *arg);
};

#endif
