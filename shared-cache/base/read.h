/* SPDX-License-Identifier: ISC */
/* read.h - a descriptor read to its end, within a bound. Any thread. */
#ifndef STS_BASE_READ_H
#define STS_BASE_READ_H

#include <stddef.h>
#include <sys/types.h>

/* Reads until the end of the file or until max bytes are there; how many there are. -1 with errno. */
ssize_t sts_read_up_to(int fd, char *buf, size_t max);

#endif
