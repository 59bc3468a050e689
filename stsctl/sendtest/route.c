/* SPDX-License-Identifier: ISC */
/* route.c - the DNS lookups that smtp(8) makes before it connects. delivery_outcome.c judges the answers. */
#include "config.h"

#include "stsctl/sendtest/route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/names/domain.h"

/* ---- MX ---- */

static int
by_preference(const void *a, const void *b)
{
	const struct send_mx *left = a, *right = b;

	if (left->preference != right->preference)
		return left->preference < right->preference ? -1 : 1;
	return strcmp(left->host, right->host);
}

/* False: a null MX (RFC 7505), or no record names a valid host. */
static bool
read_hosts(const struct sts_dns_reply *reply, const char *domain, struct send_route *out)
{
	bool any = false;

	for (size_t i = 0; i < reply->count; i++) {
		const struct sts_dns_record *record = &reply->records[i];
		struct send_mx *mx = &out->mx[out->count];

		if (record->type != STS_DNS_MX)
			continue;
		any = true;
		if (out->count == SEND_MX_MAX) {
			out->left_out++;
		} else if (sts_domain_normalise(record->target, strlen(record->target), mx->host) == STS_DOMAIN_OK) {
			mx->preference = record->preference;
			out->count++;
		}
	}
	if (!any)
		snprintf(out->mx[out->count++].host, sizeof(out->mx[0].host), "%s", domain);
	qsort(out->mx, out->count, sizeof(out->mx[0]), by_preference);
	return out->count > 0;
}

static void
read_mx(const struct dns_query *dns, const struct sts_dns_reply *reply, const char *domain, struct send_route *out)
{
	out->mx_signed = reply->authentic;
	if (sts_dns_reply_failed(reply)) {
		out->end = STS_DANE_MX_FAILED;
		snprintf(out->why, sizeof(out->why), "dns %s: %s", dns_query_servers(dns), reply->why);
	} else if (reply->outcome == STS_DNS_REPLY_NO_NAME) {
		out->end = STS_DANE_MX_NO_MAIL;
		snprintf(out->why, sizeof(out->why), "the domain does not exist");
	} else if (!read_hosts(reply, domain, out)) {
		out->end = STS_DANE_MX_NO_MAIL;
		snprintf(out->why, sizeof(out->why), "its MX records name no host: it accepts no mail");
	}
}

/* ---- TLSA ---- */

static enum sts_dane_host
dane_status(const struct sts_dns_reply *reply, struct dane_records *out)
{
	if (sts_dns_reply_failed(reply))
		return STS_DANE_HOST_FAILED;
	if (reply->outcome != STS_DNS_REPLY_ANSWER || !reply->authentic)
		return STS_DANE_HOST_WITHOUT;
	dane_records_read(reply, out);
	for (size_t i = 0; i < out->count; i++)
		if (dane_record_use(&out->list[i]) == DANE_USABLE)
			return STS_DANE_HOST_USABLE;
	return STS_DANE_HOST_UNUSABLE;
}

static enum sts_status
ask_tlsa(struct dns_query *dns, const char *host, uint16_t port, struct send_mx *mx)
{
	char name[STS_DOMAIN_CAP + 16];
	struct sts_dns_reply *reply;
	enum sts_status status;

	snprintf(name, sizeof(name), "_%u._tcp.%s", (unsigned)port, host);
	status = dns_query_ask(dns, name, STS_DNS_TLSA, &reply);
	if (status == STS_OK)
		mx->dane = dane_status(reply, &mx->tlsa);
	sts_dns_reply_free(&reply);
	return status;
}

/* For an alias, the TLSA records of its target count; those of the alias only if the target has none (RFC 7672 section 2.2.2). */
static enum sts_status
find_host(struct dns_query *dns, uint16_t port, struct send_mx *mx)
{
	enum sts_status status = STS_OK;

	host_addresses_find(dns, mx->host, &mx->addrs);
	mx->dane = STS_DANE_HOST_WITHOUT;
	if (mx->addrs.count == 0)
		mx->dane = mx->addrs.failed[0] != '\0' ? STS_DANE_HOST_FAILED : STS_DANE_HOST_DEAD;
	if (mx->addrs.count == 0 || !mx->addrs.is_signed)
		return STS_OK;
	if (mx->addrs.target[0] != '\0')
		status = ask_tlsa(dns, mx->addrs.target, port, mx);
	if (status == STS_OK && mx->dane == STS_DANE_HOST_WITHOUT)
		status = ask_tlsa(dns, mx->host, port, mx);
	return status;
}

enum sts_status
send_route_find(struct dns_query *dns, const char *domain, uint16_t port, struct send_route *out)
{
	struct sts_dns_reply *reply;
	enum sts_status status = dns_query_ask(dns, domain, STS_DNS_MX, &reply);

	memset(out, 0, sizeof(*out));
	out->end = STS_DANE_MX_FOUND;
	if (status != STS_OK)
		return status;
	read_mx(dns, reply, domain, out);
	sts_dns_reply_free(&reply);
	for (size_t i = 0; i < out->count && status == STS_OK; i++)
		status = find_host(dns, port, &out->mx[i]);
	return status;
}
