/* SPDX-License-Identifier: ISC */
/* read.h - reads a descriptor to its end, up to a limit. Any thread. */
#ifndef STS_BASE_READ_H
#define STS_BASE_READ_H

#include <stddef.h>
#include <sys/types.h>

/* Reads until the end of the file or until max bytes have been read. Returns the number of bytes; -1 with errno. */
ssize_t sts_read_up_to(int fd, char *buf, size_t max);

#endif
