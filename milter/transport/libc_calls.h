/* SPDX-License-Identifier: ISC */
/*
 * libc_calls.h - read(2), poll(2), accept(2) and close(2) as this program's libraries see them, of which libmilter is one.
 *
 * A program's own functions come before those of the C library, also for the libraries that it is linked with. These here do what the
 * C library's do, and pass everything on to it, but for connections that accept(2) has made: from those they read ahead (read_ahead.h),
 * and give libmilter nothing of a packet that would end it (packet_guard.h): read(2) fails with EPROTO instead.
 * In this program libmilter alone calls accept(2); all others call accept4(2), and so are left alone, as is every descriptor that is no
 * MTA's. Builds with ThreadSanitizer, which must see the calls of the C library itself, do none of this.
 */
#ifndef MILTER_TRANSPORT_LIBC_CALLS_H
#define MILTER_TRANSPORT_LIBC_CALLS_H

#include <stdbool.h>

/* Whether connections that are accepted from now on are read ahead; at first they are not. Returns whether this build can. Any thread. */
bool libc_calls_read_ahead(bool wanted);

#endif
