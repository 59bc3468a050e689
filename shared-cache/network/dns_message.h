/* SPDX-License-Identifier: ISC */
/*
 * dns_message.h - a DNS answer (RFC 1035 section 4), as bytes -> what is in it.
 *
 * Records are read by c-ares' parsers; what c-ares 1.18 does not tell (the SOA of a negative answer) is read here, where every
 * length is checked and compression is only skipped, never followed, so that the work is linear in the message's length.
 * No sockets. Any thread.
 */
#ifndef STS_NETWORK_DNS_MESSAGE_H
#define STS_NETWORK_DNS_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "shared-cache/names/ipaddr.h"
#include "shared-cache/policy/net.h"
#include "shared-cache/policy/record.h"

/* The response code of the header, -1 when msg is shorter than a header. */
int sts_dns_message_rcode(const uint8_t *msg, size_t len);

/* Its name ("SERVFAIL"), "an unknown response code" for those without. Never NULL. */
const char *sts_dns_message_rcode_name(int rcode);

/* For how long the answer "there is no such record" holds, in seconds (RFC 2308 section 5): the lesser of TTL and MINIMUM
 * of the first SOA record in the authority section. 0 when there is none, or when the message is malformed. */
uint32_t sts_dns_message_negative_ttl(const uint8_t *msg, size_t len);

/* The two below look at the answer section of a message with response code 0, CNAMEs included. STS_DNS_OK, STS_DNS_NODATA
 * (no such record), STS_DNS_FAILURE (malformed, out of memory, or more than a policy host or record has any use for). */

/* The TXT records, the character-strings of each joined. *out is one block for the caller to free(); NULL unless STS_DNS_OK. */
enum { STS_DNS_TXT_RECORDS = 64, STS_DNS_TXT_BYTES = 65536 };
enum sts_dns_outcome sts_dns_message_txt(const uint8_t *msg, size_t len, struct sts_txt **out, size_t *count);

/* The first few addresses. family: 4 (A) or 6 (AAAA). */
enum { STS_DNS_ADDRS = 8 };
enum sts_dns_outcome sts_dns_message_addrs(const uint8_t *msg, size_t len, int family, struct sts_ipaddr out[STS_DNS_ADDRS],
    size_t *count);

#endif
