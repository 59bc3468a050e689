/* SPDX-License-Identifier: ISC */
/* fuzz_dnsmsg.c - any bytes as a DNS message: header, negative TTL, TXT records, addresses. */
#include "config.h"

#include "shared-cache/network/dns_message.h"
#include "tests/fuzz/fuzz.h"

static void
check_txt(const uint8_t *data, size_t size)
{
	struct sts_txt *rrset;
	size_t count, bytes = 0, zeros = 0;
	enum sts_dns_outcome outcome = sts_dns_message_txt(data, size, &rrset, &count);

	MUST(outcome != STS_DNS_TIMEOUT);
	MUST((outcome == STS_DNS_OK) == (count > 0) && (rrset != NULL) == (count > 0));
	MUST(count <= STS_DNS_TXT_RECORDS);
	for (size_t i = 0; i < count; i++) {
		bytes += rrset[i].len;
		for (size_t k = 0; k < rrset[i].len; k++)	/* a sanitizer sees what is out of bounds */
			zeros += rrset[i].data[k] == '\0';
	}
	MUST(bytes <= STS_DNS_TXT_BYTES && zeros <= bytes);
	free(rrset);
}

static void
check_addrs(const uint8_t *data, size_t size, int family)
{
	struct sts_ipaddr addrs[STS_DNS_ADDRS];
	size_t count;
	enum sts_dns_outcome outcome = sts_dns_message_addrs(data, size, family, addrs, &count);

	MUST(outcome != STS_DNS_TIMEOUT);
	MUST((outcome == STS_DNS_OK) == (count > 0) && count <= STS_DNS_ADDRS);
	for (size_t i = 0; i < count; i++)
		MUST(addrs[i].family == 4 || (family == 6 && addrs[i].family == 6));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int rcode = sts_dns_message_rcode(data, size);
	uint32_t ttl = sts_dns_message_negative_ttl(data, size);

	MUST(rcode <= 15 && (rcode < 0) == (size < 12));
	MUST(sts_dns_message_rcode_name(rcode) != NULL);
	MUST(ttl <= INT32_MAX);
	if (size >= 12 && data[8] == 0 && data[9] == 0)
		MUST(ttl == 0);
	check_txt(data, size);
	check_addrs(data, size, 4);
	check_addrs(data, size, 6);
	return 0;
}
