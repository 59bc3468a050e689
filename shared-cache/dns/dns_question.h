/* SPDX-License-Identifier: ISC */
/*
 * dns_question.h - builds a DNS query as bytes (RFC 1035 section 4). Allocates nothing. Pure, but for the random id. Any thread.
 */
#ifndef STS_DNS_QUESTION_H
#define STS_DNS_QUESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/dns/dns_reply.h"

/* The header, the longest name, type and class, the EDNS record. */
enum { STS_DNS_QUESTION_CAP = 12 + 255 + 4 + 11 };

struct sts_dns_question {
	uint8_t bytes[STS_DNS_QUESTION_CAP];
	size_t len;
};

/* name: an absolute domain without final dot; labels such as _mta-sts are fine. recursive: sets RD, and AD, which asks the
 * resolver to say whether it validated the answer (RFC 6840 section 5.7). edns_size: the largest UDP reply to accept (RFC 6891);
 * 0: no EDNS. STS_EINVAL: the name cannot be encoded. STS_ESYS: the system has no random number. */
enum sts_status sts_dns_question(const char *name, enum sts_dns_type type, bool recursive, uint16_t edns_size,
    struct sts_dns_question *out);

#endif
