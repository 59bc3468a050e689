/* SPDX-License-Identifier: ISC */
/* fetch_socket.h - messages, with or without a descriptor, over a SOCK_SEQPACKET pair. Knows nothing of their contents. Any
 * thread. */
#ifndef STS_FETCHER_FETCH_SOCKET_H
#define STS_FETCHER_FETCH_SOCKET_H

#include <stdbool.h>
#include <stddef.h>

/* 0, or an errno. passed: a descriptor to send along, which the caller keeps; -1: none. */
int sts_fetch_send(int fd, const void *message, size_t len, int passed, bool wait);

enum sts_fetch_received {
	STS_FETCH_GOT,
	STS_FETCH_GOT_TOO_MUCH,		/* longer than cap, or with more descriptors than asked for; discarded */
	STS_FETCH_GOT_NOTHING,		/* nothing has come yet */
	STS_FETCH_GOT_END,		/* the other side has closed, or the socket is broken */
};

/* passed: where a descriptor goes, -1 if none came; NULL: none may come. Unexpected descriptors are closed. */
enum sts_fetch_received sts_fetch_receive(int fd, void *message, size_t cap, size_t *len, int *passed, bool wait);

#endif
