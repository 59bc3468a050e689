/* SPDX-License-Identifier: ISC */
/* dane_lookup.c - the steps from a domain to its TLSA records. outbound/dane.c judges the result. */
#include "config.h"

#include "shared-cache/dane/dane_lookup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>


/* Room for "_65535._tcp." in front of a name. */
enum { TLSA_NAME_CAP = STS_DOMAIN_CAP + 16 };

struct lookup;

struct host {
	struct lookup *lookup;
	unsigned pending;	/* address queries outstanding */
	bool has_address, address_signed, address_failed;
};

struct lookup {
	const struct sts_dane_net *net;
	sts_dane_fn *fn;
	void *arg;
	char domain[STS_DOMAIN_CAP];
	size_t pending;		/* hosts whose state is not known yet */
	uint32_t ttl_s;
	struct sts_dane_result result;
	struct host hosts[STS_DANE_MX_MAX];
};

static void
ask(struct lookup *l, const char *name, enum sts_dns_type type, sts_dns_fn *fn, void *arg)
{
	l->net->ask(l->net->self, name, type, l->net->mono_ms(l->net->self) + l->net->timeout_ms, fn, arg);
}

/* ---- the result ---- */

static void
note_ttl(struct lookup *l, uint32_t ttl_s)
{
	if (ttl_s < l->ttl_s)
		l->ttl_s = ttl_s;
}

/* A negative reply has a TTL of its own (RFC 2308). */
static void
note_absence(struct lookup *l, const struct sts_dns_reply *reply)
{
	if (reply->outcome != STS_DNS_REPLY_ANSWER && reply->negative_ttl_s > 0)
		note_ttl(l, reply->negative_ttl_s);
}

static void
finish(struct lookup *l)
{
	struct sts_dane_result *result = &l->result;
	struct sts_dane_facts facts = { .mx = result->mx, .mx_signed = result->mx_signed };

	for (size_t i = 0; i < result->host_count; i++)
		facts.hosts[result->hosts[i].state]++;
	/* Hosts that were not looked up cannot be relied on. */
	facts.hosts[STS_DANE_HOST_WITHOUT] += result->left_out;
	result->dane = sts_dane_judge(&facts);
	if (facts.hosts[STS_DANE_HOST_FAILED] > 0 || result->mx == STS_DANE_MX_FAILED)
		note_ttl(l, STS_DANE_TTL_UNKNOWN_S);
	result->ttl_s = l->ttl_s < STS_DANE_TTL_MIN_S ? STS_DANE_TTL_MIN_S : l->ttl_s;
	l->fn(l->arg, result);
	free(l);
}

static void
settle(struct host *h, enum sts_dane_host state)
{
	struct lookup *l = h->lookup;

	l->result.hosts[h - l->hosts].state = state;
	if (--l->pending == 0)
		finish(l);
}

/* ---- TLSA ---- */

static bool
is_usable(const struct sts_dns_record *r)
{
	uint8_t head[3] = { (uint8_t)r->tlsa.usage, (uint8_t)r->tlsa.selector, (uint8_t)r->tlsa.matching };

	return sts_dane_tlsa_usable(head, r->tlsa.len);
}

static void
on_tlsa(void *arg, const struct sts_dns_reply *reply)
{
	struct host *h = arg;
	bool any = false, usable = false;

	if (sts_dns_reply_failed(reply)) {
		settle(h, STS_DANE_HOST_FAILED);
		return;
	}
	note_absence(h->lookup, reply);
	for (size_t i = 0; i < reply->count && reply->authentic; i++) {
		const struct sts_dns_record *r = &reply->records[i];

		if (r->type != STS_DNS_TLSA)
			continue;
		any = true;
		usable = usable || is_usable(r);
		note_ttl(h->lookup, r->ttl_s);
	}
	settle(h, usable ? STS_DANE_HOST_USABLE : any ? STS_DANE_HOST_UNUSABLE : STS_DANE_HOST_WITHOUT);
}

static void
ask_tlsa(struct host *h)
{
	struct lookup *l = h->lookup;
	char name[TLSA_NAME_CAP];

	snprintf(name, sizeof(name), "_%u._tcp.%s", (unsigned)l->net->port, l->result.hosts[h - l->hosts].name);
	ask(l, name, STS_DNS_TLSA, on_tlsa, h);
}

/* ---- addresses ---- */

static void
judge_addresses(struct host *h)
{
	if (!h->has_address)
		settle(h, h->address_failed ? STS_DANE_HOST_FAILED : STS_DANE_HOST_DEAD);
	else if (!h->address_signed)
		settle(h, STS_DANE_HOST_WITHOUT);
	else
		ask_tlsa(h);
}

static void
on_address(void *arg, const struct sts_dns_reply *reply)
{
	struct host *h = arg;

	if (sts_dns_reply_failed(reply))
		h->address_failed = true;
	for (size_t i = 0; i < reply->count; i++) {
		const struct sts_dns_record *r = &reply->records[i];

		if (r->type != STS_DNS_A && r->type != STS_DNS_AAAA)
			continue;
		h->has_address = true;
		h->address_signed = h->address_signed || reply->authentic;
		note_ttl(h->lookup, r->ttl_s);
	}
	if (--h->pending == 0) {
		h->lookup->result.validates = h->lookup->result.validates || h->address_signed;
		judge_addresses(h);
	}
}

static void
ask_addresses(struct lookup *l)
{
	l->pending = l->result.host_count;
	if (l->pending == 0) {
		finish(l);
		return;
	}
	for (size_t i = 0; i < l->result.host_count; i++) {
		struct host *h = &l->hosts[i];

		h->lookup = l;
		h->pending = 2;
		ask(l, l->result.hosts[i].name, STS_DNS_A, on_address, h);
		ask(l, l->result.hosts[i].name, STS_DNS_AAAA, on_address, h);
	}
}

/* ---- MX ---- */

/* False: a null MX. */
static bool
read_hosts(struct lookup *l, const struct sts_dns_reply *reply)
{
	struct sts_dane_result *result = &l->result;
	bool null_mx = false, any = false;

	for (size_t i = 0; i < reply->count; i++) {
		const struct sts_dns_record *r = &reply->records[i];
		char name[STS_DOMAIN_CAP];

		if (r->type != STS_DNS_MX)
			continue;
		any = true;
		note_ttl(l, r->ttl_s);
		null_mx = null_mx || r->target[0] == '\0';
		if (sts_domain_normalise(r->target, strlen(r->target), name) != STS_DOMAIN_OK)
			continue;
		if (result->host_count < STS_DANE_MX_MAX)
			memcpy(result->hosts[result->host_count++].name, name, sizeof(name));
		else
			result->left_out++;
	}
	/* The domain is its own host (RFC 5321 section 5.1). */
	if (!any)
		memcpy(result->hosts[result->host_count++].name, l->domain, sizeof(l->domain));
	return result->host_count > 0 || !null_mx;
}

static void
on_mx(void *arg, const struct sts_dns_reply *reply)
{
	struct lookup *l = arg;
	struct sts_dane_result *result = &l->result;

	if (sts_dns_reply_failed(reply)) {
		result->mx = STS_DANE_MX_FAILED;
		finish(l);
		return;
	}
	result->mx_signed = reply->authentic;
	result->validates = result->mx_signed;
	note_absence(l, reply);
	if (reply->outcome == STS_DNS_REPLY_NO_NAME || !read_hosts(l, reply)) {
		result->mx = STS_DANE_MX_NO_MAIL;
		finish(l);
		return;
	}
	ask_addresses(l);
}

enum sts_status
sts_dane_lookup(const struct sts_dane_net *net, const char *domain, sts_dane_fn *fn, void *arg)
{
	struct lookup *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return STS_ENOMEM;
	l->net = net;
	l->fn = fn;
	l->arg = arg;
	l->ttl_s = STS_DANE_TTL_MAX_S;
	snprintf(l->domain, sizeof(l->domain), "%s", domain);
	ask(l, l->domain, STS_DNS_MX, on_mx, l);
	return STS_OK;
}
