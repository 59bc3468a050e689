/* SPDX-License-Identifier: ISC */
/* local_error.c - classifies errno, and probes for a free descriptor. */
#include "config.h"

#include "shared-cache/runtime/local_error.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

bool
sts_is_local_error(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOBUFS;
}

bool
sts_has_descriptors(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return !sts_is_local_error(errno);
	(void)close(fd);
	return true;
}
