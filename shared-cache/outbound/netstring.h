/* SPDX-License-Identifier: ISC */
/*
 * netstring.h - "LENGTH:BYTES," as Postfix's socketmap speaks it (netstrings, and socketmap_table(5)).
 *
 * Reads from whatever part of a stream has come in so far; remembers nothing. Pure. Any thread.
 */
#ifndef STS_OUTBOUND_NETSTRING_H
#define STS_OUTBOUND_NETSTRING_H

#include <stddef.h>

enum {
	STS_NETSTRING_SKIP_MAX = 1000000,	/* a longer one is no netstring to us */
	STS_NETSTRING_HEAD = 8,			/* bytes that a length of up to 7 digits and its colon take */
};

enum sts_netstring_state {
	STS_NETSTRING_MORE,	/* goes on beyond what is there */
	STS_NETSTRING_WHOLE,	/* data, len; used: bytes up to and with the comma */
	STS_NETSTRING_LONG,	/* longer than max: nobody need keep it; used: bytes to be skipped, comma included */
	STS_NETSTRING_BAD,	/* not a netstring: there is no way to find the next one */
};

struct sts_netstring {
	const char *data;	/* points into buf */
	size_t len;
	size_t used;
};

/* Reads the netstring that begins at buf, of which have bytes are there. max: longest data that is wanted. A length has no
 * leading zeros. */
enum sts_netstring_state sts_netstring_read(const char *buf, size_t have, size_t max, struct sts_netstring *out);

/* Makes a netstring of the len bytes at storage + STS_NETSTRING_HEAD, in place: the length goes before them, a comma
 * behind (storage holds STS_NETSTRING_HEAD + len + 1 bytes at least). Returns where it begins; *total: its bytes. */
const char *sts_netstring_frame(char *storage, size_t len, size_t *total);

#endif
