/* SPDX-License-Identifier: ISC */
/* history_packed.c - two bit sets of days, and a number for each bit. Does not know what the days mean. */
#include "config.h"

#include "shared-cache/judge/history_packed.h"

#include <stdlib.h>
#include <string.h>

enum kind { TLS, PLAINTEXT, KINDS };

struct sts_history_packed {
	int64_t last;
	uint64_t days[KINDS];	/* bit n: day n of the ring has messages of this kind */
	uint8_t width;		/* bytes of each number */
	uint8_t numbers[];	/* those over TLS, then those in plaintext, each in the order of the ring; little-endian */
};

enum { NUMBERS_AT = offsetof(struct sts_history_packed, numbers), BYTE = 8 };

_Static_assert(STS_HISTORY_DAYS <= 64, "a bit for each day");

/* ---- sizes ---- */

static unsigned
width_of(uint32_t number)
{
	unsigned width = 0;

	for (; number > 0; number >>= BYTE)
		width++;
	return width;
}

static size_t
count_of(uint64_t days)
{
	return (size_t)__builtin_popcountll(days);
}

/* Fills in everything but the numbers. */
static void
measure(const struct sts_history_days *history, struct sts_history_packed *out)
{
	uint32_t bits = 0;

	*out = (struct sts_history_packed){ .last = history->last };
	for (size_t place = 0; place < STS_HISTORY_DAYS; place++) {
		const struct sts_history_day *day = &history->days[place];

		out->days[TLS] |= (uint64_t)(day->tls > 0) << place;
		out->days[PLAINTEXT] |= (uint64_t)(day->plaintext > 0) << place;
		bits |= day->tls | day->plaintext;
	}
	out->width = (uint8_t)width_of(bits);
}

size_t
sts_history_packed_size(const struct sts_history_packed *packed)
{
	size_t size;

	if (packed == NULL)
		return 0;
	size = NUMBERS_AT + packed->width * (count_of(packed->days[TLS]) + count_of(packed->days[PLAINTEXT]));
	return size < sizeof(*packed) ? sizeof(*packed) : size;
}

/* ---- numbers ---- */

static void
put(uint8_t *at, unsigned width, uint32_t number)
{
	for (unsigned i = 0; i < width; i++)
		at[i] = (uint8_t)(number >> i * BYTE);
}

static uint32_t
take(const uint8_t *at, unsigned width)
{
	uint32_t number = at[0];	/* mostly the only byte */

	for (unsigned i = 1; i < width; i++)
		number |= (uint32_t)at[i] << i * BYTE;
	return number;
}

enum sts_status
sts_history_pack(const struct sts_history_days *history, struct sts_history_packed **packed)
{
	struct sts_history_packed head, *p = *packed;
	size_t size;
	uint8_t *at;

	measure(history, &head);
	if (head.last == 0 && head.width == 0) {
		sts_history_packed_free(packed);
		return STS_OK;
	}
	size = sts_history_packed_size(&head);
	if (size != sts_history_packed_size(p) && (p = realloc(p, size)) == NULL)
		return STS_ENOMEM;
	memcpy(p, &head, NUMBERS_AT);
	at = p->numbers;
	for (enum kind kind = TLS; kind < KINDS; kind++) {
		for (uint64_t left = p->days[kind]; left > 0; left &= left - 1, at += p->width) {
			const struct sts_history_day *day = &history->days[__builtin_ctzll(left)];

			put(at, p->width, kind == TLS ? day->tls : day->plaintext);
		}
	}
	*packed = p;
	return STS_OK;
}

void
sts_history_unpack(const struct sts_history_packed *packed, struct sts_history_days *out)
{
	const uint8_t *at;

	memset(out, 0, sizeof(*out));
	if (packed == NULL)
		return;
	out->last = packed->last;
	at = packed->numbers;
	for (enum kind kind = TLS; kind < KINDS; kind++) {
		for (uint64_t left = packed->days[kind]; left > 0; left &= left - 1, at += packed->width) {
			struct sts_history_day *day = &out->days[__builtin_ctzll(left)];

			*(kind == TLS ? &day->tls : &day->plaintext) = take(at, packed->width);
		}
	}
}

bool
sts_history_packed_add(struct sts_history_packed *packed, int64_t now, enum sts_tls_state tls)
{
	enum kind kind = tls == STS_TLS_SECURED ? TLS : PLAINTEXT;
	int64_t day = sts_history_day(now);
	uint64_t bit;
	uint32_t number;
	uint8_t *at;

	if (packed == NULL || tls == STS_TLS_UNKNOWN || day > packed->last || day <= packed->last - STS_HISTORY_DAYS)
		return false;
	bit = UINT64_C(1) << sts_history_place(day);
	if ((packed->days[kind] & bit) == 0)
		return false;
	at = packed->numbers + packed->width * (count_of(packed->days[kind] & (bit - 1)) +
	    (kind == PLAINTEXT ? count_of(packed->days[TLS]) : 0));
	number = take(at, packed->width);
	if (number == UINT32_MAX || width_of(number + 1) > packed->width)
		return false;
	put(at, packed->width, number + 1);
	return true;
}

void
sts_history_packed_free(struct sts_history_packed **packed)
{
	free(*packed);
	*packed = NULL;
}
