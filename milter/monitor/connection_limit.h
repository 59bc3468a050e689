/* SPDX-License-Identifier: ISC */
/*
 * connection_limit.h - clients that are there at a time, and which of them has to go when there is one more: the one that came first. So
 * whoever holds on to a connection, by silence or by a byte now and then, keeps nobody out.
 *
 * Knows neither sockets nor HTTP; one thread only.
 */
#ifndef MILTER_MONITOR_CONNECTION_LIMIT_H
#define MILTER_MONITOR_CONNECTION_LIMIT_H

#include <stddef.h>

enum { CONNECTION_LIMIT = 16 };

/* Zeroed: nobody. */
struct connection_limit {
	int fds[CONNECTION_LIMIT];	/* in the order in which they came */
	size_t count;
};

/* The descriptor of the client that has to go, and is forgotten; -1 when there is room for all. */
int connection_limit_add(struct connection_limit *crowd, int fd);
/* The client has gone. One that is not known is fine. */
void connection_limit_remove(struct connection_limit *crowd, int fd);

#endif
