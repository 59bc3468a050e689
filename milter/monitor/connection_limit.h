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

enum { METRICS_CROWD_MAX = 16 };

/* Zeroed: nobody. */
struct metrics_crowd {
	int fds[METRICS_CROWD_MAX];	/* in the order in which they came */
	size_t count;
};

/* The descriptor of the client that has to go, and is forgotten; -1 when there is room for all. */
int metrics_crowd_join(struct metrics_crowd *crowd, int fd);
/* The client has gone. One that is not known is fine. */
void metrics_crowd_leave(struct metrics_crowd *crowd, int fd);

#endif
