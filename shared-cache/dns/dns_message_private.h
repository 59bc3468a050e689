/* SPDX-License-Identifier: ISC */
/*
 * dns_message_private.h - a message of DNS (RFC 1035 section 4), record by record, without taking memory: for dns_reply.c and
 * dns_record.c. Whatever the bytes are, nothing beyond them is read.
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
	size_t at;			/* the next record */
	unsigned left[DNS_SECTIONS];	/* records that the header announces and that are still to come */
};

struct dns_rr {
	enum dns_section section;
	uint8_t owner[DNS_NAME_LEN];	/* labels, not compressed */
	uint16_t type, class;
	uint32_t ttl_s;
	const uint8_t *data;
	size_t len;
};

enum dns_next { DNS_NEXT_RECORD, DNS_NEXT_END, DNS_NEXT_MALFORMED };

/* Where the strings and bytes of the next record go. */
struct dns_storage {
	struct sts_dns_string *string;
	uint8_t *byte;
};

/* Stands behind the question afterwards. False: not even that is whole. The bytes must outlive the message. */
bool dns_message_begin(struct dns_message *message, const uint8_t *bytes, size_t len);
enum dns_next dns_message_next(struct dns_message *message, struct dns_rr *out);
/* The name at `at`, which lies within the message, with its compression undone. Its length there; 0: it is none. */
size_t dns_message_name(const struct dns_message *message, const uint8_t *at, uint8_t out[DNS_NAME_LEN]);

/* Whether the data of a record of a type that we know is what the type wants; true for all others. */
bool dns_record_is_sound(const struct dns_message *message, const struct dns_rr *rr);
/* Whether a sound record is one of the type, or an alias, of class IN, with all of the type's fields. */
bool dns_record_is_wanted(const struct dns_rr *rr, enum sts_dns_type type);
/* The strings of a sound TXT record. */
size_t dns_record_count_strings(const struct dns_rr *rr);
/* The last of the five numbers of a sound SOA record. */
uint32_t dns_record_soa_minimum(const struct dns_message *message, const struct dns_rr *rr);
/* Of a wanted record. The storage has room for its strings and for all bytes of the message. */
void dns_record_copy(const struct dns_message *message, const struct dns_rr *rr, struct sts_dns_record *out, struct dns_storage *storage);

#endif
