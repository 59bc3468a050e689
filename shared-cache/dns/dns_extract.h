/* SPDX-License-Identifier: ISC */
/*
 * dns_extract.h - a reply of DNS -> what a lookup for a policy makes of it: TXT records joined, a few addresses. Pure. Any thread.
 */
#ifndef STS_DNS_DNS_EXTRACT_H
#define STS_DNS_DNS_EXTRACT_H

#include <stddef.h>

#include "shared-cache/dns/dns_reply.h"
#include "shared-cache/names/ipaddr.h"
#include "shared-cache/policy/net.h"
#include "shared-cache/policy/record.h"

/* What the two below begin with: no name and no record are both STS_DNS_NODATA. */
enum sts_dns_outcome sts_dns_extract_outcome(const struct sts_dns_reply *reply);

/* The TXT records at the end of the aliases, the character-strings of each joined. *out is one block for the caller to free(); NULL
 * unless STS_DNS_OK. STS_DNS_FAILURE also when it is more than a record has any use for, STS_DNS_LOCAL when memory ran out. */
enum { STS_DNS_TXT_RECORDS = 64, STS_DNS_TXT_BYTES = 65536 };
enum sts_dns_outcome sts_dns_extract_txt(const struct sts_dns_reply *reply, struct sts_txt **out, size_t *count);

/* The first few addresses, of a question for A or AAAA. */
enum { STS_DNS_ADDRS = 8 };
enum sts_dns_outcome sts_dns_extract_addrs(const struct sts_dns_reply *reply, struct sts_ipaddr out[STS_DNS_ADDRS], size_t *count);

#endif
