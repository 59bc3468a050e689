/* SPDX-License-Identifier: ISC */
/* dane_lookup.c - the steps from domain to TLSA. What they add up to is judged in outbound/dane.c. */
#include "config.h"

#include "shared-cache/dane/dane_lookup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/dane/dns_records.h"

/* Room for "_65535._tcp." in front of a name. */
enum { TLSA_NAME_CAP = STS_DOMAIN_CAP + 16 };

struct lookup;

struct host {
	struct lookup *lookup;
	unsigned pending;	/* address questions under way */
	bool has_address, address_signed, address_failed;
};

struct lookup {
	const struct sts_dane_net *net;
	sts_dane_fn *fn;
	void *arg;
	char domain[STS_DOMAIN_CAP];
	size_t pending;		/* hosts that are not known yet */
	uint32_t ttl_s;
	struct sts_dane_result result;
	struct host hosts[STS_DANE_MX_MAX];
};

static void
ask(struct lookup *l, const char *name, int type, sts_signed_fn *fn, void *arg)
{
	l->net->ask(l->net->self, name, type, l->net->mono_ms(l->net->self) + l->net->timeout_ms, fn, arg);
}

/* ---- the end ---- */

static void
note_ttl(struct lookup *l, uint32_t ttl_s)
{
	if (ttl_s < l->ttl_s)
		l->ttl_s = ttl_s;
}

static void
finish(struct lookup *l)
{
	struct sts_dane_result *result = &l->result;
	struct sts_dane_facts facts = { .mx = result->mx, .mx_signed = result->mx_signed };

	for (size_t i = 0; i < result->host_count; i++)
		facts.hosts[result->hosts[i].state]++;
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

static void
on_tlsa(void *arg, const struct sts_signed_answer *answer)
{
	struct host *h = arg;
	struct sts_dns_records records;
	struct sts_dns_record tlsa;
	bool any = false, usable = false;

	if (answer->outcome != STS_DNS_OK) {
		settle(h, answer->outcome == STS_DNS_NODATA ? STS_DANE_HOST_WITHOUT : STS_DANE_HOST_FAILED);
		return;
	}
	if (!sts_dns_is_authentic(answer->msg, answer->len) || !sts_dns_records_init(&records, answer->msg, answer->len)) {
		settle(h, STS_DANE_HOST_WITHOUT);
		return;
	}
	while (sts_dns_records_next(&records, STS_DNS_TLSA, &tlsa)) {
		any = true;
		usable = usable || sts_dane_tlsa_usable(tlsa.data, tlsa.len);
		note_ttl(h->lookup, tlsa.ttl);
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
on_address(struct host *h, const struct sts_signed_answer *answer, unsigned type)
{
	struct sts_dns_records records;
	struct sts_dns_record address;

	if (answer->outcome == STS_DNS_OK && sts_dns_records_init(&records, answer->msg, answer->len)) {
		if (sts_dns_records_next(&records, type, &address)) {
			h->has_address = true;
			h->address_signed = h->address_signed || sts_dns_is_authentic(answer->msg, answer->len);
			note_ttl(h->lookup, address.ttl);
		}
	} else if (answer->outcome != STS_DNS_NODATA) {
		h->address_failed = true;
	}
	if (--h->pending == 0) {
		h->lookup->result.validates = h->lookup->result.validates || h->address_signed;
		judge_addresses(h);
	}
}

static void
on_a(void *arg, const struct sts_signed_answer *answer)
{
	on_address(arg, answer, STS_DNS_A);
}

static void
on_aaaa(void *arg, const struct sts_signed_answer *answer)
{
	on_address(arg, answer, STS_DNS_AAAA);
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
		ask(l, l->result.hosts[i].name, STS_DNS_A, on_a, h);
		ask(l, l->result.hosts[i].name, STS_DNS_AAAA, on_aaaa, h);
	}
}

/* ---- MX ---- */

static bool
is_nxdomain(const struct sts_signed_answer *answer)
{
	return answer->len > 3 && (answer->msg[3] & 0x0f) == 3;
}

/* False: a null MX. */
static bool
read_hosts(struct lookup *l, const struct sts_signed_answer *answer)
{
	struct sts_dane_result *result = &l->result;
	struct sts_dns_records records;
	struct sts_dns_record mx;
	bool null_mx = false, any = false;

	if (!sts_dns_records_init(&records, answer->msg, answer->len))
		return true;
	while (result->host_count < STS_DANE_MX_MAX && sts_dns_records_next(&records, STS_DNS_MX, &mx)) {
		char *name = result->hosts[result->host_count].name;

		any = true;
		note_ttl(l, mx.ttl);
		if (!sts_dns_mx_host(&records, &mx, name))
			continue;
		null_mx = null_mx || name[0] == '\0';
		result->host_count += name[0] != '\0';
	}
	/* The domain is its own host (RFC 5321 section 5.1). */
	if (!any)
		memcpy(result->hosts[result->host_count++].name, l->domain, sizeof(l->domain));
	return result->host_count > 0 || !null_mx;
}

static void
on_mx(void *arg, const struct sts_signed_answer *answer)
{
	struct lookup *l = arg;
	struct sts_dane_result *result = &l->result;

	if (answer->outcome != STS_DNS_OK) {
		result->mx = answer->outcome == STS_DNS_NODATA ? STS_DANE_MX_NO_MAIL : STS_DANE_MX_FAILED;
		finish(l);
		return;
	}
	result->mx_signed = sts_dns_is_authentic(answer->msg, answer->len);
	result->validates = result->mx_signed;
	if (is_nxdomain(answer) || !read_hosts(l, answer)) {
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
