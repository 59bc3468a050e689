/* SPDX-License-Identifier: ISC */
/*
 * packet_guard.h - inspects what an MTA sends before libmilter gets it, and stops a packet that would crash libmilter.
 *
 * That is a list of macros (SMFIC_MACRO) in which a name has no value. smfi_getsymval(3) of libmilter 8.17 and 8.18 steps through
 * the list two strings at a time, and past its end if their number is odd. No MTA sends such a list, but anyone who can open the
 * socket could end the process with it.
 *
 * Pure. A connection belongs to one thread at a time. Allocates nothing.
 */
#ifndef MILTER_TRANSPORT_PACKET_GUARD_H
#define MILTER_TRANSPORT_PACKET_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PACKET_GUARD_HEAD = 5 };		/* length (four bytes in network order, which counts the command) and command */

/* Zeroed: nothing has come yet. */
struct packet_guard {
	unsigned char head[PACKET_GUARD_HEAD];
	unsigned char head_len;
	bool refuses;			/* such a packet has come */
	bool is_odd;			/* the number of strings in this list of macros, so far */
	uint32_t data_at, data_len;	/* of the packet's data, which follow the head */
};

/*
 * Takes the next len bytes of the connection; packets may come in any pieces. False: they complete a packet that libmilter must not
 * see. Then none of these bytes, nor any later ones, may be passed on, and the result stays false.
 */
bool packet_guard_pass(struct packet_guard *guard, const void *bytes, size_t len);

#endif
