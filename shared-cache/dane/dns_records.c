/* SPDX-License-Identifier: ISC */
/* dns_records.c - walks records, expands names. Knows no questions and no sockets. */
#include "config.h"

#include "shared-cache/dane/dns_records.h"

#include <string.h>

enum { HEADER_LEN = 12, CLASS_IN = 1, RECORD_FIXED_LEN = 10, JUMPS_MAX = 64, AD_BIT = 0x20 };

static unsigned
u16_at(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static uint32_t
u32_at(const uint8_t *p)
{
	return (uint32_t)u16_at(p) << 16 | u16_at(p + 2);
}

bool
sts_dns_is_authentic(const uint8_t *msg, size_t len)
{
	return len >= HEADER_LEN && (msg[3] & AD_BIT) != 0;
}

/* Past a name, compressed or not. */
static bool
skip_name(const uint8_t *msg, size_t len, size_t *at)
{
	while (*at < len) {
		unsigned label = msg[*at];

		if ((label & 0xc0) == 0xc0) {
			*at += 2;
			return *at <= len;
		}
		if ((label & 0xc0) != 0)
			return false;
		*at += 1 + (size_t)label;
		if (label == 0)
			return true;
	}
	return false;
}

bool
sts_dns_records_init(struct sts_dns_records *r, const uint8_t *msg, size_t len)
{
	*r = (struct sts_dns_records){ .msg = msg, .msg_len = len, .at = HEADER_LEN };
	if (len < HEADER_LEN)
		return false;
	for (unsigned questions = u16_at(msg + 4); questions > 0; questions--) {
		if (!skip_name(msg, len, &r->at) || len - r->at < 4)
			return false;
		r->at += 4;
	}
	r->left = u16_at(msg + 6);
	return true;
}

static bool
next_any(struct sts_dns_records *r, struct sts_dns_record *out, unsigned *class)
{
	const uint8_t *fixed;

	if (r->left == 0 || !skip_name(r->msg, r->msg_len, &r->at) || r->msg_len - r->at < RECORD_FIXED_LEN)
		return false;
	fixed = r->msg + r->at;
	out->type = u16_at(fixed);
	*class = u16_at(fixed + 2);
	out->ttl = u32_at(fixed + 4);
	if (out->ttl & 0x80000000u)
		out->ttl = 0;		/* RFC 2181 section 8 */
	out->len = u16_at(fixed + 8);
	out->data = fixed + RECORD_FIXED_LEN;
	r->at += RECORD_FIXED_LEN;
	if (r->msg_len - r->at < out->len)
		return false;
	r->at += out->len;
	r->left--;
	return true;
}

bool
sts_dns_records_next(struct sts_dns_records *r, unsigned type, struct sts_dns_record *out)
{
	unsigned class;

	while (next_any(r, out, &class))
		if (out->type == type && class == CLASS_IN)
			return true;
	r->left = 0;
	return false;
}

/* Appends labels with dots between them; what is too long is no name. Pointers lead backwards, each further than the one before. */
static bool
expand(const uint8_t *msg, size_t len, size_t at, char out[STS_DOMAIN_CAP + 1], size_t *out_len)
{
	size_t bound = at;
	int jumps = 0;

	*out_len = 0;
	while (at < len) {
		unsigned label = msg[at];

		if ((label & 0xc0) == 0xc0) {
			if (len - at < 2 || ++jumps > JUMPS_MAX)
				return false;
			at = u16_at(msg + at) & 0x3fff;
			if (at >= bound)
				return false;
			bound = at;
			continue;
		}
		if (label == 0)
			return true;
		if ((label & 0xc0) != 0 || len - at - 1 < label || *out_len + label + 1 > STS_DOMAIN_CAP)
			return false;
		memcpy(out + *out_len, msg + at + 1, label);
		/* A dot inside of a label would make two of it. */
		if (memchr(msg + at + 1, '.', label) != NULL)
			return false;
		*out_len += label;
		out[(*out_len)++] = '.';
		at += 1 + (size_t)label;
	}
	return false;
}

bool
sts_dns_mx_host(const struct sts_dns_records *r, const struct sts_dns_record *mx, char out[STS_DOMAIN_CAP])
{
	char name[STS_DOMAIN_CAP + 1];
	size_t len;

	out[0] = '\0';
	if (mx->len < 3 || !expand(r->msg, r->msg_len, (size_t)(mx->data - r->msg) + 2, name, &len))
		return false;
	return len == 0 || sts_domain_normalise(name, len, out) == STS_DOMAIN_OK;
}
