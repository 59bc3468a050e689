/* SPDX-License-Identifier: ISC */
/*
 * sts_dnsmsg.h - the two things about a DNS answer (RFC 1035 section 4) that c-ares 1.18 does not tell.
 *
 * The bytes come from the network: every length is checked, compression is never followed (only skipped), so the work is
 * linear in the length of the message.
 * Pure. Any thread.
 */
#ifndef STS_DNSMSG_H
#define STS_DNSMSG_H

#include <stddef.h>
#include <stdint.h>

/* The response code of the header, -1 when msg is shorter than a header. */
int sts_dnsmsg_rcode(const uint8_t *msg, size_t len);

/* Its name ("SERVFAIL"), "an unknown response code" for those without. Never NULL. */
const char *sts_dnsmsg_rcode_name(int rcode);

/* For how long the answer "there is no such record" holds, in seconds (RFC 2308 section 5): the lesser of TTL and MINIMUM
 * of the first SOA record in the authority section. 0 when there is none, or when the message is malformed. */
uint32_t sts_dnsmsg_negative_ttl(const uint8_t *msg, size_t len);

#endif
