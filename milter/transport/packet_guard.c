/* SPDX-License-Identifier: ISC */
/* packet_guard.c - see packet_guard.h. Parses packets as libmilter does, even if a length is nonsense. */
#include "config.h"

#include "milter/transport/packet_guard.h"

#include <string.h>

enum { MACRO_LIST = 'D' };		/* SMFIC_MACRO of libmilter's mfdef.h */

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* A packet has no data if its length is 0, or too large for libmilter's signed number. */
static uint32_t
data_len(const unsigned char *head)
{
	uint32_t len = (uint32_t)head[0] << 24 | (uint32_t)head[1] << 16 | (uint32_t)head[2] << 8 | head[3];

	return len == 0 || len > (uint32_t)INT32_MAX + 1 ? 0 : len - 1;
}

static size_t
take_head(struct packet_guard *guard, const unsigned char *bytes, size_t len)
{
	size_t n = smaller(PACKET_GUARD_HEAD - guard->head_len, len);

	memcpy(guard->head + guard->head_len, bytes, n);
	guard->head_len = (unsigned char)(guard->head_len + n);
	if (guard->head_len == PACKET_GUARD_HEAD) {
		guard->data_at = 0;
		guard->data_len = data_len(guard->head);
		guard->is_odd = false;
	}
	return n;
}

/* Whether the number of NULs is odd. Eight bytes at a time: a message to a thousand recipients has lists of 100 kB. The high bit of each byte
 * of the sum is set unless the byte is NUL. */
static bool
has_odd_nuls(const unsigned char *bytes, size_t len)
{
	const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
	uint64_t word;
	int odd = 0;

	for (; len >= sizeof(word); bytes += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		odd ^= __builtin_parityll(~(((word & low) + low) | word | low));
	}
	for (; len > 0; bytes++, len--)
		odd ^= *bytes == '\0';
	return odd != 0;
}

/* A string ends with a NUL. The first byte of the data is the command that the macros are for. */
static size_t
take_data(struct packet_guard *guard, const unsigned char *bytes, size_t len)
{
	size_t n = smaller(guard->data_len - guard->data_at, len);
	size_t skip = guard->data_at == 0 && n > 0;

	if (guard->head[PACKET_GUARD_HEAD - 1] == MACRO_LIST)
		guard->is_odd ^= has_odd_nuls(bytes + skip, n - skip);
	guard->data_at += (uint32_t)n;
	return n;
}

bool
packet_guard_pass(struct packet_guard *guard, const void *bytes, size_t len)
{
	const unsigned char *at = bytes;

	while (!guard->refuses && len > 0) {
		size_t n = guard->head_len < PACKET_GUARD_HEAD ? take_head(guard, at, len) : take_data(guard, at, len);

		at += n;
		len -= n;
		if (guard->head_len < PACKET_GUARD_HEAD || guard->data_at < guard->data_len)
			continue;
		guard->refuses = guard->is_odd;
		guard->head_len = 0;
	}
	return !guard->refuses;
}
