/* SPDX-License-Identifier: ISC */
/* mtasock.c - connects, buffers, reads and writes. Knows nothing of packets. */
#include "config.h"

#include "tests/bench/mtasock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { UNIX_BUFFER = 4096, TIMEOUT_S = 30 };

bool
mta_sock_fail(struct mta_sock *s, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(s->why, sizeof(s->why), format, ap);
	va_end(ap);
	return false;
}

static bool
parse_inet(const char *text, struct mta_target *out)
{
	struct sockaddr_in *in4 = (struct sockaddr_in *)&out->addr;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&out->addr;
	char *end;
	unsigned long port = strtoul(text, &end, 10);

	if (end == text || *end != '@' || port == 0 || port > 65535)
		return false;
	if (inet_pton(AF_INET, end + 1, &in4->sin_addr) == 1) {
		in4->sin_family = AF_INET;
		in4->sin_port = htons((uint16_t)port);
		out->len = sizeof(*in4);
		return true;
	}
	if (inet_pton(AF_INET6, end + 1, &in6->sin6_addr) == 1) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons((uint16_t)port);
		out->len = sizeof(*in6);
		return true;
	}
	return false;
}

bool
mta_target_parse(const char *text, struct mta_target *out)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&out->addr;

	memset(out, 0, sizeof(*out));
	if (strncmp(text, "inet:", 5) == 0)
		return parse_inet(text + 5, out);
	if (strncmp(text, "unix:", 5) != 0 || strlen(text + 5) >= sizeof(un->sun_path))
		return false;
	un->sun_family = AF_UNIX;
	strcpy(un->sun_path, text + 5);
	out->len = sizeof(*un);
	return true;
}

void
mta_sock_init(struct mta_sock *s)
{
	memset(s, 0, sizeof(*s));
	s->fd = -1;
}

bool
mta_sock_dial(struct mta_sock *s, const struct mta_target *target)
{
	const struct timeval limit = { TIMEOUT_S, 0 };
	size_t cap = UNIX_BUFFER;
	unsigned char *out;

	s->out_len = s->in_pos = s->in_len = 0;
	s->fd = socket(target->addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return mta_sock_fail(s, "socket: %s", strerror(errno));
	setsockopt(s->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(s->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(s->fd, (const struct sockaddr *)&target->addr, target->len) != 0)
		return mta_sock_fail(s, "connect: %s", strerror(errno));
	if (target->addr.ss_family != AF_UNIX) {
		int mss = 0;
		socklen_t len = sizeof(mss);

		if (getsockopt(s->fd, IPPROTO_TCP, TCP_MAXSEG, &mss, &len) == 0 && mss > UNIX_BUFFER / 4)
			cap = (size_t)mss * 4;
	}
	if (cap == s->out_cap)
		return true;
	out = realloc(s->out, cap);
	if (out == NULL)
		return mta_sock_fail(s, "out of memory");
	s->out = out;
	s->out_cap = cap;
	return true;
}

bool
mta_sock_flush(struct mta_sock *s)
{
	size_t done = 0;

	while (done < s->out_len) {
		ssize_t n = send(s->fd, s->out + done, s->out_len - done, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return mta_sock_fail(s, "send: %s", strerror(errno));
		done += (size_t)n;
	}
	s->out_len = 0;
	return true;
}

/* Like a VSTREAM: flushes whenever the buffer is full, in pieces of exactly its size. */
bool
mta_sock_put(struct mta_sock *s, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;

	while (len > 0) {
		size_t room = s->out_cap - s->out_len, n = len < room ? len : room;

		if (n == 0) {
			if (!mta_sock_flush(s))
				return false;
			continue;
		}
		memcpy(s->out + s->out_len, p, n);
		s->out_len += n;
		p += n;
		len -= n;
	}
	return true;
}

bool
mta_sock_get(struct mta_sock *s, void *bytes, size_t len)
{
	unsigned char *p = bytes;

	while (len > 0) {
		size_t n = s->in_len - s->in_pos;

		if (n == 0) {
			ssize_t got = recv(s->fd, s->in, sizeof(s->in), 0);

			if (got < 0 && errno == EINTR)
				continue;
			if (got < 0)
				return mta_sock_fail(s, "recv: %s", strerror(errno));
			if (got == 0)
				return mta_sock_fail(s, "recv: the milter closed the connection");
			s->in_pos = 0;
			s->in_len = (size_t)got;
			continue;
		}
		if (n > len)
			n = len;
		memcpy(p, s->in + s->in_pos, n);
		s->in_pos += n;
		p += n;
		len -= n;
	}
	return true;
}

void
mta_sock_close(struct mta_sock *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

void
mta_sock_fini(struct mta_sock *s)
{
	mta_sock_close(s);
	free(s->out);
	s->out = NULL;
	s->out_cap = 0;
}
