/* SPDX-License-Identifier: ISC */
/*
 * dns_message.c - steps through a DNS message. The C library decompresses names; everything else is fixed fields. We use no library
 * that builds a tree of the message: those in Debian abort, or silently lose a record, when memory runs out.
 */
#include "config.h"

#include "shared-cache/dns/dns_message_private.h"

#include <string.h>
#include <sys/types.h>

#include <arpa/nameser.h>

/* RFC 1035 section 4.1: type and class after a question's name; type, class, TTL and length after a record's. */
enum { QDCOUNT_AT = 4, QUESTION_FIXED = 4, RECORD_FIXED = 10 };
/* Section 4.1.4. A name has at most 127 labels, so at most 127 pointers can lead to one. */
enum { POINTER_BITS = 0xc0, POINTERS_MAX = 127 };

/* Whether the name ends before it has followed too many pointers. The C library follows as many as the message has room for, and
 * thousands of names with thousands of pointers each would cost half a second. The C library finds all other faults of a name. */
static bool
is_short(const struct dns_message *m, size_t at)
{
	size_t len = 0;

	for (unsigned pointers = 0; at < m->len && m->bytes[at] != 0;) {
		if ((m->bytes[at] & POINTER_BITS) == 0) {
			len += 1 + (size_t)m->bytes[at];
			at += 1 + (size_t)m->bytes[at];
		} else if (at + 1 < m->len) {
			at = (size_t)(m->bytes[at] & ~POINTER_BITS) << 8 | m->bytes[at + 1];
			pointers++;
		} else
			return false;
		if (len >= DNS_NAME_LEN || pointers > POINTERS_MAX)
			return false;
	}
	return true;
}

size_t
dns_message_name(const struct dns_message *m, const uint8_t *at, uint8_t out[DNS_NAME_LEN])
{
	int taken;

	if (!is_short(m, (size_t)(at - m->bytes)))
		return 0;
	taken = ns_name_unpack(m->bytes, m->bytes + m->len, at, out, DNS_NAME_LEN);
	return taken > 0 ? (size_t)taken : 0;
}

static unsigned
read_16(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

static uint32_t
read_32(const uint8_t *at)
{
	return (uint32_t)read_16(at) << 16 | read_16(at + 2);
}

/* Moves past a name and `fixed' more bytes. */
static bool
skip_name(struct dns_message *m, uint8_t name[DNS_NAME_LEN], size_t fixed)
{
	size_t taken = m->at < m->len ? dns_message_name(m, m->bytes + m->at, name) : 0;

	if (taken == 0 || m->len - m->at - taken < fixed)
		return false;
	m->at += taken + fixed;
	return true;
}

bool
dns_message_begin(struct dns_message *m, const uint8_t *bytes, size_t len)
{
	uint8_t name[DNS_NAME_LEN];

	*m = (struct dns_message){ .bytes = bytes, .len = len, .at = DNS_HEADER_LEN };
	if (len < DNS_HEADER_LEN)
		return false;
	for (size_t i = 0; i < DNS_SECTIONS; i++)
		m->left[i] = read_16(bytes + QDCOUNT_AT + 2 + 2 * i);
	for (unsigned i = read_16(bytes + QDCOUNT_AT); i > 0; i--)
		if (!skip_name(m, name, QUESTION_FIXED))
			return false;
	return true;
}

enum dns_next
dns_message_next(struct dns_message *m, struct dns_rr *out)
{
	size_t section = 0;
	const uint8_t *fixed;

	while (section < DNS_SECTIONS && m->left[section] == 0)
		section++;
	if (section == DNS_SECTIONS)
		return DNS_NEXT_END;
	m->left[section]--;
	if (!skip_name(m, out->owner, RECORD_FIXED))
		return DNS_NEXT_MALFORMED;
	fixed = m->bytes + m->at - RECORD_FIXED;
	out->section = (enum dns_section)section;
	out->type = (uint16_t)read_16(fixed);
	out->class = (uint16_t)read_16(fixed + 2);
	out->ttl_s = read_32(fixed + 4);
	out->len = read_16(fixed + 8);
	out->data = m->bytes + m->at;
	if (m->len - m->at < out->len)
		return DNS_NEXT_MALFORMED;
	m->at += out->len;
	return DNS_NEXT_RECORD;
}
