/* SPDX-License-Identifier: ISC */
/*
 * connection_limit.h - limits the number of clients: when one more comes, the oldest must go. So whoever holds a connection open,
 * silently or with a byte now and then, locks nobody out.
 *
 * Knows neither sockets nor HTTP; one thread only.
 */
#ifndef MILTER_MONITOR_CONNECTION_LIMIT_H
#define MILTER_MONITOR_CONNECTION_LIMIT_H

#include <stddef.h>

enum { CONNECTION_LIMIT = 16 };

/* Zeroed: no clients. */
struct connection_limit {
	int fds[CONNECTION_LIMIT];	/* oldest first */
	size_t count;
};

/* Adds a client. Returns the descriptor of the client to close, which is forgotten; -1: there is room for all. */
int connection_limit_add(struct connection_limit *limit, int fd);
/* Removes a client that has gone. Unknown ones are ignored. */
void connection_limit_remove(struct connection_limit *limit, int fd);

#endif
