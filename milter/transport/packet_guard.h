/* SPDX-License-Identifier: ISC */
/*
 * packet_guard.h - looks for the one packet that ends libmilter (8.17, 8.18): a list of macros in which a name has no value. It makes an
 * array of such a list, steps through it by twos, and past its end when it has an odd number of strings.
 *
 * Packets are 4 bytes with the length of what follows, a byte that names the command, and its data (of SMFIC_MACRO: a byte for the stage,
 * and strings that each end with NUL). Pure. One connection belongs to one thread at a time, as libmilter has it.
 */
#ifndef MILTER_TRANSPORT_PACKET_GUARD_H
#define MILTER_TRANSPORT_PACKET_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PACKET_GUARD_HEADER = 5 };

/* All zero: nothing has come yet. */
struct packet_guard {
	unsigned char header[PACKET_GUARD_HEADER];
	unsigned header_len;
	uint32_t left;			/* bytes of the packet's data */
	bool is_list;			/* of macros */
	bool odd;			/* strings so far */
	bool refused;
};

/* The next bytes of a connection. False: they end such a packet; so it is from then on. */
bool packet_guard_passes(struct packet_guard *guard, const void *bytes, size_t len);

#endif
