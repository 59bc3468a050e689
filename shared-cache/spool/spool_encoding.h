/* SPDX-License-Identifier: ISC */
/* spool_encoding.h - the encoding of numbers and messages, as spool_record.c and spool_parse.c share it. */
#ifndef STS_SPOOL_SPOOL_ENCODING_H
#define STS_SPOOL_SPOOL_ENCODING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/spool/spool_record.h"

static inline void
sts_spool_store(unsigned char *out, uint64_t n, size_t size)
{
	for (size_t i = 0; i < size; i++)
		out[i] = (unsigned char)(n >> 8 * i);
}

static inline uint64_t
sts_spool_load(const unsigned char *in, size_t size)
{
	uint64_t n = 0;

	for (size_t i = 0; i < size; i++)
		n |= (uint64_t)in[i] << 8 * i;
	return n;
}

/* The checksum of the first eight bytes of a frame and of its data. */
uint64_t sts_spool_sum(const unsigned char *frame, const unsigned char *data, size_t len);

enum { STS_SPOOL_FIELDS_MAX = 64 };	/* counter names in one list of a message */

enum {	/* flags of a message */
	STS_SPOOL_PLAINTEXT = 1,
	STS_SPOOL_OWN_TLS = 2,
	STS_SPOOL_OWN_PLAINTEXT = 4,
	STS_SPOOL_STRANGER = 8,
};

#endif
