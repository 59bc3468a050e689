/* SPDX-License-Identifier: ISC */
/* connection_limit.c - a short queue. */
#include "config.h"

#include "milter/monitor/connection_limit.h"

#include <string.h>

static void
drop(struct connection_limit *crowd, size_t at)
{
	memmove(crowd->fds + at, crowd->fds + at + 1, (--crowd->count - at) * sizeof(crowd->fds[0]));
}

int
connection_limit_add(struct connection_limit *crowd, int fd)
{
	int first = -1;

	if (crowd->count == CONNECTION_LIMIT) {
		first = crowd->fds[0];
		drop(crowd, 0);
	}
	crowd->fds[crowd->count++] = fd;
	return first;
}

void
connection_limit_remove(struct connection_limit *crowd, int fd)
{
	size_t at = 0;

	while (at < crowd->count && crowd->fds[at] != fd)
		at++;
	if (at < crowd->count)
		drop(crowd, at);
}
