/* SPDX-License-Identifier: ISC */
/* zone_records.c - records, as lines of a zone file and as a script for nsupdate. */
#include "config.h"

#include <string.h>

#include "shared-cache/names/ipaddr.h"
#include "stsctl/publish/zone_records.h"

enum { STRING_MAX = 255 };	/* of a TXT record's character-string */

/* How records are printed. */
struct printer {
	FILE *to;
	long ttl;
	const char *prefix;	/* put before each record's name */
};

/* The data has neither quotes nor backslashes (plan/spec_values.c). */
static void
print_txt(const struct printer *p, const char *label, const char *domain, const char *text)
{
	size_t len = strlen(text);

	fprintf(p->to, "%s%s.%s. %ld IN TXT", p->prefix, label, domain, p->ttl);
	for (size_t at = 0; at < len; at += STRING_MAX)
		fprintf(p->to, " \"%.*s\"", STRING_MAX, text + at);
	putc('\n', p->to);
}

static bool
is_name(const char *web_host)
{
	struct sts_ipaddr addr;
	size_t len = strcspn(web_host, " ");

	return web_host[0] != '\0' && !sts_ipaddr_parse(web_host, len, &addr);
}

static void
print_host(const struct printer *p, const struct publish_domain *d)
{
	const char *rest = d->web_host, *element;
	size_t len;

	if (is_name(d->web_host)) {
		fprintf(p->to, "%smta-sts.%s. %ld IN CNAME %s.\n", p->prefix, d->name, p->ttl, d->web_host);
		return;
	}
	while ((element = publish_list_next(&rest, &len)) != NULL)
		fprintf(p->to, "%smta-sts.%s. %ld IN %s %.*s\n", p->prefix, d->name, p->ttl,
		    memchr(element, ':', len) != NULL ? "AAAA" : "A", (int)len, element);
}

static void
print_records(const struct printer *p, const struct publish_dns *dns, enum publish_records which)
{
	char tlsrpt[PUBLISH_TLSRPT_CAP], record[PUBLISH_RECORD_CAP];

	if (which == PUBLISH_POLICY_RECORD) {
		publish_record(dns->id, record);
		print_txt(p, "_mta-sts", dns->domain->name, record);
	} else if (which == PUBLISH_HOST_RECORDS) {
		print_host(p, dns->domain);
		publish_tlsrpt(dns->domain, tlsrpt);
		if (tlsrpt[0] != '\0')
			print_txt(p, "_smtp._tls", dns->domain->name, tlsrpt);
	}
}

bool
publish_has_records(const struct publish_dns *dns, enum publish_records which)
{
	return which != PUBLISH_HOST_RECORDS || dns->domain->web_host[0] != '\0' || dns->domain->rua[0] != '\0';
}

void
publish_zone_lines(const struct publish_dns *dns, enum publish_records which, FILE *to)
{
	const struct printer p = { .to = to, .ttl = (long)(dns->domain->ttl_ms / 1000), .prefix = "" };

	print_records(&p, dns, which);
}

/* An alias must be alone at its name (RFC 1034 section 3.6.2), so all types are deleted before either kind is added. */
static void
delete_host(const struct publish_domain *d, FILE *to)
{
	static const char *const types[] = { "A", "AAAA", "CNAME" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		fprintf(to, "update delete mta-sts.%s. %s\n", d->name, types[i]);
}

void
publish_nsupdate(const struct publish_dns *dns, enum publish_records which, FILE *to)
{
	const struct publish_domain *d = dns->domain;
	const struct printer p = { .to = to, .ttl = (long)(d->ttl_ms / 1000), .prefix = "update add " };

	if (dns->server[0] != '\0')
		fprintf(to, "server %s\n", dns->server);
	if (which != PUBLISH_HOST_RECORDS)
		fprintf(to, "update delete _mta-sts.%s. TXT\n", d->name);
	if (which != PUBLISH_POLICY_RECORD && d->web_host[0] != '\0')
		delete_host(d, to);
	if (which == PUBLISH_HOST_RECORDS && d->rua[0] != '\0')
		fprintf(to, "update delete _smtp._tls.%s. TXT\n", d->name);
	print_records(&p, dns, which);
	fputs("send\n", to);
}
