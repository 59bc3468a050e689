/* SPDX-License-Identifier: ISC */
/*
 * dns_extract.h - extracts what a policy lookup needs from a parsed DNS reply: joined TXT records, a few addresses. Pure. Any
 * thread.
 */
#ifndef STS_DNS_DNS_EXTRACT_H
#define STS_DNS_DNS_EXTRACT_H

#include <stddef.h>

#include "shared-cache/dns/dns_reply.h"
#include "shared-cache/names/ipaddr.h"
#include "shared-cache/policy/net.h"
#include "shared-cache/policy/record.h"

/* The outcome alone: NXDOMAIN and no records are both STS_DNS_NODATA. */
enum sts_dns_outcome sts_dns_extract_outcome(const struct sts_dns_reply *reply);

/* The TXT records at the end of the CNAME chain, the character-strings of each joined. *out is one block that the caller frees;
 * NULL unless STS_DNS_OK. STS_DNS_FAILURE also when there is more than any record needs; STS_DNS_LOCAL without memory. */
enum { STS_DNS_TXT_RECORDS = 64, STS_DNS_TXT_BYTES = 65536 };
enum sts_dns_outcome sts_dns_extract_txt(const struct sts_dns_reply *reply, struct sts_txt **out, size_t *count);

/* The first addresses of a reply to an A or AAAA query. */
enum { STS_DNS_ADDRS = 8 };
enum sts_dns_outcome sts_dns_extract_addrs(const struct sts_dns_reply *reply, struct sts_ipaddr out[STS_DNS_ADDRS], size_t *count);

#endif
