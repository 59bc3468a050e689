/* SPDX-License-Identifier: ISC */
/*
 * dns_callback.h - who is to be called back, in which of the three forms; and those for whose question there was no memory, but who are deferred
 * an answer all the same. Belongs to one thread.
 */
#ifndef STS_DNS_DNS_CALLBACK_H
#define STS_DNS_DNS_CALLBACK_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/dns/dns.h"

struct dns_callback {
	sts_dns_fn *fn;			/* one of the three */
	sts_txt_fn *txt_fn;
	sts_addr_fn *addr_fn;
	void *arg;
};

void dns_callback_run(const struct dns_callback *callback, const struct sts_dns_reply *reply);

/* Takes no memory of malloc's. */
struct dns_deferred {
	struct dns_callback list[STS_DNS_DEFERRED];
	size_t count;
};

/* False when there is no place left. */
bool dns_deferred_add(struct dns_deferred *deferred, const struct dns_callback *callback);
/* Calls back all that there are now: local trouble, out of memory. Who asks again from his callback waits for the next time. */
void dns_deferred_run(struct dns_deferred *deferred);

#endif
