/* SPDX-License-Identifier: ISC */
/* dns_message.c - reads DNS messages. Knows no sockets, no questions, no clock. */
#include "config.h"

#include "shared-cache/network/dns_message.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CARES_NO_DEPRECATED	/* 1.28 and later mark the interface of 1.18 as deprecated */
#include <ares.h>
#include <netinet/in.h>

enum { HEADER_LEN = 12, TYPE_SOA = 6, CLASS_IN = 1 };
enum { RECORD_FIXED_LEN = 10 };	/* type, class, TTL, length of the data */
enum { SOA_NUMBERS_LEN = 20 };	/* after the two names: serial, refresh, retry, expire, minimum */

struct cursor {
	const uint8_t *at, *end;
};

/* What follows a record's name. */
struct record {
	unsigned type, class;
	uint32_t ttl;
	struct cursor data;
};

static size_t
left(const struct cursor *c)
{
	return (size_t)(c->end - c->at);
}

static bool
skip(struct cursor *c, size_t n)
{
	if (left(c) < n)
		return false;
	c->at += n;
	return true;
}

static unsigned
u16_at(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static uint32_t
u32_at(const uint8_t *p)
{
	return (uint32_t)u16_at(p) << 16 | u16_at(p + 2);
}

/* A name ends in an empty label or in a compression pointer, which need not be followed to get past it. */
static bool
skip_name(struct cursor *c)
{
	while (left(c) > 0) {
		unsigned label = *c->at;

		if (label == 0)
			return skip(c, 1);
		if ((label & 0xc0) == 0xc0)
			return skip(c, 2);
		if ((label & 0xc0) != 0 || !skip(c, 1 + (size_t)label))
			return false;
	}
	return false;
}

static bool
read_record(struct cursor *c, struct record *out)
{
	size_t data_len;

	if (!skip_name(c) || left(c) < RECORD_FIXED_LEN)
		return false;
	out->type = u16_at(c->at);
	out->class = u16_at(c->at + 2);
	out->ttl = u32_at(c->at + 4);
	data_len = u16_at(c->at + 8);
	c->at += RECORD_FIXED_LEN;
	out->data.at = c->at;
	if (!skip(c, data_len))
		return false;
	out->data.end = c->at;
	return true;
}

/* RFC 2181 section 8: a TTL with the top bit set counts as 0. */
static uint32_t
sane_ttl(uint32_t ttl)
{
	return ttl & 0x80000000u ? 0 : ttl;
}

static bool
soa_ttl(const struct record *soa, uint32_t *out)
{
	struct cursor c = soa->data;
	uint32_t minimum, ttl = sane_ttl(soa->ttl);

	if (!skip_name(&c) || !skip_name(&c) || left(&c) != SOA_NUMBERS_LEN)
		return false;
	minimum = sane_ttl(u32_at(c.at + SOA_NUMBERS_LEN - 4));
	*out = minimum < ttl ? minimum : ttl;
	return true;
}

static bool
skip_questions(struct cursor *c, unsigned count)
{
	while (count-- > 0) {
		if (!skip_name(c) || !skip(c, 4))
			return false;
	}
	return true;
}

static bool
skip_records(struct cursor *c, unsigned count)
{
	struct record r;

	while (count-- > 0) {
		if (!read_record(c, &r))
			return false;
	}
	return true;
}

uint32_t
sts_dns_message_negative_ttl(const uint8_t *msg, size_t len)
{
	struct cursor c;
	struct record r;
	uint32_t ttl;

	if (len < HEADER_LEN)
		return 0;
	c.at = msg + HEADER_LEN;
	c.end = msg + len;
	if (!skip_questions(&c, u16_at(msg + 4)) || !skip_records(&c, u16_at(msg + 6)))
		return 0;
	for (unsigned count = u16_at(msg + 8); count > 0; count--) {
		if (!read_record(&c, &r))
			return 0;
		if (r.type == TYPE_SOA && r.class == CLASS_IN)
			return soa_ttl(&r, &ttl) ? ttl : 0;
	}
	return 0;
}

int
sts_dns_message_rcode(const uint8_t *msg, size_t len)
{
	return len < HEADER_LEN ? -1 : msg[3] & 0x0f;
}

const char *
sts_dns_message_rcode_name(int rcode)
{
	static const char *const names[] = { "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED" };

	if (rcode < 0 || (size_t)rcode >= sizeof(names) / sizeof(names[0]))
		return "an unknown response code";
	return names[rcode];
}

/* ---- the answer section, by c-ares ---- */

static bool
measure_txt(const struct ares_txt_ext *list, size_t *records, size_t *bytes)
{
	*records = *bytes = 0;
	for (const struct ares_txt_ext *t = list; t != NULL; t = t->next) {
		*records += t->record_start || *records == 0;
		*bytes += t->length;
	}
	return *records <= STS_DNS_TXT_RECORDS && *bytes <= STS_DNS_TXT_BYTES;
}

static void
join_txt(const struct ares_txt_ext *list, struct sts_txt *out, char *bytes)
{
	struct sts_txt *record = NULL;

	for (const struct ares_txt_ext *t = list; t != NULL; t = t->next) {
		if (record == NULL || t->record_start) {
			record = record == NULL ? out : record + 1;
			record->data = bytes;
			record->len = 0;
		}
		memcpy(bytes, t->txt, t->length);
		bytes += t->length;
		record->len += t->length;
	}
}

static enum sts_dns_outcome
copy_txt(const struct ares_txt_ext *list, struct sts_txt **out, size_t *count)
{
	size_t records, bytes;

	if (!measure_txt(list, &records, &bytes))
		return STS_DNS_FAILURE;
	if (records == 0)
		return STS_DNS_NODATA;
	*out = malloc(records * sizeof(**out) + bytes);
	if (*out == NULL)
		return STS_DNS_FAILURE;
	join_txt(list, *out, (char *)(*out + records));
	*count = records;
	return STS_DNS_OK;
}

static enum sts_dns_outcome
outcome_of(int status)
{
	return status == ARES_SUCCESS ? STS_DNS_OK : status == ARES_ENODATA ? STS_DNS_NODATA : STS_DNS_FAILURE;
}

enum sts_dns_outcome
sts_dns_message_txt(const uint8_t *msg, size_t len, struct sts_txt **out, size_t *count)
{
	struct ares_txt_ext *list = NULL;
	enum sts_dns_outcome outcome = STS_DNS_FAILURE;

	*out = NULL;
	*count = 0;
	if (len <= INT_MAX)
		outcome = outcome_of(ares_parse_txt_reply_ext(msg, (int)len, &list));
	if (outcome == STS_DNS_OK)
		outcome = copy_txt(list, out, count);
	ares_free_data(list);
	return outcome;
}

static enum sts_dns_outcome
read_a(const uint8_t *msg, int len, struct sts_ipaddr *out, size_t *count)
{
	struct ares_addrttl found[STS_DNS_ADDRS];
	int n = STS_DNS_ADDRS;
	enum sts_dns_outcome outcome = outcome_of(ares_parse_a_reply(msg, len, NULL, found, &n));

	for (int i = 0; outcome == STS_DNS_OK && i < n; i++) {
		struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr = found[i].ipaddr };

		sts_ipaddr_from_sockaddr((const struct sockaddr *)&in, &out[(*count)++]);
	}
	return outcome;
}

static enum sts_dns_outcome
read_aaaa(const uint8_t *msg, int len, struct sts_ipaddr *out, size_t *count)
{
	struct ares_addr6ttl found[STS_DNS_ADDRS];
	int n = STS_DNS_ADDRS;
	enum sts_dns_outcome outcome = outcome_of(ares_parse_aaaa_reply(msg, len, NULL, found, &n));

	for (int i = 0; outcome == STS_DNS_OK && i < n; i++) {
		struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

		memcpy(&in6.sin6_addr, &found[i].ip6addr, sizeof(in6.sin6_addr));
		sts_ipaddr_from_sockaddr((const struct sockaddr *)&in6, &out[(*count)++]);
	}
	return outcome;
}

enum sts_dns_outcome
sts_dns_message_addrs(const uint8_t *msg, size_t len, int family, struct sts_ipaddr out[STS_DNS_ADDRS], size_t *count)
{
	enum sts_dns_outcome outcome = STS_DNS_FAILURE;

	*count = 0;
	if (len <= INT_MAX)
		outcome = family == 4 ? read_a(msg, (int)len, out, count) : read_aaaa(msg, (int)len, out, count);
	return outcome == STS_DNS_OK && *count == 0 ? STS_DNS_NODATA : outcome;
}
