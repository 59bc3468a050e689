/* SPDX-License-Identifier: ISC */
/* dns_record.c - one record as ldns has it -> ours. */
#include "config.h"

#include "shared-cache/dns/dns_record_private.h"

#include <netinet/in.h>
#include <string.h>

#include "shared-cache/base/ascii.h"

/* Lower case, and `?' for what no domain name holds: every byte stays one byte, so that the name fits. */
static void
copy_name(const ldns_rdf *rdf, char out[STS_DOMAIN_CAP])
{
	const uint8_t *wire = ldns_rdf_data(rdf);
	size_t size = ldns_rdf_size(rdf), at = 0, len = 0;

	while (at < size && wire[at] != 0) {
		size_t end = at + 1 + wire[at];

		if (len > 0 && len < STS_DOMAIN_MAX)
			out[len++] = '.';
		for (at++; at < end && at < size && len < STS_DOMAIN_MAX; at++) {
			char c = sts_ascii_lower((char)wire[at]);

			out[len++] = sts_ascii_is_alnum(c) || c == '-' || c == '_' || c == '*' ? c : '?';
		}
		at = end;
	}
	out[len] = '\0';
}

static void
copy_address(const ldns_rdf *rdf, struct sts_ipaddr *out)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	if (ldns_rdf_get_type(rdf) == LDNS_RDF_TYPE_A && ldns_rdf_size(rdf) == sizeof(in.sin_addr)) {
		memcpy(&in.sin_addr, ldns_rdf_data(rdf), sizeof(in.sin_addr));
		(void)sts_ipaddr_from_sockaddr((const struct sockaddr *)&in, out);
	} else if (ldns_rdf_get_type(rdf) == LDNS_RDF_TYPE_AAAA && ldns_rdf_size(rdf) == sizeof(in6.sin6_addr)) {
		memcpy(&in6.sin6_addr, ldns_rdf_data(rdf), sizeof(in6.sin6_addr));
		(void)sts_ipaddr_from_sockaddr((const struct sockaddr *)&in6, out);
	}
}

static const uint8_t *
keep(struct dns_storage *storage, const uint8_t *data, size_t len)
{
	uint8_t *kept = storage->byte;

	memcpy(kept, data, len);
	storage->byte += len;
	return kept;
}

/* ldns holds a character-string with its length byte in front. */
static void
copy_strings(const ldns_rr *rr, struct sts_dns_record *out, struct dns_storage *storage)
{
	out->strings = storage->string;
	out->string_count = ldns_rr_rd_count(rr);
	for (size_t i = 0; i < out->string_count; i++) {
		const ldns_rdf *rdf = ldns_rr_rdf(rr, i);
		size_t len = ldns_rdf_size(rdf) > 0 ? ldns_rdf_size(rdf) - 1 : 0;
		const uint8_t *kept = keep(storage, ldns_rdf_data(rdf) + 1, len);

		*storage->string++ = (struct sts_dns_string){ (const char *)kept, len };
	}
}

static void
copy_tlsa(const ldns_rr *rr, struct sts_dns_record *out, struct dns_storage *storage)
{
	const ldns_rdf *data = ldns_rr_rdf(rr, 3);

	out->tlsa.usage = ldns_rdf2native_int8(ldns_rr_rdf(rr, 0));
	out->tlsa.selector = ldns_rdf2native_int8(ldns_rr_rdf(rr, 1));
	out->tlsa.matching = ldns_rdf2native_int8(ldns_rr_rdf(rr, 2));
	out->tlsa.len = ldns_rdf_size(data);
	out->tlsa.data = keep(storage, ldns_rdf_data(data), out->tlsa.len);
}

/* The fields that a record of the type has at least; ldns gives as many as there were bytes for. */
static bool
is_complete(const ldns_rr *rr)
{
	static const struct {
		enum sts_dns_type type;
		size_t fields;
	} wanted[] = { { STS_DNS_A, 1 }, { STS_DNS_NS, 1 }, { STS_DNS_CNAME, 1 }, { STS_DNS_MX, 2 }, { STS_DNS_AAAA, 1 },
	    { STS_DNS_TLSA, 4 } };

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if ((unsigned)ldns_rr_get_type(rr) == (unsigned)wanted[i].type)
			return ldns_rr_rd_count(rr) >= wanted[i].fields;
	return true;
}

void
dns_record_copy(const ldns_rr *rr, struct sts_dns_record *out, struct dns_storage *storage)
{
	*out = (struct sts_dns_record){ .type = (enum sts_dns_type)ldns_rr_get_type(rr), .ttl_s = ldns_rr_ttl(rr) };
	copy_name(ldns_rr_owner(rr), out->owner);
	switch (out->type) {
	case STS_DNS_MX:
		out->preference = ldns_rdf2native_int16(ldns_rr_rdf(rr, 0));
		copy_name(ldns_rr_rdf(rr, 1), out->target);
		break;
	case STS_DNS_NS:
	case STS_DNS_CNAME:
		copy_name(ldns_rr_rdf(rr, 0), out->target);
		break;
	case STS_DNS_A:
	case STS_DNS_AAAA:
		copy_address(ldns_rr_rdf(rr, 0), &out->addr);
		break;
	case STS_DNS_TXT:
		copy_strings(rr, out, storage);
		break;
	case STS_DNS_TLSA:
		copy_tlsa(rr, out, storage);
		break;
	case STS_DNS_SOA:
		break;
	}
}

bool
dns_record_is_wanted(const ldns_rr *rr, enum sts_dns_type type)
{
	ldns_rr_type found = ldns_rr_get_type(rr);

	return ldns_rr_get_class(rr) == LDNS_RR_CLASS_IN && is_complete(rr) &&
	    ((unsigned)found == (unsigned)type || found == LDNS_RR_TYPE_CNAME);
}
