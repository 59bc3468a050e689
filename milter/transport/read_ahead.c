/* SPDX-License-Identifier: ISC */
/* read_ahead.c - see read_ahead.h. */
#include "config.h"

#include "milter/transport/read_ahead.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void
read_ahead_init(struct read_ahead *ahead)
{
	ahead->at = ahead->len = 0;
	ahead->bytes = NULL;
}

/* So an idle session takes no memory here. */
void
read_ahead_fini(struct read_ahead *ahead)
{
	free(ahead->bytes);
	read_ahead_init(ahead);
}

bool
read_ahead_has_bytes(const struct read_ahead *ahead)
{
	return ahead->at < ahead->len;
}

/* As read(2): 0 at the end of the stream, and then the buffer is empty. */
static ssize_t
fill(struct read_ahead *ahead, read_ahead_fn *from, int fd)
{
	ssize_t n = from(fd, ahead->bytes, READ_AHEAD_CAP);
	int why = errno;

	if (n > 0) {
		ahead->len = (size_t)n;
		return n;
	}
	read_ahead_fini(ahead);
	errno = why;
	return n;
}

ssize_t
read_ahead_read(struct read_ahead *ahead, read_ahead_fn *from, int fd, void *out, size_t len)
{
	size_t left;
	ssize_t n;

	if (!read_ahead_has_bytes(ahead)) {
		if (len >= READ_AHEAD_CAP || (ahead->bytes = malloc(READ_AHEAD_CAP)) == NULL)
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
	if (ahead->at == ahead->len)
		read_ahead_fini(ahead);
	return (ssize_t)len;
}
