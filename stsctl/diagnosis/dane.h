/* SPDX-License-Identifier: ISC */
/*
 * dane.h - the TLSA records of a mail exchanger (RFC 6698): which of them senders can use (RFC 7672), and which certificates they match.
 *
 * Pure. Any thread.
 */
#ifndef STSCTL_DIAGNOSIS_DANE_H
#define STSCTL_DIAGNOSIS_DANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/dns/dns_reply.h"
#include "shared-cache/names/domain.h"
#include "stsctl/probe/certificate_chain.h"

enum dane_usage { DANE_PKIX_TA, DANE_PKIX_EE, DANE_TA, DANE_EE };
enum dane_selector { DANE_WHOLE, DANE_KEY };
enum dane_matching { DANE_FULL, DANE_SHA256, DANE_SHA512 };

struct dane_record {
	unsigned usage, selector, matching;
	size_t len;					/* of the data in DNS */
	uint8_t digest[CERTIFICATE_SHA512_LEN];		/* the data; its SHA-256 if it is longer, or of matching type DANE_FULL */
};

/* Further records are counted, but not kept. */
enum { DANE_RECORDS_MAX = 24 };
struct dane_records {
	struct dane_record list[DANE_RECORDS_MAX];
	size_t count;
	size_t published;				/* how many there are in DNS */
	uint32_t ttl_s;
	char owner[STS_DOMAIN_CAP + 16];		/* "_25._tcp.mx.example.com", or the target of its aliases */
};

/* Reads the reply to a query for TLSA records. */
void dane_records_read(const struct sts_dns_reply *reply, struct dane_records *out);

enum dane_use {
	DANE_USABLE,
	DANE_PKIX,		/* usages 0 and 1: not for SMTP (RFC 7672 section 3.1.3) */
	DANE_MALFORMED,		/* an unknown number, or a digest of the wrong length */
};
enum dane_use dane_record_use(const struct dane_record *record);

/* The index of the certificate in the chain that a usable record matches: 0, the server's own, with usage 3; 1 or more with usage 2; -1:
 * none. */
int dane_record_match(const struct dane_record *record, const struct certificate_chain *chain);

/* "3 1 1 0123456789abcdef...". */
enum { DANE_SHOWN_CAP = 80 };
const char *dane_record_show(const struct dane_record *record, char out[DANE_SHOWN_CAP]);

#endif
