/* SPDX-License-Identifier: ISC */
/* connection_limit.c - a short queue. */
#include "config.h"

#include "milter/monitor/connection_limit.h"

#include <string.h>

static void
drop(struct connection_limit *limit, size_t at)
{
	memmove(limit->fds + at, limit->fds + at + 1, (--limit->count - at) * sizeof(limit->fds[0]));
}

int
connection_limit_add(struct connection_limit *limit, int fd)
{
	int first = -1;

	if (limit->count == CONNECTION_LIMIT) {
		first = limit->fds[0];
		drop(limit, 0);
	}
	limit->fds[limit->count++] = fd;
	return first;
}

void
connection_limit_remove(struct connection_limit *limit, int fd)
{
	size_t at = 0;

	while (at < limit->count && limit->fds[at] != fd)
		at++;
	if (at < limit->count)
		drop(limit, at);
}
