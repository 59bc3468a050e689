/* SPDX-License-Identifier: ISC */
/*
 * read_ahead.h - what an MTA sends is taken from its connection a few kilobytes at a time, and handed out from memory.
 *
 * libmilter asks poll(2) twice and read(2) twice for each packet, and then poll(2) once more, and Postfix sends two packets a header field.
 * All of these it writes in one piece. Nine tenths of what the least of all milters costs is this. libmilter has no place where its
 * reading could be replaced, so it is done where it asks: transport/libc_calls.c.
 * Pure but for the read that is handed in. One connection belongs to one thread at a time, as libmilter has it.
 */
#ifndef MILTER_TRANSPORT_READ_AHEAD_H
#define MILTER_TRANSPORT_READ_AHEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { READ_AHEAD_CAP = 4096 };		/* Postfix' own buffer, which is written when it is full */

struct read_ahead {
	size_t at, len;			/* what is left is from at to len */
	char *bytes;			/* READ_AHEAD_CAP of them, as long as something is left; else NULL */
};

/* Nothing is there yet. */
void read_ahead_init(struct read_ahead *ahead);
/* Whatever is left goes. */
void read_ahead_fini(struct read_ahead *ahead);

/* Whether the next read needs no call of the system. */
bool read_ahead_has_bytes(const struct read_ahead *ahead);

/* read(2), with its results and errno. from: the real one. Without memory nothing is read ahead. */
typedef ssize_t read_ahead_fn(int fd, void *out, size_t len);
ssize_t read_ahead_read(struct read_ahead *ahead, read_ahead_fn *from, int fd, void *out, size_t len);

#endif
