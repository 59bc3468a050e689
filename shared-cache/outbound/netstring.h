/* SPDX-License-Identifier: ISC */
/*
 * netstring.h - netstrings, "LENGTH:BYTES,", the framing of Postfix's socketmap protocol (socketmap_table(5)).
 *
 * Parses whatever part of a stream has arrived; keeps no state. Pure. Any thread.
 */
#ifndef STS_OUTBOUND_NETSTRING_H
#define STS_OUTBOUND_NETSTRING_H

#include <stddef.h>

enum {
	STS_NETSTRING_SKIP_MAX = 1000000,	/* a longer one is not accepted as a netstring */
	STS_NETSTRING_HEAD = 8,			/* bytes of a length of up to 7 digits and its colon */
};

enum sts_netstring_state {
	STS_NETSTRING_MORE,	/* incomplete */
	STS_NETSTRING_WHOLE,	/* data and len are set; used: its bytes, comma included */
	STS_NETSTRING_LONG,	/* longer than max: need not be kept; used: bytes to skip, comma included */
	STS_NETSTRING_BAD,	/* not a netstring: the next one cannot be found */
};

struct sts_netstring {
	const char *data;	/* points into buf */
	size_t len;
	size_t used;
};

/* Parses the netstring at the beginning of buf, which holds `have` bytes. max: longest data that the caller wants. A length has no
 * leading zeros. */
enum sts_netstring_state sts_netstring_read(const char *buf, size_t have, size_t max, struct sts_netstring *out);

/* Makes a netstring, in place, of the len bytes at storage + STS_NETSTRING_HEAD: puts the length before them and a comma
 * after (storage holds at least STS_NETSTRING_HEAD + len + 1 bytes). Returns its beginning; *total is its size. */
const char *sts_netstring_frame(char *storage, size_t len, size_t *total);

#endif
