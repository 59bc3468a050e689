/* SPDX-License-Identifier: ISC */
/* dane.c - reads TLSA records, and compares them with the digests of certificates. */
#include "config.h"

#include "stsctl/diagnosis/dane.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "shared-cache/base/text.h"

enum { SHOWN_BYTES = 8 };

static void
read_record(const struct sts_dns_record *from, struct dane_record *out)
{
	*out = (struct dane_record){ .usage = from->tlsa.usage, .selector = from->tlsa.selector, .matching = from->tlsa.matching,
		.len = from->tlsa.len };
	if (out->matching != DANE_FULL && out->len <= sizeof(out->digest))
		memcpy(out->digest, from->tlsa.data, out->len);
	else if (EVP_Digest(from->tlsa.data, out->len, out->digest, NULL, EVP_sha256(), NULL) != 1)
		out->len = 0;		/* out of memory: matches nothing */
}

void
dane_records_read(const struct sts_dns_reply *reply, struct dane_records *out)
{
	out->count = out->published = 0;
	out->ttl_s = 0;
	snprintf(out->owner, sizeof(out->owner), "%s", reply->name);
	for (size_t i = 0; i < reply->count; i++) {
		const struct sts_dns_record *record = &reply->records[i];

		if (record->type != STS_DNS_TLSA)
			continue;
		out->published++;
		out->ttl_s = record->ttl_s;
		if (out->count < DANE_RECORDS_MAX)
			read_record(record, &out->list[out->count++]);
	}
}

enum dane_use
dane_record_use(const struct dane_record *record)
{
	static const size_t lengths[] = { [DANE_SHA256] = CERTIFICATE_SHA256_LEN, [DANE_SHA512] = CERTIFICATE_SHA512_LEN };

	if (record->usage == DANE_PKIX_TA || record->usage == DANE_PKIX_EE)
		return DANE_PKIX;
	if (record->usage > DANE_EE || record->selector > DANE_KEY || record->matching > DANE_SHA512 || record->len == 0)
		return DANE_MALFORMED;
	return record->matching == DANE_FULL || record->len == lengths[record->matching] ? DANE_USABLE : DANE_MALFORMED;
}

static bool
matches(const struct dane_record *record, const struct certificate_digests *digests)
{
	bool is_key = record->selector == DANE_KEY;

	if (record->matching == DANE_SHA512)
		return memcmp(record->digest, is_key ? digests->key_512 : digests->whole_512, CERTIFICATE_SHA512_LEN) == 0;
	return memcmp(record->digest, is_key ? digests->key_256 : digests->whole_256, CERTIFICATE_SHA256_LEN) == 0;
}

int
dane_record_match(const struct dane_record *record, const struct certificate_chain *chain)
{
	size_t from = record->usage == DANE_EE ? 0 : 1, end = record->usage == DANE_EE && chain->count > 1 ? 1 : chain->count;

	for (size_t i = from; i < end; i++)
		if (matches(record, &chain->list[i]))
			return (int)i;
	return -1;
}

const char *
dane_record_show(const struct dane_record *record, char out[DANE_SHOWN_CAP])
{
	struct sts_text text;
	bool is_digest = record->matching != DANE_FULL && record->len <= sizeof(record->digest);

	sts_text_init(&text, out, DANE_SHOWN_CAP);
	sts_text_addf(&text, "%u %u %u ", record->usage, record->selector, record->matching);
	if (!is_digest)
		sts_text_addf(&text, "(%zu bytes)", record->len);
	for (size_t i = 0; is_digest && i < SHOWN_BYTES && i < record->len; i++)
		sts_text_addf(&text, "%02x", record->digest[i]);
	if (is_digest && record->len > SHOWN_BYTES)
		sts_text_add(&text, "...");
	return out;
}
