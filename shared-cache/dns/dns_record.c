/* SPDX-License-Identifier: ISC */
/* dns_record.c - the data of one record, by type: checks it and copies it. */
#include "config.h"

#include <netinet/in.h>
#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/dns/dns_message_private.h"

/* In wire format. RFC 1035 section 3.3.13: five numbers after SOA's names; RFC 6698 section 2.1: three before TLSA's data. */
enum { IN_LEN = 4, IN6_LEN = 16, MX_FIXED = 2, SOA_FIXED = 20, TLSA_FIXED = 3 };

/* ---- checking ---- */

/* The number of bytes left after so many consecutive names; -1: malformed. */
static long
skip_names(const struct dns_message *m, const uint8_t *at, size_t len, unsigned names)
{
	uint8_t name[DNS_NAME_LEN];

	for (; names > 0; names--) {
		size_t taken = len > 0 ? dns_message_name(m, at, name) : 0;

		if (taken == 0 || taken > len)
			return -1;
		at += taken;
		len -= taken;
	}
	return (long)len;
}

/* Each string's first byte is its length; together the strings must fill the data. */
static bool
is_strings(const struct dns_rr *rr)
{
	size_t at = 0;

	while (at < rr->len)
		at += 1 + (size_t)rr->data[at];
	return at == rr->len;
}

bool
dns_record_is_sound(const struct dns_message *m, const struct dns_rr *rr)
{
	if (rr->class != DNS_CLASS_IN)
		return true;
	switch (rr->type) {
	case STS_DNS_A:
		return rr->len == IN_LEN;
	case STS_DNS_AAAA:
		return rr->len == IN6_LEN;
	case STS_DNS_NS:
	case STS_DNS_CNAME:
		return skip_names(m, rr->data, rr->len, 1) == 0;
	case STS_DNS_MX:
		return rr->len > MX_FIXED && skip_names(m, rr->data + MX_FIXED, rr->len - MX_FIXED, 1) == 0;
	case STS_DNS_SOA:
		return skip_names(m, rr->data, rr->len, 2) >= SOA_FIXED;
	case STS_DNS_TXT:
		return is_strings(rr);
	default:
		return true;
	}
}

bool
dns_record_is_wanted(const struct dns_rr *rr, enum sts_dns_type type)
{
	if (rr->class != DNS_CLASS_IN || rr->section != DNS_ANSWER || (rr->type == STS_DNS_TLSA && rr->len <= TLSA_FIXED))
		return false;
	return rr->type == (unsigned)type || rr->type == STS_DNS_CNAME;
}

/* ---- copying ---- */

/* Lower case; bytes that no domain name has become `?'. Every byte stays one byte, so that the name fits. */
static void
write_name(const uint8_t wire[DNS_NAME_LEN], char out[STS_DOMAIN_CAP])
{
	size_t at = 0, len = 0;

	while (at < DNS_NAME_LEN && wire[at] != 0) {
		size_t end = at + 1 + wire[at];

		if (len > 0 && len < STS_DOMAIN_MAX)
			out[len++] = '.';
		for (at++; at < end && at < DNS_NAME_LEN && len < STS_DOMAIN_MAX; at++) {
			char c = sts_ascii_lower((char)wire[at]);

			out[len++] = sts_ascii_is_alnum(c) || c == '-' || c == '_' || c == '*' ? c : '?';
		}
		at = end;
	}
	out[len] = '\0';
}

static void
copy_name(const struct dns_message *m, const uint8_t *at, char out[STS_DOMAIN_CAP])
{
	uint8_t name[DNS_NAME_LEN] = { 0 };

	(void)dns_message_name(m, at, name);	/* the record is sound */
	write_name(name, out);
}

static void
copy_address(const struct dns_rr *rr, struct sts_ipaddr *out)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	if (rr->type == STS_DNS_A) {
		memcpy(&in.sin_addr, rr->data, IN_LEN);
		(void)sts_ipaddr_from_sockaddr((const struct sockaddr *)&in, out);
	} else {
		memcpy(&in6.sin6_addr, rr->data, IN6_LEN);
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

size_t
dns_record_count_strings(const struct dns_rr *rr)
{
	size_t count = 0;

	for (size_t at = 0; at < rr->len; at += 1 + (size_t)rr->data[at])
		count++;
	return count;
}

static void
copy_strings(const struct dns_rr *rr, struct sts_dns_record *out, struct dns_storage *storage)
{
	out->strings = storage->string;
	out->string_count = dns_record_count_strings(rr);
	for (size_t at = 0; at < rr->len; at += 1 + (size_t)rr->data[at]) {
		size_t len = rr->data[at];

		*storage->string++ = (struct sts_dns_string){ (const char *)keep(storage, rr->data + at + 1, len), len };
	}
}

static void
copy_tlsa(const struct dns_rr *rr, struct sts_dns_record *out, struct dns_storage *storage)
{
	out->tlsa.usage = rr->data[0];
	out->tlsa.selector = rr->data[1];
	out->tlsa.matching = rr->data[2];
	out->tlsa.len = rr->len - TLSA_FIXED;
	out->tlsa.data = keep(storage, rr->data + TLSA_FIXED, out->tlsa.len);
}

uint32_t
dns_record_soa_minimum(const struct dns_message *m, const struct dns_rr *rr)
{
	const uint8_t *end = rr->data + rr->len - skip_names(m, rr->data, rr->len, 2) + SOA_FIXED;

	return (uint32_t)end[-4] << 24 | (uint32_t)end[-3] << 16 | (uint32_t)end[-2] << 8 | end[-1];
}

void
dns_record_copy(const struct dns_message *m, const struct dns_rr *rr, struct sts_dns_record *out, struct dns_storage *storage)
{
	*out = (struct sts_dns_record){ .type = (enum sts_dns_type)rr->type, .ttl_s = rr->ttl_s };
	write_name(rr->owner, out->owner);
	switch (out->type) {
	case STS_DNS_MX:
		out->preference = (unsigned)rr->data[0] << 8 | rr->data[1];
		copy_name(m, rr->data + MX_FIXED, out->target);
		break;
	case STS_DNS_NS:
	case STS_DNS_CNAME:
		copy_name(m, rr->data, out->target);
		break;
	case STS_DNS_A:
	case STS_DNS_AAAA:
		copy_address(rr, &out->addr);
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
