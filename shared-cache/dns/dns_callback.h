/* SPDX-License-Identifier: ISC */
/*
 * dns_callback.h - who is to be called back, in which of the three forms; and those for whose question there was no memory, but who are owed
 * an answer all the same. Belongs to one thread.
 */
#ifndef STS_DNS_DNS_CALLBACK_H
#define STS_DNS_DNS_CALLBACK_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/dns/dns.h"

struct dns_asker {
	sts_dns_fn *fn;			/* one of the three */
	sts_txt_fn *txt_fn;
	sts_addr_fn *addr_fn;
	void *arg;
};

void dns_asker_tell(const struct dns_asker *asker, const struct sts_dns_reply *reply);

/* Takes no memory of malloc's. */
struct dns_owed {
	struct dns_asker askers[STS_DNS_OWED];
	size_t count;
};

/* False when there is no place left. */
bool dns_owed_add(struct dns_owed *owed, const struct dns_asker *asker);
/* Calls back all that there are now: local trouble, out of memory. Who asks again from his callback waits for the next time. */
void dns_owed_tell(struct dns_owed *owed);

#endif
