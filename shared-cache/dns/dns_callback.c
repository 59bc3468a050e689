/* SPDX-License-Identifier: ISC */
/* dns_callback.c - calls back. Knows nothing of how the answer came. */
#include "config.h"

#include "shared-cache/dns/dns_callback.h"

#include <stdlib.h>
#include <string.h>

static void
tell_txt(const struct dns_asker *asker, const struct sts_dns_reply *reply)
{
	struct sts_txt_answer answer = { .negative_ttl_s = reply->negative_ttl_s };
	struct sts_txt *rrset;

	answer.outcome = sts_dns_answer_txt(reply, &rrset, &answer.count);
	answer.rrset = rrset;
	asker->txt_fn(asker->arg, &answer);
	free(rrset);
}

static void
tell_addrs(const struct dns_asker *asker, const struct sts_dns_reply *reply)
{
	struct sts_ipaddr addrs[STS_DNS_ADDRS];
	struct sts_addr_answer answer = { .addrs = addrs, .why = reply->why };

	answer.outcome = sts_dns_answer_addrs(reply, addrs, &answer.count);
	asker->addr_fn(asker->arg, &answer);
}

void
dns_asker_tell(const struct dns_asker *asker, const struct sts_dns_reply *reply)
{
	if (asker->fn != NULL)
		asker->fn(asker->arg, reply);
	else if (asker->txt_fn != NULL)
		tell_txt(asker, reply);
	else
		tell_addrs(asker, reply);
}

bool
dns_owed_add(struct dns_owed *owed, const struct dns_asker *asker)
{
	if (owed->count == STS_DNS_OWED)
		return false;
	owed->askers[owed->count++] = *asker;
	return true;
}

void
dns_owed_tell(struct dns_owed *owed)
{
	static const struct sts_dns_reply no_memory = { .outcome = STS_DNS_REPLY_FAILED, .rcode = -1, .local = true,
		.why = "out of memory" };

	for (size_t left = owed->count; left > 0; left--) {
		struct dns_asker first = owed->askers[0];

		memmove(owed->askers, owed->askers + 1, --owed->count * sizeof(first));
		dns_asker_tell(&first, &no_memory);
	}
}
