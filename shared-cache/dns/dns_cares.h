/* SPDX-License-Identifier: ISC */
/*
 * dns_cares.h - the part of c-ares that is not the same in all versions: messages out and in. Two files stand behind it, of which
 * configure takes one: dns_cares_send.c up to 1.27, which has ares_send; dns_cares_dnsrec.c from 1.28 on, where that is deprecated.
 *
 * For dns.c alone. Belongs to the channel's thread.
 */
#ifndef STS_DNS_DNS_CARES_H
#define STS_DNS_DNS_CARES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ares.h>

/* msg: the answer, valid during the call; NULL when there is none, for which status has c-ares' reason. */
typedef void dns_cares_fn(void *arg, int status, const uint8_t *msg, size_t len);

/* Sends a question, which is copied. The callback comes once, maybe before this returns. */
void dns_cares_send(ares_channel channel, const uint8_t *wire, size_t len, dns_cares_fn *fn, void *arg);

/* How many servers the channel asks: 0, 1, or 2 for more than one. 0 when memory ran out, too. */
unsigned dns_cares_servers(ares_channel channel);

#endif
