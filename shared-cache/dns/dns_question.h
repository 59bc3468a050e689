/* SPDX-License-Identifier: ISC */
/*
 * dns_question.h - a question of DNS as the bytes of a message (RFC 1035 section 4). Pure but for its random id. Any thread.
 */
#ifndef STS_DNS_QUESTION_H
#define STS_DNS_QUESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/dns/dns_reply.h"

/* name: an absolute domain without final dot; labels such as _mta-sts are fine. recursive: sets RD, and AD, which asks the resolver to
 * say whether it has validated the answer (RFC 6840 section 5.7). edns_size: the size of UDP answers to take, 0 for no EDNS.
 * The caller frees *wire with free(). STS_EINVAL: DNS has no such name; STS_ENOMEM. */
enum sts_status sts_dns_question(const char *name, enum sts_dns_type type, bool recursive, uint16_t edns_size, uint8_t **wire,
    size_t *len);

#endif
