/* SPDX-License-Identifier: ISC */
/*
 * dns_question.h - a question of DNS as the bytes of a message (RFC 1035 section 4). Takes no memory. Pure but for its random id. Any
 * thread.
 */
#ifndef STS_DNS_QUESTION_H
#define STS_DNS_QUESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/dns/dns_reply.h"

/* The header, the longest name, type and class, the record of EDNS. */
enum { STS_DNS_QUESTION_CAP = 12 + 255 + 4 + 11 };

struct sts_dns_question {
	uint8_t bytes[STS_DNS_QUESTION_CAP];
	size_t len;
};

/* name: an absolute domain without final dot; labels such as _mta-sts are fine. recursive: sets RD, and AD, which asks the resolver to
 * say whether it has validated the answer (RFC 6840 section 5.7). edns_size: the size of UDP answers to take (RFC 6891), 0 for no EDNS.
 * STS_EINVAL: DNS has no such name; STS_ESYS: the system has no random number. */
enum sts_status sts_dns_question(const char *name, enum sts_dns_type type, bool recursive, uint16_t edns_size,
    struct sts_dns_question *out);

#endif
