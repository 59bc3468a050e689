/* SPDX-License-Identifier: ISC */
/*
 * dns_message_private.h - reads a DNS message (RFC 1035 section 4) record by record, without allocating: for dns_reply.c and
 * dns_record.c. Never reads beyond the message, whatever its bytes are.
 */
#ifndef STS_DNS_MESSAGE_PRIVATE_H
#define STS_DNS_MESSAGE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/dns/dns_reply.h"

enum { DNS_HEADER_LEN = 12, DNS_NAME_LEN = 255, DNS_CLASS_IN = 1 };

enum dns_section { DNS_ANSWER, DNS_AUTHORITY, DNS_ADDITIONAL, DNS_SECTIONS };

struct dns_message {
	const uint8_t *bytes;
	size_t len;
	size_t at;			/* offset of the next record */
	unsigned left[DNS_SECTIONS];	/* records that the header announces and that have not been read yet */
};

struct dns_rr {
	enum dns_section section;
	uint8_t owner[DNS_NAME_LEN];	/* labels, decompressed */
	uint16_t type, class;
	uint32_t ttl_s;
	const uint8_t *data;
	size_t len;
};

enum dns_next { DNS_NEXT_RECORD, DNS_NEXT_END, DNS_NEXT_MALFORMED };

/* Where the next record's strings and bytes are stored. */
struct dns_storage {
	struct sts_dns_string *string;
	uint8_t *byte;
};

/* Moves past the question. False: the message is malformed before that. The bytes must outlive the message. */
bool dns_message_begin(struct dns_message *message, const uint8_t *bytes, size_t len);
enum dns_next dns_message_next(struct dns_message *message, struct dns_rr *out);
/* Decompresses the name at `at`, which lies within the message. Returns its length there; 0: malformed. */
size_t dns_message_name(const struct dns_message *message, const uint8_t *at, uint8_t out[DNS_NAME_LEN]);

/* Whether the data of a record of a type that we know is well-formed; true for all other types. */
bool dns_record_is_sound(const struct dns_message *message, const struct dns_rr *rr);
/* Whether a sound record has the type, or is a CNAME, of class IN, and has all of its type's fields. */
bool dns_record_is_wanted(const struct dns_rr *rr, enum sts_dns_type type);
/* The number of strings in a sound TXT record. */
size_t dns_record_count_strings(const struct dns_rr *rr);
/* MINIMUM, the last number of a sound SOA record. */
uint32_t dns_record_soa_minimum(const struct dns_message *message, const struct dns_rr *rr);
/* Copies a wanted record. The storage has room for its strings and for as many bytes as the message has. */
void dns_record_copy(const struct dns_message *message, const struct dns_rr *rr, struct sts_dns_record *out, struct dns_storage *storage);

#endif
