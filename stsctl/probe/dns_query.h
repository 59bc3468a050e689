/* SPDX-License-Identifier: ISC */
/*
 * dns_query.h - a DNS client for diagnosis: queries any type at chosen servers, and returns the whole answer.
 *
 * Blocks until the answer is there or the time is up; uses TCP when the answer was truncated. The milter's own lookups (dns.h) return
 * only what it needs; these are for people to look at. A client belongs to one thread.
 */
#ifndef STSCTL_PROBE_DNS_QUERY_H
#define STSCTL_PROBE_DNS_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/dns/dns_reply.h"

struct dns_query;

/* servers: "ADDR[:PORT],...", like dns_servers (conf.h); "" for those of resolv.conf. recursive: sets RD; clear for authoritative
 * servers. timeout_ms: for one query, all servers and tries together. STS_EINVAL: servers cannot be parsed. */
enum sts_status dns_query_new(const char *servers, bool recursive, int64_t timeout_ms, struct dns_query **out);
void dns_query_free(struct dns_query **dns);
/* In addition, every query ends at this time (sts_clock_mono_ms; 0: no deadline). */
void dns_query_set_deadline(struct dns_query *dns, int64_t deadline_ms);
/* The servers, for people: "127.0.0.1:5353". */
const char *dns_query_servers(const struct dns_query *dns);

/* name: an absolute domain without its final dot; labels such as _mta-sts are fine. The caller frees *out, which is NULL only with
 * STS_ENOMEM. A name that is too long for DNS gives STS_DNS_REPLY_NO_NAME. */
enum sts_status dns_query_ask(struct dns_query *dns, const char *name, enum sts_dns_type type, struct sts_dns_reply **out);

/* For --verbose: fn is called with each query and its answer, in the thread that asked. fn may be NULL. */
typedef void dns_query_trace_fn(void *arg, const char *servers, const char *name, enum sts_dns_type type,
    const struct sts_dns_reply *reply);
void dns_query_trace(struct dns_query *dns, dns_query_trace_fn *fn, void *arg);

#endif
