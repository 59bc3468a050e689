/* SPDX-License-Identifier: ISC */
/* fuzz_dnsreply.c - any bytes as a DNS answer. The first byte selects the type asked for; the name is taken from the message. */
#include "config.h"

#include <string.h>

#include "shared-cache/dns/dns_extract.h"
#include "tests/fuzz/fuzz.h"

static const enum sts_dns_type types[] = {
	STS_DNS_A, STS_DNS_NS, STS_DNS_CNAME, STS_DNS_SOA, STS_DNS_MX, STS_DNS_TXT, STS_DNS_AAAA, STS_DNS_TLSA,
};

static void
check_record(const struct sts_dns_record *record, enum sts_dns_type type)
{
	unsigned sum = 0;

	MUST(record->type == type || record->type == STS_DNS_CNAME);
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

/* The name in the first question, as it is; a fixed name if there is none. */
static void
own_name(const uint8_t *msg, size_t size, char out[STS_DOMAIN_CAP])
{
	size_t at = 12, len = 0;

	while (at < size && msg[at] != 0 && msg[at] < 0x40 && at + 1 + msg[at] <= size && len + 1 + msg[at] < STS_DOMAIN_MAX) {
		if (len > 0)
			out[len++] = '.';
		memcpy(out + len, msg + at + 1, msg[at]);
		len += msg[at];
		at += 1U + msg[at];
	}
	out[len] = '\0';
	if (len == 0 || strlen(out) != len)
		strcpy(out, "a.test");
}

static void
check_txt(const struct sts_dns_reply *reply)
{
	struct sts_txt *rrset;
	size_t count, bytes = 0, zeros = 0;
	enum sts_dns_outcome outcome = sts_dns_extract_txt(reply, &rrset, &count);

	MUST((outcome == STS_DNS_OK) == (count > 0) && (rrset != NULL) == (count > 0));
	MUST(count <= STS_DNS_TXT_RECORDS);
	for (size_t i = 0; i < count; i++) {
		bytes += rrset[i].len;
		for (size_t k = 0; k < rrset[i].len; k++)	/* a sanitizer sees reads out of bounds */
			zeros += rrset[i].data[k] == '\0';
	}
	MUST(bytes <= STS_DNS_TXT_BYTES && zeros <= bytes);
	free(rrset);
}

static void
check_addrs(const struct sts_dns_reply *reply)
{
	struct sts_ipaddr addrs[STS_DNS_ADDRS];
	size_t count;
	enum sts_dns_outcome outcome = sts_dns_extract_addrs(reply, addrs, &count);

	MUST((outcome == STS_DNS_OK) == (count > 0) && count <= STS_DNS_ADDRS);
	for (size_t i = 0; i < count; i++)
		MUST(addrs[i].family == 4 || addrs[i].family == 6);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum sts_dns_type type = size > 0 ? types[data[0] % (sizeof(types) / sizeof(types[0]))] : STS_DNS_A;
	struct sts_dns_reply *reply;
	char name[STS_DOMAIN_CAP];
	bool found = false;

	if (size == 0 || size > 65536)
		return 0;
	own_name(data + 1, size - 1, name);
	MUST(sts_dns_reply_read(data + 1, size - 1, name, type, &reply) == STS_OK);
	MUST(reply->rcode < 4096 && (reply->rcode < 0) == (size - 1 < 12));
	MUST(reply->negative_ttl_s <= INT32_MAX);
	if (size > 10 && data[9] == 0 && data[10] == 0)
		MUST(reply->negative_ttl_s == 0);
	for (size_t i = 0; i < reply->count; i++) {
		check_record(&reply->records[i], type);
		found = found || (reply->records[i].type == type && strcmp(reply->records[i].owner, reply->name) == 0);
	}
	MUST((reply->outcome == STS_DNS_REPLY_ANSWER) == found);
	MUST((reply->outcome == STS_DNS_REPLY_FAILED) == (reply->why[0] != '\0'));
	check_txt(reply);
	check_addrs(reply);
	sts_dns_reply_free(&reply);
	return 0;
}
