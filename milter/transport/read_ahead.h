/* SPDX-License-Identifier: ISC */
/*
 * read_ahead.h - reads an MTA's connection a few kilobytes at a time, and serves libmilter from memory.
 *
 * For each packet, libmilter calls poll(2) twice and read(2) twice, and then poll(2) once more; and Postfix sends two packets for
 * each header field, though all in one write. That is nine tenths of the cost of a minimal milter. libmilter has no hook for
 * replacing its reads, so they are intercepted: transport/libc_calls.c.
 * Pure, except for the read function that is passed in. A connection belongs to one thread at a time, as in libmilter.
 */
#ifndef MILTER_TRANSPORT_READ_AHEAD_H
#define MILTER_TRANSPORT_READ_AHEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { READ_AHEAD_CAP = 4096 };		/* Postfix's buffer, which it writes when it is full */

struct read_ahead {
	size_t at, len;			/* unread bytes are those from at to len */
	char *bytes;			/* READ_AHEAD_CAP bytes while something is unread; else NULL */
};

/* Empty. */
void read_ahead_init(struct read_ahead *ahead);
/* Unread bytes are lost. */
void read_ahead_fini(struct read_ahead *ahead);

/* Whether the next read needs no system call. */
bool read_ahead_has_bytes(const struct read_ahead *ahead);

/* As read(2), with its results and errno. from: the real read. Without memory, reads without a buffer. */
typedef ssize_t read_ahead_fn(int fd, void *out, size_t len);
ssize_t read_ahead_read(struct read_ahead *ahead, read_ahead_fn *from, int fd, void *out, size_t len);

#endif
