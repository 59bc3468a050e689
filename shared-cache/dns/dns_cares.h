/* SPDX-License-Identifier: ISC */
/*
 * dns_cares.h - the part of c-ares that differs between versions: sending queries and receiving replies. Configure chooses one of two
 * files: dns_cares_send.c up to 1.27 (ares_send), dns_cares_dnsrec.c from 1.28 on, where ares_send is deprecated.
 *
 * For dns.c only. Belongs to the channel's thread.
 */
#ifndef STS_DNS_DNS_CARES_H
#define STS_DNS_DNS_CARES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ares.h>

/* msg: the reply, valid during the call; or NULL, and status is c-ares' reason. */
typedef void dns_cares_fn(void *arg, int status, const uint8_t *msg, size_t len);

/* Sends a query, which is copied. The callback comes once, perhaps before this returns. */
void dns_cares_send(ares_channel channel, const uint8_t *wire, size_t len, dns_cares_fn *fn, void *arg);

/* How many servers the channel has: 0, 1, or 2 for more than one. Also 0 without memory. */
unsigned dns_cares_servers(ares_channel channel);

#endif
