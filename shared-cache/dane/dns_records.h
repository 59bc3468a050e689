/* SPDX-License-Identifier: ISC */
/*
 * dns_records.h - the answer section of a DNS message, record by record, of whatever type; and whether a validating resolver
 * vouches for it.
 *
 * Every length is checked; a compressed name is followed backwards only, so that the work is bounded. Pure. Any thread.
 */
#ifndef STS_DNS_RECORDS_H
#define STS_DNS_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/names/domain.h"

enum { STS_DNS_A = 1, STS_DNS_SOA = 6, STS_DNS_MX = 15, STS_DNS_AAAA = 28, STS_DNS_TLSA = 52 };

struct sts_dns_record {
	unsigned type;
	uint32_t ttl;
	const uint8_t *data;	/* in the message */
	size_t len;
};

struct sts_dns_records {
	const uint8_t *msg;
	size_t msg_len;
	size_t at;		/* of the next record */
	unsigned left;
};

/* The AD bit (RFC 4035 section 3.2.3): the resolver has validated all of the answer. Worth as much as the way to the resolver. */
bool sts_dns_is_authentic(const uint8_t *msg, size_t len);

/* False when the message is malformed before its answers. */
bool sts_dns_records_init(struct sts_dns_records *records, const uint8_t *msg, size_t len);
/* True with the next record of class IN and this type; false when there are no more, or what is left is malformed. */
bool sts_dns_records_next(struct sts_dns_records *records, unsigned type, struct sts_dns_record *out);

/* The host of an MX record, normalised; "" for "." (null MX, RFC 7505). False: not a name that mail could go to. */
bool sts_dns_mx_host(const struct sts_dns_records *records, const struct sts_dns_record *mx, char out[STS_DOMAIN_CAP]);

#endif
