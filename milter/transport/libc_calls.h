/* SPDX-License-Identifier: ISC */
/*
 * libc_calls.h - replaces read(2), poll(2), accept(2) and close(2) for the libraries of this program, that is, for libmilter.
 *
 * A program's own functions take precedence over the C library's, also for the libraries it is linked with. These pass everything
 * on to the C library, except for connections made by accept(2), which they read ahead (read_ahead.h). In this program only
 * libmilter calls accept(2); all others call accept4(2), so they are not affected, nor is any descriptor that is not an MTA's.
 * Builds with a sanitizer, which replaces these functions itself, do not read ahead.
 */
#ifndef MILTER_TRANSPORT_LIBC_CALLS_H
#define MILTER_TRANSPORT_LIBC_CALLS_H

#include <stdbool.h>

/* Whether to read ahead on connections that are accepted from now on; initially off. Returns whether this build can. Any thread. */
bool libc_calls_read_ahead(bool wanted);

#endif
