/* SPDX-License-Identifier: ISC */
/* fetch_socket.h - messages with or without a descriptor over a SOCK_SEQPACKET pair. Knows nothing of what they say. Any thread. */
#ifndef STS_FETCHER_FETCH_SOCKET_H
#define STS_FETCHER_FETCH_SOCKET_H

#include <stdbool.h>
#include <stddef.h>

/* 0, or an errno. passed: a descriptor to send along, which stays the caller's; -1: none. */
int sts_fetch_send(int fd, const void *message, size_t len, int passed, bool wait);

enum sts_fetch_received {
	STS_FETCH_GOT,
	STS_FETCH_GOT_TOO_MUCH,		/* a message longer than cap, or with more descriptors than asked for; all of it thrown away */
	STS_FETCH_GOT_NOTHING,		/* yet */
	STS_FETCH_GOT_END,		/* the other side has gone, or the socket is broken */
};

/* passed: NULL, and no descriptor may come; or where it goes, -1 when none came. Whatever comes unasked is closed. */
enum sts_fetch_received sts_fetch_receive(int fd, void *message, size_t cap, size_t *len, int *passed, bool wait);

#endif
