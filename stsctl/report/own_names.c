/* SPDX-License-Identifier: ISC */
/* own_names.c - our domains and, by DNS, their mail exchangers. */
#include "config.h"

#include "stsctl/report/own_names.h"

#include <stdlib.h>
#include <string.h>

#include "stsctl/probe/dns_query.h"

enum { SCAN_MAX = 200 };	/* domains whose MX records are looked up when a report does not say which one it is about */

struct exchangers {
	char domain[STS_DOMAIN_CAP];
	struct sts_dns_reply *reply;
};

struct own_names {
	const struct sts_domain_set *local;
	struct dns_query *dns;		/* NULL: no DNS */
	struct exchangers *list;
	size_t count;
	char about[STS_DOMAIN_CAP];	/* the current report; "": unknown */
};

enum sts_status
own_names_new(const struct sts_conf *conf, const struct sts_domain_set *local, struct own_names **out)
{
	*out = calloc(1, sizeof(**out));
	if (*out == NULL)
		return STS_ENOMEM;
	(*out)->local = local;
	if (local != NULL && dns_query_new(conf->dns_servers, true, conf->dns_timeout_ms, &(*out)->dns) != STS_OK)
		(*out)->dns = NULL;
	return STS_OK;
}

void
own_names_free(struct own_names **own)
{
	if (*own == NULL)
		return;
	for (size_t i = 0; i < (*own)->count; i++)
		sts_dns_reply_free(&(*own)->list[i].reply);
	free((*own)->list);
	dns_query_free(&(*own)->dns);
	free(*own);
	*own = NULL;
}

/* Sets about: the only one of our domains that the policies name, else the domain that the mail claims. */
void
own_names_begin(struct own_names *own, const struct sts_report *report, const struct sts_report_origin *origin)
{
	bool several = false;

	own->about[0] = '\0';
	for (size_t i = 0; i < report->policy_count; i++) {
		const char *domain = report->policies[i].domain;

		if (report->policies[i].kind == STS_REPORT_TLSA || domain[0] == '\0' ||
		    (own->local != NULL && !sts_domain_set_contains(own->local, domain)))
			continue;
		several = several || (own->about[0] != '\0' && strcmp(own->about, domain) != 0);
		strcpy(own->about, domain);
	}
	if ((own->about[0] == '\0' || several) &&
	    (own->local == NULL || sts_domain_set_contains(own->local, origin->domain)))
		strcpy(own->about, origin->domain);
	else if (several)
		own->about[0] = '\0';
}

/* The MX records of a domain. NULL: no memory, or no DNS. */
static const struct sts_dns_reply *
exchangers_of(struct own_names *own, const char *domain)
{
	struct exchangers *list;

	for (size_t i = 0; i < own->count; i++)
		if (strcmp(own->list[i].domain, domain) == 0)
			return own->list[i].reply;
	if (own->dns == NULL)
		return NULL;
	list = realloc(own->list, (own->count + 1) * sizeof(*list));
	if (list == NULL)
		return NULL;
	own->list = list;
	strcpy(list[own->count].domain, domain);
	if (dns_query_ask(own->dns, domain, STS_DNS_MX, &list[own->count].reply) != STS_OK)
		return NULL;
	return list[own->count++].reply;
}

/* unsure: DNS gave no answer. */
static bool
has_exchanger(struct own_names *own, const char *domain, const char *host, bool *unsure)
{
	const struct sts_dns_reply *reply = exchangers_of(own, domain);

	*unsure = reply == NULL || sts_dns_reply_failed(reply);
	for (size_t i = 0; reply != NULL && i < reply->count; i++)
		if (reply->records[i].type == STS_DNS_MX && strcmp(reply->records[i].target, host) == 0)
			return true;
	return false;
}

/* out: the domain to file the policy under: the one that the report is about if it uses the host, else the host itself, as several domains
 * may use it. */
static bool
is_exchanger(struct own_names *own, const char *host, char out[STS_DOMAIN_CAP])
{
	const char *domain;
	bool unsure;

	if (own->about[0] != '\0' && (has_exchanger(own, own->about, host, &unsure) || unsure)) {
		strcpy(out, own->about);
		return true;
	}
	strcpy(out, host);
	for (size_t i = 0; i < SCAN_MAX && (domain = sts_domain_set_at(own->local, i)) != NULL; i++)
		if (has_exchanger(own, domain, host, &unsure))
			return true;
	return false;
}

bool
own_names_has(void *arg, enum sts_report_kind kind, const char *domain, char out[STS_DOMAIN_CAP])
{
	struct own_names *own = arg;

	if (domain[0] == '\0')
		domain = own->about;
	strcpy(out, domain[0] != '\0' ? domain : "unknown");
	if (own->local == NULL || sts_domain_set_contains(own->local, domain))
		return own->local == NULL || domain[0] != '\0';
	return kind == STS_REPORT_TLSA && domain[0] != '\0' && is_exchanger(own, domain, out);
}
