/* SPDX-License-Identifier: ISC */
/* dns_reply.c - ldns' view of an answer -> ours. ldns reads the wire, bounds and compression included; here it is sorted. One record:
 * dns_record.c. */
#include "config.h"

#include "shared-cache/dns/dns_reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ldns/ldns.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/dns/dns_record_private.h"

/* RFC 1035 section 4.1.1 */
enum { HEADER_LEN = 12, RCODE_AT = 3, RCODE_BITS = 0x0f, ANCOUNT_AT = 6 };
enum { CHAIN_MAX = 32 };

const char *
sts_dns_type_name(enum sts_dns_type type)
{
	static const struct {
		enum sts_dns_type type;
		const char *name;
	} names[] = {
		{ STS_DNS_A, "A" }, { STS_DNS_NS, "NS" }, { STS_DNS_CNAME, "CNAME" }, { STS_DNS_SOA, "SOA" }, { STS_DNS_MX, "MX" },
		{ STS_DNS_TXT, "TXT" }, { STS_DNS_AAAA, "AAAA" }, { STS_DNS_TLSA, "TLSA" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].type == type)
			return names[i].name;
	return "?";
}

struct sts_dns_reply *
sts_dns_reply_empty(const char *name, enum sts_dns_reply_outcome outcome, const char *why)
{
	struct sts_dns_reply *reply = calloc(1, sizeof(*reply));

	if (reply == NULL)
		return NULL;
	reply->outcome = outcome;
	reply->rcode = -1;
	snprintf(reply->name, sizeof(reply->name), "%s", name);
	for (char *c = reply->name; *c != '\0'; c++)
		*c = sts_ascii_lower(*c);
	snprintf(reply->why, sizeof(reply->why), "%s", why);
	return reply;
}

void
sts_dns_reply_free(struct sts_dns_reply **reply)
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
sts_dns_reply_failed(const struct sts_dns_reply *reply)
{
	return reply->outcome == STS_DNS_REPLY_TIME_OUT || reply->outcome == STS_DNS_REPLY_FAILED;
}

static size_t
count_wanted(const ldns_rr_list *list, enum sts_dns_type type, size_t *strings)
{
	size_t count = 0;

	*strings = 0;
	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(list, i);

		if (!dns_record_is_wanted(rr, type))
			continue;
		count++;
		*strings += type == STS_DNS_TXT ? ldns_rr_rd_count(rr) : 0;
	}
	return count;
}

/* The bytes of TXT and TLSA data are never more than the message has. */
static enum sts_status
copy_records(const ldns_rr_list *list, size_t len, enum sts_dns_type type, struct sts_dns_reply *reply)
{
	size_t count = ldns_rr_list_rr_count(list), strings;
	struct dns_storage storage;

	reply->records = calloc(count_wanted(list, type, &strings) + 1, sizeof(*reply->records));
	reply->strings = calloc(strings + 1, sizeof(*reply->strings));
	reply->bytes = calloc(len + 1, 1);
	if (reply->records == NULL || reply->strings == NULL || reply->bytes == NULL)
		return STS_ENOMEM;
	storage = (struct dns_storage){ reply->strings, reply->bytes };
	for (size_t i = 0; i < count; i++)
		if (dns_record_is_wanted(ldns_rr_list_rr(list, i), type))
			dns_record_copy(ldns_rr_list_rr(list, i), &reply->records[reply->count++], &storage);
	return STS_OK;
}

/* Follows the aliases from the name that was asked for; each record is used once, so that a loop ends. The order of the records is
 * nobody's duty; resolvers follow a dozen aliases at most. */
static void
follow_chain(struct sts_dns_reply *reply, enum sts_dns_type type, bool *used)
{
	size_t i = 0;

	for (size_t step = 0; type != STS_DNS_CNAME && step < CHAIN_MAX && i < reply->count; step++) {
		for (i = 0; i < reply->count; i++) {
			const struct sts_dns_record *record = &reply->records[i];

			if (!used[i] && record->type == STS_DNS_CNAME && strcmp(record->owner, reply->name) == 0) {
				used[i] = true;
				strcpy(reply->name, record->target);
				break;
			}
		}
	}
}

/* Drops what does not answer the question; true when records of the type are left. */
static bool
sort_out(struct sts_dns_reply *reply, enum sts_dns_type type, bool *used)
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

/* RFC 2181 section 8: a TTL with the top bit set counts as 0. */
static uint32_t
sane_ttl(uint32_t ttl)
{
	return ttl & 0x80000000U ? 0 : ttl;
}

static uint32_t
negative_ttl(const ldns_rr_list *authority)
{
	enum { SOA_FIELDS = 7, SOA_MINIMUM = 6 };

	for (size_t i = 0; i < ldns_rr_list_rr_count(authority); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(authority, i);
		uint32_t ttl, minimum;

		if (ldns_rr_get_type(rr) != LDNS_RR_TYPE_SOA || ldns_rr_get_class(rr) != LDNS_RR_CLASS_IN)
			continue;
		if (ldns_rr_rd_count(rr) != SOA_FIELDS)
			return 0;
		ttl = sane_ttl(ldns_rr_ttl(rr));
		minimum = sane_ttl(ldns_rdf2native_int32(ldns_rr_rdf(rr, SOA_MINIMUM)));
		return minimum < ttl ? minimum : ttl;
	}
	return 0;
}

static void
fail(struct sts_dns_reply *reply, const char *why)
{
	reply->outcome = STS_DNS_REPLY_FAILED;
	reply->count = 0;
	snprintf(reply->why, sizeof(reply->why), "%s", why);
}

static void
fail_by_rcode(struct sts_dns_reply *reply, ldns_pkt_rcode rcode)
{
	ldns_lookup_table *row = ldns_lookup_by_id(ldns_rcodes, (int)rcode);
	char number[32];

	snprintf(number, sizeof(number), "RCODE %d", (int)rcode);
	fail(reply, row != NULL && row->name != NULL ? row->name : number);
}

static enum sts_status
read_packet(const ldns_pkt *pkt, size_t len, enum sts_dns_type type, struct sts_dns_reply *reply)
{
	ldns_pkt_rcode rcode = ldns_pkt_get_rcode(pkt);
	bool *used;	/* the records that are part of the chain of aliases */

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
		reply->outcome = STS_DNS_REPLY_ANSWER;
	else	/* with aliases, the code is about the name at their end (RFC 6604 section 3) */
		reply->outcome = rcode == LDNS_RCODE_NXDOMAIN ? STS_DNS_REPLY_NO_NAME : STS_DNS_REPLY_NO_RECORD;
	if (reply->outcome != STS_DNS_REPLY_ANSWER)
		reply->negative_ttl_s = negative_ttl(ldns_pkt_authority(pkt));
	free(used);
	return STS_OK;
}

/* ldns lets an answer pass that ends before all the records it announces, and corrects the count. */
static bool
is_whole(const ldns_pkt *pkt, const uint8_t *answer)
{
	return ldns_rr_list_rr_count(ldns_pkt_answer(pkt)) == ((size_t)answer[ANCOUNT_AT] << 8 | answer[ANCOUNT_AT + 1]);
}

enum sts_status
sts_dns_reply_read(const uint8_t *answer, size_t len, const char *name, enum sts_dns_type type, struct sts_dns_reply **out)
{
	enum sts_status status = STS_OK;
	ldns_pkt *pkt = NULL;

	*out = sts_dns_reply_empty(name, STS_DNS_REPLY_FAILED, "the answer is malformed");
	if (*out == NULL)
		return STS_ENOMEM;
	if (len >= HEADER_LEN)
		(*out)->rcode = answer[RCODE_AT] & RCODE_BITS;
	if (ldns_wire2pkt(&pkt, answer, len) == LDNS_STATUS_OK && is_whole(pkt, answer)) {
		(*out)->why[0] = '\0';
		status = read_packet(pkt, len, type, *out);
	}
	ldns_pkt_free(pkt);
	if (status != STS_OK)
		sts_dns_reply_free(out);
	return status;
}
