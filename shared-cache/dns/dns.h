/* SPDX-License-Identifier: ISC */
/*
 * dns.h - asks the configured resolvers, through c-ares: TXT, addresses, and any other type.
 *
 * Same rule as net.h: the callback comes later, exactly once, also after errors; and only from sts_dns_process(). A question has
 * one time budget for all tries, servers, CNAMEs and TCP together. When it is spent, the result is STS_DNS_TIMEOUT, and late
 * replies are dropped. Knows nothing of MTA-STS. Belongs to one thread.
 */
#ifndef STS_DNS_H
#define STS_DNS_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/dns/dns_extract.h"
#include "shared-cache/dns/dns_reply.h"
#include "shared-cache/names/ipaddr.h"
#include "shared-cache/policy/net.h"

struct sts_dns;

/* servers: "ADDR[:PORT],...", or "" for resolv.conf, which is read again when it changes. budget_ms: for one question.
 * STS_EINVAL: servers is not empty, and is malformed or names no server. */
enum sts_status sts_dns_new(const char *servers, int64_t budget_ms, struct sts_dns **out);
void sts_dns_free(struct sts_dns **dns);

/* Valid during the callback only. */
struct sts_addr_answer {
	enum sts_dns_outcome outcome;
	const struct sts_ipaddr *addrs;	/* at most STS_DNS_ADDRS */
	size_t count;
	const char *why;		/* of a failure: "SERVFAIL", ...; else "" */
};
typedef void sts_addr_fn(void *arg, const struct sts_addr_answer *answer);

/* Valid during the callback only; never NULL. */
typedef void sts_dns_fn(void *arg, const struct sts_dns_reply *reply);

/* All three: ends by deadline_ms, or earlier when the budget is spent. name: an absolute domain without final dot; one that is
 * too long for DNS does not exist (NO_NAME, NODATA). Without memory the result is a local failure, which comes later like any
 * other, for up to STS_DNS_DEFERRED callers at a time. STS_ENOMEM: beyond that; nothing was asked, and no callback will come. */
enum { STS_DNS_DEFERRED = 512 };
enum sts_status sts_dns_ask(struct sts_dns *dns, const char *name, enum sts_dns_type type, int64_t deadline_ms, sts_dns_fn *fn,
    void *arg);
enum sts_status sts_dns_txt(struct sts_dns *dns, const char *name, int64_t deadline_ms, sts_txt_fn *fn, void *arg);
/* family: 4 (A) or 6 (AAAA). */
enum sts_status sts_dns_addrs(struct sts_dns *dns, const char *name, int family, int64_t deadline_ms, sts_addr_fn *fn,
    void *arg);

/* The sockets to wait for, and how many milliseconds to wait at most (-1: no limit). */
enum { STS_DNS_SOCKETS = 64 };
size_t sts_dns_sockets(const struct sts_dns *dns, struct pollfd out[STS_DNS_SOCKETS]);
int64_t sts_dns_wait_ms(const struct sts_dns *dns, int64_t now_ms);

/* Reads and writes sockets that are ready, ends questions that are over, calls back. */
void sts_dns_process(struct sts_dns *dns, int64_t now_ms);

/* Ends all questions as timed out, and every later one at once. Their callbacks still come from sts_dns_process(). */
void sts_dns_stop(struct sts_dns *dns);
/* Whether no callback is outstanding. */
bool sts_dns_is_idle(const struct sts_dns *dns);

#endif
