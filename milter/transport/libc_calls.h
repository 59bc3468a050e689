/* SPDX-License-Identifier: ISC */
/*
 * libc_calls.h - read(2), poll(2), accept(2) and close(2) as this program's libraries see them, of which libmilter is one.
 *
 * A program's own functions come before those of the C library, also for the libraries that it is linked with. These here do what the
 * C library's do, and pass everything on to it, except for connections that accept(2) has made: a packet that libmilter cannot bear ends
 * them (packet_guard.h), and they are read ahead (read_ahead.h) if that is wanted. In this program libmilter alone calls accept(2); all
 * others call accept4(2), and so are left alone, as is every descriptor that is no MTA's.
 */
#ifndef MILTER_TRANSPORT_LIBC_CALLS_H
#define MILTER_TRANSPORT_LIBC_CALLS_H

#include <stdbool.h>

/* Whether connections that are accepted from now on are read ahead; at first they are not. Any thread. */
void libc_calls_read_ahead(bool wanted);

/* Called once for each connection that is ended for one of its packets, by the thread that reads from it, while fd is still open. Set it
 * before libmilter starts. */
typedef void libc_calls_refused_fn(void *self, int fd);
void libc_calls_on_refusal(libc_calls_refused_fn *refused, void *self);

#endif
