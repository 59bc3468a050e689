/* SPDX-License-Identifier: ISC */
/* dns_reply.c - parses a reply and selects its records. Bytes: dns_message.c; a single record: dns_record.c. */
#include "config.h"

#include "shared-cache/dns/dns_reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/dns/dns_message_private.h"

/* RFC 1035 section 4.1.1, RFC 4035 section 3.2.3; RFC 6891 section 6.1.3: the OPT record's TTL field holds the rest of the code */
enum { FLAGS_AT = 2, AA_BIT = 0x04, RCODE_AT = 3, RCODE_BITS = 0x0f, AD_BIT = 0x20, NOERROR = 0, NXDOMAIN = 3, BADVERS = 16 };
enum { TYPE_OPT = 41, EXTENDED_RCODE_SHIFT = 24, RCODE_WIDTH = 4, CHAIN_MAX = 32 };

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

/* What a first pass over the whole message finds. */
struct survey {
	size_t records, strings;	/* those that are wanted */
	bool has_soa;			/* in the authority section; what follows is about the first one */
	uint32_t soa_ttl_s, soa_minimum_s;
	unsigned extended_rcode;	/* the upper bits of the response code */
};

/* False: malformed. */
static bool
survey_message(struct dns_message message, enum sts_dns_type type, struct survey *out)
{
	struct dns_rr rr;
	enum dns_next next;

	*out = (struct survey){ 0 };
	while ((next = dns_message_next(&message, &rr)) == DNS_NEXT_RECORD) {
		if (!dns_record_is_sound(&message, &rr))
			return false;
		if (dns_record_is_wanted(&rr, type)) {
			out->records++;
			out->strings += rr.type == STS_DNS_TXT ? dns_record_count_strings(&rr) : 0;
		}
		if (rr.section == DNS_AUTHORITY && rr.type == STS_DNS_SOA && rr.class == DNS_CLASS_IN && !out->has_soa) {
			out->has_soa = true;
			out->soa_ttl_s = rr.ttl_s;
			out->soa_minimum_s = dns_record_soa_minimum(&message, &rr);
		}
		if (rr.section == DNS_ADDITIONAL && rr.type == TYPE_OPT)
			out->extended_rcode = rr.ttl_s >> EXTENDED_RCODE_SHIFT;
	}
	return next == DNS_NEXT_END;
}

/* TXT and TLSA data never need more bytes than the message has. */
static enum sts_status
copy_records(struct dns_message message, const struct survey *survey, enum sts_dns_type type, struct sts_dns_reply *reply)
{
	struct dns_storage storage;
	struct dns_rr rr;

	reply->records = calloc(survey->records + 1, sizeof(*reply->records));
	reply->strings = calloc(survey->strings + 1, sizeof(*reply->strings));
	reply->bytes = calloc(message.len + 1, 1);
	if (reply->records == NULL || reply->strings == NULL || reply->bytes == NULL)
		return STS_ENOMEM;
	storage = (struct dns_storage){ reply->strings, reply->bytes };
	while (dns_message_next(&message, &rr) == DNS_NEXT_RECORD)
		if (dns_record_is_wanted(&rr, type))
			dns_record_copy(&message, &rr, &reply->records[reply->count++], &storage);
	return STS_OK;
}

/* Follows the CNAMEs from the name that was asked for. Each record is used once, so that a loop ends. Records may come in any
 * order; resolvers follow a dozen CNAMEs at most. */
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

/* Drops records that do not answer the question. True: records of the type are left. */
static bool
select_records(struct sts_dns_reply *reply, enum sts_dns_type type, bool *used)
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
negative_ttl(const struct survey *survey)
{
	uint32_t ttl = sane_ttl(survey->soa_ttl_s), minimum = sane_ttl(survey->soa_minimum_s);

	return minimum < ttl ? minimum : ttl;
}

static void
fail(struct sts_dns_reply *reply, const char *why)
{
	reply->outcome = STS_DNS_REPLY_FAILED;
	reply->count = 0;
	snprintf(reply->why, sizeof(reply->why), "%s", why);
}

/* Response codes by their names in the IANA registry. */
static void
fail_by_rcode(struct sts_dns_reply *reply, unsigned rcode)
{
	static const char *const names[] = { "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMPL", "REFUSED", "YXDOMAIN", "YXRRSET",
		"NXRRSET", "NOTAUTH", "NOTZONE" };
	char number[32];

	snprintf(number, sizeof(number), "RCODE %u", rcode);
	fail(reply, rcode < sizeof(names) / sizeof(names[0]) ? names[rcode] : rcode == BADVERS ? "BADVERS" : number);
}

static enum sts_status
read_message(const struct dns_message *message, const struct survey *survey, enum sts_dns_type type, struct sts_dns_reply *reply)
{
	unsigned rcode = (message->bytes[RCODE_AT] & RCODE_BITS) | survey->extended_rcode << RCODE_WIDTH;
	bool *used;	/* records that are part of the CNAME chain */

	reply->rcode = (int)rcode;
	reply->authentic = (message->bytes[RCODE_AT] & AD_BIT) != 0;
	reply->authoritative = (message->bytes[FLAGS_AT] & AA_BIT) != 0;
	if (rcode != NOERROR && rcode != NXDOMAIN) {
		fail_by_rcode(reply, rcode);
		return STS_OK;
	}
	if (copy_records(*message, survey, type, reply) != STS_OK)
		return STS_ENOMEM;
	used = calloc(reply->count + 1, sizeof(*used));
	if (used == NULL)
		return STS_ENOMEM;
	if (select_records(reply, type, used))
		reply->outcome = STS_DNS_REPLY_ANSWER;
	else	/* with CNAMEs, the code is about the last name (RFC 6604 section 3) */
		reply->outcome = rcode == NXDOMAIN ? STS_DNS_REPLY_NO_NAME : STS_DNS_REPLY_NO_RECORD;
	if (reply->outcome != STS_DNS_REPLY_ANSWER && survey->has_soa)
		reply->negative_ttl_s = negative_ttl(survey);
	free(used);
	return STS_OK;
}

enum sts_status
sts_dns_reply_read(const uint8_t *answer, size_t len, const char *name, enum sts_dns_type type, struct sts_dns_reply **out)
{
	enum sts_status status = STS_OK;
	struct dns_message message;
	struct survey survey;

	*out = sts_dns_reply_empty(name, STS_DNS_REPLY_FAILED, "the answer is malformed");
	if (*out == NULL)
		return STS_ENOMEM;
	if (len >= DNS_HEADER_LEN)
		(*out)->rcode = answer[RCODE_AT] & RCODE_BITS;
	if (dns_message_begin(&message, answer, len) && survey_message(message, type, &survey)) {
		(*out)->why[0] = '\0';
		status = read_message(&message, &survey, type, *out);
	}
	if (status != STS_OK)
		sts_dns_reply_free(out);
	return status;
}
