/* SPDX-License-Identifier: ISC */
/* dns_callback.c - calls back. Knows nothing of how the reply came. */
#include "config.h"

#include "shared-cache/dns/dns_callback.h"

#include <stdlib.h>
#include <string.h>

static void
call_txt(const struct dns_callback *callback, const struct sts_dns_reply *reply)
{
	struct sts_txt_answer answer = { .negative_ttl_s = reply->negative_ttl_s };
	struct sts_txt *rrset;

	answer.outcome = sts_dns_extract_txt(reply, &rrset, &answer.count);
	answer.rrset = rrset;
	callback->txt_fn(callback->arg, &answer);
	free(rrset);
}

static void
call_addrs(const struct dns_callback *callback, const struct sts_dns_reply *reply)
{
	struct sts_ipaddr addrs[STS_DNS_ADDRS];
	struct sts_addr_answer answer = { .addrs = addrs, .why = reply->why };

	answer.outcome = sts_dns_extract_addrs(reply, addrs, &answer.count);
	callback->addr_fn(callback->arg, &answer);
}

void
dns_callback_run(const struct dns_callback *callback, const struct sts_dns_reply *reply)
{
	if (callback->fn != NULL)
		callback->fn(callback->arg, reply);
	else if (callback->txt_fn != NULL)
		call_txt(callback, reply);
	else
		call_addrs(callback, reply);
}

bool
dns_deferred_add(struct dns_deferred *deferred, const struct dns_callback *callback)
{
	if (deferred->count == STS_DNS_DEFERRED)
		return false;
	deferred->list[deferred->count++] = *callback;
	return true;
}

void
dns_deferred_run(struct dns_deferred *deferred)
{
	static const struct sts_dns_reply no_memory = { .outcome = STS_DNS_REPLY_FAILED, .rcode = -1, .local = true,
		.why = "out of memory" };

	for (size_t left = deferred->count; left > 0; left--) {
		struct dns_callback first = deferred->list[0];

		memmove(deferred->list, deferred->list + 1, --deferred->count * sizeof(first));
		dns_callback_run(&first, &no_memory);
	}
}
