/* SPDX-License-Identifier: ISC */
/* host_addresses.c - collects the answers to two queries in one list. */
#include "config.h"

#include "stsctl/probe/host_addresses.h"

#include <stdio.h>
#include <string.h>

static bool
is_known(const struct host_addresses *h, const struct sts_ipaddr *addr)
{
	for (size_t i = 0; i < h->count; i++) {
		if (h->list[i].family == addr->family && memcmp(h->list[i].bytes, addr->bytes, sizeof(addr->bytes)) == 0)
			return true;
	}
	return false;
}

static void
note_failure(struct host_addresses *h, enum sts_dns_type type, const char *why)
{
	size_t used = strlen(h->failed);

	snprintf(h->failed + used, sizeof(h->failed) - used, "%s%s: %s", used > 0 ? ", " : "", sts_dns_type_name(type), why);
}

static void
ask(struct dns_query *dns, const char *host, enum sts_dns_type type, struct host_addresses *h)
{
	struct sts_dns_reply *reply;

	if (dns_query_ask(dns, host, type, &reply) != STS_OK) {
		note_failure(h, type, "out of memory");
		return;
	}
	if (reply->outcome == STS_DNS_REPLY_TIME_OUT || reply->outcome == STS_DNS_REPLY_FAILED)
		note_failure(h, type, reply->why);
	if (reply->name[0] != '\0' && strcmp(reply->name, host) != 0)
		snprintf(h->target, sizeof(h->target), "%s", reply->name);
	h->is_signed = h->is_signed || (reply->outcome == STS_DNS_REPLY_ANSWER && reply->authentic);
	for (size_t i = 0; i < reply->count && h->count < HOST_ADDRESSES_MAX; i++) {
		if (reply->records[i].type == type && !is_known(h, &reply->records[i].addr))
			h->list[h->count++] = reply->records[i].addr;
	}
	sts_dns_reply_free(&reply);
}

void
host_addresses_find(struct dns_query *dns, const char *host, struct host_addresses *out)
{
	memset(out, 0, sizeof(*out));
	ask(dns, host, STS_DNS_A, out);
	ask(dns, host, STS_DNS_AAAA, out);
}

const char *
host_addresses_subject(const char *host, const struct sts_ipaddr *addr, char out[HOST_ADDRESSES_SUBJECT_CAP])
{
	char shown[46];

	sts_ipaddr_format(addr, shown);
	snprintf(out, HOST_ADDRESSES_SUBJECT_CAP, "%s [%s]", host, shown);
	return out;
}
