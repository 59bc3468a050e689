/* SPDX-License-Identifier: ISC */
/*
 * dns_query.h - one question of DNS, asked for a person: any type, of servers of one's choice, with all that the answer says.
 *
 * Blocks until the answer is there or the time is up; TCP when the answer was truncated. The milter's own lookups go another way
 * (dns.h), which has no use for more than it needs; here the answers are to be looked at.
 * An asker belongs to one thread.
 */
#ifndef STSCTL_PROBE_DNS_QUERY_H
#define STSCTL_PROBE_DNS_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/dns/dns_reply.h"

struct dns_query;

/* servers: "ADDR[:PORT],..." as dns_servers (conf.h), "" for resolv.conf. recursive: sets RD; authoritative servers are asked
 * without. timeout_ms: for one question, all servers and tries together. STS_EINVAL: servers cannot be read. */
enum sts_status dns_query_new(const char *servers, bool recursive, int64_t timeout_ms, struct dns_query **out);
void dns_query_free(struct dns_query **dns);
/* Besides, all questions end by then (sts_clock_mono_ms; 0: never). */
void dns_query_set_deadline(struct dns_query *dns, int64_t deadline_ms);
/* What it asks, for people: "127.0.0.1:5353". */
const char *dns_query_servers(const struct dns_query *dns);

/* name: an absolute domain without final dot; labels such as _mta-sts are fine. The caller frees *out; NULL only with STS_ENOMEM.
 * A name too long for DNS is DNS_NO_NAME. */
enum sts_status dns_query_ask(struct dns_query *dns, const char *name, enum sts_dns_type type, struct sts_dns_reply **out);

/* For --verbose: told of each question and its answer, by the thread that asked. NULL: nobody is. */
typedef void dns_query_trace_fn(void *arg, const char *servers, const char *name, enum sts_dns_type type,
    const struct sts_dns_reply *reply);
void dns_query_trace(struct dns_query *dns, dns_query_trace_fn *fn, void *arg);

#endif
