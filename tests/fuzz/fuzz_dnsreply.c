/* SPDX-License-Identifier: ISC */
/* fuzz_dnsreply.c - any bytes as an answer of DNS. The first byte chooses the type that was asked for. */
#include "config.h"

#include <string.h>

#include "stsctl/probe/dns_reply.h"
#include "tests/fuzz/fuzz.h"

static const enum dns_type types[] = { DNS_A, DNS_NS, DNS_CNAME, DNS_SOA, DNS_MX, DNS_TXT, DNS_AAAA, DNS_TLSA };

static void
check_record(const struct dns_record *record, enum dns_type type)
{
	unsigned sum = 0;

	MUST(record->type == type || record->type == DNS_CNAME);
	MUST(strlen(record->owner) < STS_DOMAIN_CAP && strlen(record->target) < STS_DOMAIN_CAP);
	for (size_t i = 0; i < record->string_count; i++) {
		MUST(record->strings[i].len <= 255);
		for (size_t k = 0; k < record->strings[i].len; k++)
			sum += (unsigned char)record->strings[i].data[k];
	}
	for (size_t i = 0; i < record->tlsa.len; i++)
		sum += record->tlsa.data[i];
	MUST(sum <= 255U * 65535U);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum dns_type type = size > 0 ? types[data[0] % (sizeof(types) / sizeof(types[0]))] : DNS_A;
	struct dns_reply *reply;
	bool found = false;

	if (size == 0 || size > 65536)
		return 0;
	MUST(dns_reply_read(data + 1, size - 1, "a.test", type, &reply) == STS_OK);
	for (size_t i = 0; i < reply->count; i++) {
		check_record(&reply->records[i], type);
		found = found || (reply->records[i].type == type && strcmp(reply->records[i].owner, reply->name) == 0);
	}
	MUST((reply->outcome == DNS_ANSWER) == found);
	MUST((reply->outcome == DNS_FAILED) == (reply->why[0] != '\0'));
	dns_reply_free(&reply);
	return 0;
}
