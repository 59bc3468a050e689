/* SPDX-License-Identifier: ISC */
/*
 * libc_calls.h - replaces read(2), poll(2), accept(2) and close(2) for the libraries of this program, that is, for libmilter.
 *
 * A program's own functions take precedence over the C library's, also for the libraries it is linked with. These pass everything
 * on to the C library, except for connections made by accept(2): a packet that would crash libmilter ends them (packet_guard.h), and
 * they are read ahead (read_ahead.h) if that is wanted. In this program only libmilter calls accept(2); all others call accept4(2), so
 * they are not affected, nor is any descriptor that is not an MTA's.
 */
#ifndef MILTER_TRANSPORT_LIBC_CALLS_H
#define MILTER_TRANSPORT_LIBC_CALLS_H

#include <stdbool.h>

/* Whether to read ahead on connections that are accepted from now on; initially off. Any thread. */
void libc_calls_read_ahead(bool wanted);

/* Called once for each connection that is ended for one of its packets, by the thread that reads from it, while fd is still open. Set it
 * before libmilter starts. */
typedef void libc_calls_refused_fn(void *self, int fd);
void libc_calls_on_refusal(libc_calls_refused_fn *refused, void *self);

#endif
