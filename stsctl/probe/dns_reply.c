/* SPDX-License-Identifier: ISC */
/* dns_reply.c - ldns' view of an answer -> ours. ldns reads the wire, bounds and compression included; here it is sorted. */
#include "config.h"

#include "stsctl/probe/dns_reply.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ldns/ldns.h>

#include "shared-cache/base/ascii.h"

const char *
dns_type_name(enum dns_type type)
{
	static const struct {
		enum dns_type type;
		const char *name;
	} names[] = {
		{ DNS_A, "A" }, { DNS_NS, "NS" }, { DNS_CNAME, "CNAME" }, { DNS_SOA, "SOA" }, { DNS_MX, "MX" },
		{ DNS_TXT, "TXT" }, { DNS_AAAA, "AAAA" }, { DNS_TLSA, "TLSA" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].type == type)
			return names[i].name;
	return "?";
}

struct dns_reply *
dns_reply_empty(const char *name, enum dns_outcome outcome, const char *why)
{
	struct dns_reply *reply = calloc(1, sizeof(*reply));

	if (reply == NULL)
		return NULL;
	reply->outcome = outcome;
	snprintf(reply->name, sizeof(reply->name), "%s", name);
	snprintf(reply->why, sizeof(reply->why), "%s", why);
	return reply;
}

void
dns_reply_free(struct dns_reply **reply)
{
	if (*reply == NULL)
		return;
	free((*reply)->records);
	free((*reply)->strings);
	free((*reply)->bytes);
	free(*reply);
	*reply = NULL;
}

bool
dns_reply_failed(const struct dns_reply *reply)
{
	return reply->outcome == DNS_TIME_OUT || reply->outcome == DNS_FAILED;
}

/* ---- one record ---- */

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

/* Where the next string and the next byte of the reply's storage go. */
struct storage {
	struct dns_string *string;
	uint8_t *byte;
};

static const uint8_t *
keep(struct storage *storage, const uint8_t *data, size_t len)
{
	uint8_t *kept = storage->byte;

	memcpy(kept, data, len);
	storage->byte += len;
	return kept;
}

/* ldns holds a character-string with its length byte in front. */
static void
copy_strings(const ldns_rr *rr, struct dns_record *out, struct storage *storage)
{
	out->strings = storage->string;
	out->string_count = ldns_rr_rd_count(rr);
	for (size_t i = 0; i < out->string_count; i++) {
		const ldns_rdf *rdf = ldns_rr_rdf(rr, i);
		size_t len = ldns_rdf_size(rdf) > 0 ? ldns_rdf_size(rdf) - 1 : 0;
		const uint8_t *kept = keep(storage, ldns_rdf_data(rdf) + 1, len);

		*storage->string++ = (struct dns_string){ (const char *)kept, len };
	}
}

static void
copy_tlsa(const ldns_rr *rr, struct dns_record *out, struct storage *storage)
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
		enum dns_type type;
		size_t fields;
	} wanted[] = { { DNS_A, 1 }, { DNS_NS, 1 }, { DNS_CNAME, 1 }, { DNS_MX, 2 }, { DNS_AAAA, 1 }, { DNS_TLSA, 4 } };

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if ((unsigned)ldns_rr_get_type(rr) == (unsigned)wanted[i].type)
			return ldns_rr_rd_count(rr) >= wanted[i].fields;
	return true;
}

static void
copy_record(const ldns_rr *rr, struct dns_record *out, struct storage *storage)
{
	*out = (struct dns_record){ .type = (enum dns_type)ldns_rr_get_type(rr), .ttl_s = ldns_rr_ttl(rr) };
	copy_name(ldns_rr_owner(rr), out->owner);
	switch (out->type) {
	case DNS_MX:
		out->preference = ldns_rdf2native_int16(ldns_rr_rdf(rr, 0));
		copy_name(ldns_rr_rdf(rr, 1), out->target);
		break;
	case DNS_NS:
	case DNS_CNAME:
		copy_name(ldns_rr_rdf(rr, 0), out->target);
		break;
	case DNS_A:
	case DNS_AAAA:
		copy_address(ldns_rr_rdf(rr, 0), &out->addr);
		break;
	case DNS_TXT:
		copy_strings(rr, out, storage);
		break;
	case DNS_TLSA:
		copy_tlsa(rr, out, storage);
		break;
	case DNS_SOA:
		break;
	}
}

/* ---- the answer ---- */

static bool
is_wanted(const ldns_rr *rr, enum dns_type type)
{
	ldns_rr_type found = ldns_rr_get_type(rr);

	return ldns_rr_get_class(rr) == LDNS_RR_CLASS_IN && is_complete(rr) &&
	    ((unsigned)found == (unsigned)type || found == LDNS_RR_TYPE_CNAME);
}

/* The strings of an answer, and the bytes of their text and of TLSA data, are never more than it has bytes. */
static enum sts_status
copy_records(const ldns_rr_list *list, size_t len, enum dns_type type, struct dns_reply *reply)
{
	size_t count = ldns_rr_list_rr_count(list);
	struct storage storage;

	reply->records = calloc(count + 1, sizeof(*reply->records));
	reply->strings = calloc(len + 1, sizeof(*reply->strings));
	reply->bytes = calloc(len + 1, 1);
	if (reply->records == NULL || reply->strings == NULL || reply->bytes == NULL)
		return STS_ENOMEM;
	storage = (struct storage){ reply->strings, reply->bytes };
	for (size_t i = 0; i < count; i++)
		if (is_wanted(ldns_rr_list_rr(list, i), type))
			copy_record(ldns_rr_list_rr(list, i), &reply->records[reply->count++], &storage);
	return STS_OK;
}

/* Follows the aliases from the name that was asked for; each record is used once, so that a loop ends. */
static void
follow_chain(struct dns_reply *reply, enum dns_type type, bool *used)
{
	for (size_t i = 0; type != DNS_CNAME && i < reply->count; i++) {
		const struct dns_record *record = &reply->records[i];

		if (used[i] || record->type != DNS_CNAME || strcmp(record->owner, reply->name) != 0)
			continue;
		used[i] = true;
		strcpy(reply->name, record->target);
		i = SIZE_MAX;	/* from the front again: the order is nobody's duty */
	}
}

/* Drops what does not answer the question; true when records of the type are left. */
static bool
sort_out(struct dns_reply *reply, enum dns_type type, bool *used)
{
	size_t kept = 0;
	bool found = false;

	follow_chain(reply, type, used);
	for (size_t i = 0; i < reply->count; i++) {
		bool fits = reply->records[i].type == type && strcmp(reply->records[i].owner, reply->name) == 0;

		if (fits || used[i])
			reply->records[kept++] = reply->records[i];
		found = found || fits;
	}
	reply->count = kept;
	return found;
}

static void
fail(struct dns_reply *reply, const char *why)
{
	reply->outcome = DNS_FAILED;
	reply->count = 0;
	snprintf(reply->why, sizeof(reply->why), "%s", why);
}

static void
fail_by_rcode(struct dns_reply *reply, ldns_pkt_rcode rcode)
{
	ldns_lookup_table *row = ldns_lookup_by_id(ldns_rcodes, (int)rcode);
	char number[32];

	snprintf(number, sizeof(number), "RCODE %d", (int)rcode);
	fail(reply, row != NULL && row->name != NULL ? row->name : number);
}

static enum sts_status
read_packet(const ldns_pkt *pkt, size_t len, enum dns_type type, struct dns_reply *reply)
{
	ldns_pkt_rcode rcode = ldns_pkt_get_rcode(pkt);
	bool *used;

	reply->authentic = ldns_pkt_ad(pkt);
	reply->authoritative = ldns_pkt_aa(pkt);
	if (rcode != LDNS_RCODE_NOERROR && rcode != LDNS_RCODE_NXDOMAIN) {
		fail_by_rcode(reply, rcode);
		return STS_OK;
	}
	if (copy_records(ldns_pkt_answer(pkt), len, type, reply) != STS_OK)
		return STS_ENOMEM;
	used = calloc(reply->count + 1, sizeof(*used));
	if (used == NULL)
		return STS_ENOMEM;
	if (sort_out(reply, type, used))
		reply->outcome = DNS_ANSWER;
	else	/* with aliases, the code is about the name at their end (RFC 6604 section 3) */
		reply->outcome = rcode == LDNS_RCODE_NXDOMAIN ? DNS_NO_NAME : DNS_NO_RECORD;
	free(used);
	return STS_OK;
}

/* ldns lets an answer pass that ends before all the records it announces, and corrects the count. */
static bool
is_whole(const ldns_pkt *pkt, const uint8_t *answer)
{
	enum { ANCOUNT_AT = 6 };	/* RFC 1035 section 4.1.1 */

	return ldns_rr_list_rr_count(ldns_pkt_answer(pkt)) == ((size_t)answer[ANCOUNT_AT] << 8 | answer[ANCOUNT_AT + 1]);
}

enum sts_status
dns_reply_read(const uint8_t *answer, size_t len, const char *name, enum dns_type type, struct dns_reply **out)
{
	enum sts_status status = STS_OK;
	ldns_pkt *pkt = NULL;

	*out = dns_reply_empty(name, DNS_FAILED, "the answer is malformed");
	if (*out == NULL)
		return STS_ENOMEM;
	if (ldns_wire2pkt(&pkt, answer, len) == LDNS_STATUS_OK && is_whole(pkt, answer)) {
		(*out)->why[0] = '\0';
		status = read_packet(pkt, len, type, *out);
	}
	ldns_pkt_free(pkt);
	if (status != STS_OK)
		dns_reply_free(out);
	return status;
}
