/* SPDX-License-Identifier: ISC */
/* packet_guard.c - see packet_guard.h. */
#include "config.h"

#include "milter/transport/packet_guard.h"

#include <string.h>

enum { MACROS = 'D' };	/* SMFIC_MACRO of libmilter/mfdef.h, which is not for milters */

/* libmilter takes the length less one for a signed number, and reads no data where that is negative. */
static uint32_t
data_len(const unsigned char header[PACKET_GUARD_HEADER])
{
	uint32_t len = (uint32_t)header[0] << 24 | (uint32_t)header[1] << 16 | (uint32_t)header[2] << 8 | header[3];

	return len == 0 || len > 0x80000000U ? 0 : len - 1;
}

static size_t
take_header(struct packet_guard *guard, const unsigned char *bytes, size_t len)
{
	size_t wanted = PACKET_GUARD_HEADER - guard->header_len, n = len < wanted ? len : wanted;

	memcpy(guard->header + guard->header_len, bytes, n);
	guard->header_len += (unsigned)n;
	if (guard->header_len == PACKET_GUARD_HEADER) {
		guard->left = data_len(guard->header);
		guard->is_list = guard->header[PACKET_GUARD_HEADER - 1] == MACROS;
		guard->odd = false;
	}
	return n;
}

/* The stage is the first byte, which may be NUL and is no string. */
static size_t
take_data(struct packet_guard *guard, const unsigned char *bytes, size_t len)
{
	size_t n = len < guard->left ? len : guard->left;
	bool has_stage = guard->left == data_len(guard->header);

	for (size_t i = has_stage ? 1 : 0; guard->is_list && i < n; i++)
		if (bytes[i] == '\0')
			guard->odd = !guard->odd;
	guard->left -= (uint32_t)n;
	return n;
}

bool
packet_guard_passes(struct packet_guard *guard, const void *bytes, size_t len)
{
	const unsigned char *at = bytes, *end = at + len;

	while (at < end && !guard->refused) {
		at += guard->header_len < PACKET_GUARD_HEADER ? take_header(guard, at, (size_t)(end - at)) :
		    take_data(guard, at, (size_t)(end - at));
		if (guard->header_len == PACKET_GUARD_HEADER && guard->left == 0) {
			guard->refused = guard->is_list && guard->odd;
			guard->header_len = 0;
		}
	}
	return !guard->refused;
}
