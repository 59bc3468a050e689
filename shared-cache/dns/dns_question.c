/* SPDX-License-Identifier: ISC */
/* dns_question.c - builds the message; the C library encodes the name. Knows no sockets. */
#include "config.h"

#include "shared-cache/dns/dns_question.h"

#include <string.h>
#include <sys/random.h>
#include <sys/types.h>

#include <arpa/nameser.h>

#include "shared-cache/names/domain.h"

enum { NAME_CAP = 255, CLASS_IN = 1, TYPE_OPT = 41 };

/* RFC 1035 section 4.1.1: RD is in the third byte, AD (RFC 4035 section 3.2.3) in the fourth. */
enum { RD_BIT = 0x01, AD_BIT = 0x20 };

static void
add(struct sts_dns_question *q, const void *bytes, size_t len)
{
	memcpy(q->bytes + q->len, bytes, len);
	q->len += len;
}

static void
add_16(struct sts_dns_question *q, unsigned value)
{
	add(q, (const uint8_t[]){ (uint8_t)(value >> 8), (uint8_t)value }, 2);
}

/* RFC 6891 section 6.1.2: the root as owner, the type, the size in place of the class; extended code, version and flags 0; no
 * data. */
static void
add_edns(struct sts_dns_question *q, uint16_t size)
{
	add(q, "", 1);
	add_16(q, TYPE_OPT);
	add_16(q, size);
	add(q, "\0\0\0\0\0", 6);
}

static size_t
name_length(const uint8_t name[NAME_CAP])
{
	size_t at = 0;

	while (at < NAME_CAP && name[at] != 0)
		at += 1 + (size_t)name[at];
	return at + 1;
}

enum sts_status
sts_dns_question(const char *name, enum sts_dns_type type, bool recursive, uint16_t edns_size, struct sts_dns_question *out)
{
	uint8_t wire[NAME_CAP], id[2];

	out->len = 0;
	if (name[0] == '\0' || strlen(name) > STS_DOMAIN_MAX || ns_name_pton(name, wire, sizeof(wire)) < 0)
		return STS_EINVAL;
	if (getrandom(id, sizeof(id), 0) != (ssize_t)sizeof(id))
		return STS_ESYS;
	add(out, id, sizeof(id));
	add(out, (const uint8_t[]){ recursive ? RD_BIT : 0, recursive ? AD_BIT : 0 }, 2);
	add_16(out, 1);			/* questions */
	add(out, "\0\0\0", 4);		/* no answers, no authorities */
	add_16(out, edns_size > 0 ? 1 : 0);	/* additional records */
	add(out, wire, name_length(wire));
	add_16(out, (unsigned)type);
	add_16(out, CLASS_IN);
	if (edns_size > 0)
		add_edns(out, edns_size);
	return STS_OK;
}
