/* SPDX-License-Identifier: ISC */
/*
 * dns_callback.h - the caller's callback, in one of three forms; and the list of callers for whose question there was no memory,
 * but who must be called back all the same. Belongs to one thread.
 */
#ifndef STS_DNS_DNS_CALLBACK_H
#define STS_DNS_DNS_CALLBACK_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/dns/dns.h"

struct dns_callback {
	sts_dns_fn *fn;			/* one of the three is set */
	sts_txt_fn *txt_fn;
	sts_addr_fn *addr_fn;
	void *arg;
};

void dns_callback_run(const struct dns_callback *callback, const struct sts_dns_reply *reply);

/* Needs no memory from malloc. */
struct dns_deferred {
	struct dns_callback list[STS_DNS_DEFERRED];
	size_t count;
};

/* False: the list is full. */
bool dns_deferred_add(struct dns_deferred *deferred, const struct dns_callback *callback);
/* Calls back all callers in the list with a local failure, out of memory. What a callback adds waits for the next call. */
void dns_deferred_run(struct dns_deferred *deferred);

#endif
