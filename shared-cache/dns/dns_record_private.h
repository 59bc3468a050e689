/* SPDX-License-Identifier: ISC */
/* dns_record_private.h - one record of a reply: for dns_reply.c alone. ldns' types stay behind it. */
#ifndef STS_DNS_RECORD_PRIVATE_H
#define STS_DNS_RECORD_PRIVATE_H

#include <ldns/ldns.h>

#include "shared-cache/dns/dns_reply.h"

/* Where the next string and the next byte of the reply's storage go. */
struct dns_storage {
	struct sts_dns_string *string;
	uint8_t *byte;
};

/* Whether it is one of the type, or an alias, of class IN, with all of the type's fields. */
bool dns_record_is_wanted(const ldns_rr *rr, enum sts_dns_type type);

/* Of a wanted record. The storage has room for its strings and for all bytes of the message. */
void dns_record_copy(const ldns_rr *rr, struct sts_dns_record *out, struct dns_storage *storage);

#endif
