/* SPDX-License-Identifier: ISC */
/* read_ahead.c - see read_ahead.h. */
#include "config.h"

#include "milter/transport/read_ahead.h"

#include <string.h>

void
read_ahead_init(struct read_ahead *ahead)
{
	ahead->at = ahead->len = 0;
}

bool
read_ahead_has_bytes(const struct read_ahead *ahead)
{
	return ahead->at < ahead->len;
}

/* read(2)'s result: 0 is the end, and no bytes then. */
static ssize_t
fill(struct read_ahead *ahead, read_ahead_fn *from, int fd)
{
	ssize_t n = from(fd, ahead->bytes, sizeof(ahead->bytes));

	ahead->at = 0;
	ahead->len = n > 0 ? (size_t)n : 0;
	return n;
}

ssize_t
read_ahead_read(struct read_ahead *ahead, read_ahead_fn *from, int fd, void *out, size_t len)
{
	size_t left;
	ssize_t n;

	if (!read_ahead_has_bytes(ahead)) {
		if (len >= sizeof(ahead->bytes))
			return from(fd, out, len);
		n = fill(ahead, from, fd);
		if (n <= 0)
			return n;
	}
	left = ahead->len - ahead->at;
	if (len > left)
		len = left;
	memcpy(out, ahead->bytes + ahead->at, len);
	ahead->at += len;
	return (ssize_t)len;
}
