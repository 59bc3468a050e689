/* SPDX-License-Identifier: ISC */
/*
 * mtasock.h - a connection to a milter, buffered like a Postfix VSTREAM: output collects in 4096 bytes on a unix socket, in
 * four times the MSS on TCP (vstream_tweak_tcp), and is sent when the buffer is full, before a read, or on demand.
 * Blocking, with a time limit for every call. Belongs to one thread. Knows nothing of what the bytes mean.
 */
#ifndef MTASOCK_H
#define MTASOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct mta_target {
	struct sockaddr_storage addr;
	socklen_t len;
};
/* "unix:PATH" or "inet:PORT@ADDRESS" with a numeric address. */
bool mta_target_parse(const char *text, struct mta_target *out);

enum { MTA_WHY_CAP = 200 };

struct mta_sock {
	int fd;				/* -1: closed */
	unsigned char *out;
	size_t out_len, out_cap;
	unsigned char in[4096];
	size_t in_pos, in_len;
	char why[MTA_WHY_CAP];		/* of the last failure */
};

/* All that return bool: false after a failure, with s->why; then only mta_sock_close is allowed. */
void mta_sock_init(struct mta_sock *s);
bool mta_sock_dial(struct mta_sock *s, const struct mta_target *target);
bool mta_sock_put(struct mta_sock *s, const void *bytes, size_t len);
bool mta_sock_get(struct mta_sock *s, void *bytes, size_t len);
bool mta_sock_flush(struct mta_sock *s);
void mta_sock_close(struct mta_sock *s);	/* it may be connected again */
void mta_sock_fini(struct mta_sock *s);

/* Records why, and returns false. */
bool mta_sock_fail(struct mta_sock *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
