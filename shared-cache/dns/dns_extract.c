/* SPDX-License-Identifier: ISC */
/* dns_extract.c - works on parsed replies. Knows no wire format and no sockets. */
#include "config.h"

#include "shared-cache/dns/dns_extract.h"

#include <stdlib.h>
#include <string.h>

enum sts_dns_outcome
sts_dns_extract_outcome(const struct sts_dns_reply *reply)
{
	switch (reply->outcome) {
	case STS_DNS_REPLY_ANSWER:
		return STS_DNS_OK;
	case STS_DNS_REPLY_NO_RECORD:
	case STS_DNS_REPLY_NO_NAME:
		return STS_DNS_NODATA;
	case STS_DNS_REPLY_TIME_OUT:
		return STS_DNS_TIMEOUT;
	case STS_DNS_REPLY_FAILED:
		break;
	}
	return reply->local ? STS_DNS_LOCAL : STS_DNS_FAILURE;
}

static bool
measure_txt(const struct sts_dns_reply *reply, size_t *records, size_t *bytes)
{
	*records = *bytes = 0;
	for (size_t i = 0; i < reply->count; i++) {
		*records += reply->records[i].type == STS_DNS_TXT;
		for (size_t k = 0; k < reply->records[i].string_count; k++)
			*bytes += reply->records[i].strings[k].len;
	}
	return *records > 0 && *records <= STS_DNS_TXT_RECORDS && *bytes <= STS_DNS_TXT_BYTES;
}

static void
join_txt(const struct sts_dns_record *record, struct sts_txt *out, char *bytes)
{
	out->data = bytes;
	out->len = 0;
	for (size_t k = 0; k < record->string_count; k++) {
		const struct sts_dns_string *string = &record->strings[k];

		memcpy(bytes + out->len, string->data, string->len);
		out->len += string->len;
	}
}

enum sts_dns_outcome
sts_dns_extract_txt(const struct sts_dns_reply *reply, struct sts_txt **out, size_t *count)
{
	enum sts_dns_outcome outcome = sts_dns_extract_outcome(reply);
	size_t records, bytes;
	char *at;

	*out = NULL;
	*count = 0;
	if (outcome != STS_DNS_OK)
		return outcome;
	if (!measure_txt(reply, &records, &bytes))
		return STS_DNS_FAILURE;
	*out = malloc(records * sizeof(**out) + bytes);
	if (*out == NULL)
		return STS_DNS_LOCAL;
	at = (char *)(*out + records);
	for (size_t i = 0; i < reply->count; i++) {
		if (reply->records[i].type != STS_DNS_TXT)
			continue;
		join_txt(&reply->records[i], &(*out)[*count], at);
		at += (*out)[*count].len;
		(*count)++;
	}
	return STS_DNS_OK;
}

enum sts_dns_outcome
sts_dns_extract_addrs(const struct sts_dns_reply *reply, struct sts_ipaddr out[STS_DNS_ADDRS], size_t *count)
{
	enum sts_dns_outcome outcome = sts_dns_extract_outcome(reply);

	*count = 0;
	for (size_t i = 0; outcome == STS_DNS_OK && i < reply->count && *count < STS_DNS_ADDRS; i++) {
		if (reply->records[i].type == STS_DNS_A || reply->records[i].type == STS_DNS_AAAA)
			out[(*count)++] = reply->records[i].addr;
	}
	return outcome == STS_DNS_OK && *count == 0 ? STS_DNS_NODATA : outcome;
}
