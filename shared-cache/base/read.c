/* SPDX-License-Identifier: ISC */
/* read.c - continues after signals and short reads. */
#include "config.h"

#include "shared-cache/base/read.h"

#include <errno.h>
#include <unistd.h>

ssize_t
sts_read_up_to(int fd, char *buf, size_t max)
{
	size_t have = 0;

	while (have < max) {
		ssize_t n = read(fd, buf + have, max - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}
