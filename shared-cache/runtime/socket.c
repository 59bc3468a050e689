/* SPDX-License-Identifier: ISC */
/* socket.c - connect(2) and poll(2) with a deadline. Knows no protocol. */
#include "config.h"

#include "shared-cache/runtime/socket.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "shared-cache/base/clock.h"

enum { FLAGS = SOCK_NONBLOCK | SOCK_CLOEXEC };

static int
refuse(int fd, const char *text, char why[STS_SOCKET_WHY_CAP])
{
	snprintf(why, STS_SOCKET_WHY_CAP, "%s", text);
	if (fd >= 0)
		close(fd);
	return -1;
}

static int
refuse_errno(int fd, int error, char why[STS_SOCKET_WHY_CAP])
{
	char text[STS_SOCKET_WHY_CAP];

	return refuse(fd, strerror_r(error, text, sizeof(text)), why);
}

int
sts_socket_wait(int fd, short events, int64_t deadline_ms)
{
	struct pollfd pfd = { .fd = fd, .events = events };
	int rc;

	do {
		int64_t left = deadline_ms - sts_clock_mono_ms();

		if (left <= 0)
			return 0;
		rc = poll(&pfd, 1, left > 60000 ? 60000 : (int)left);
	} while (rc == 0 || (rc < 0 && errno == EINTR));
	return rc < 0 ? -1 : pfd.revents;
}

bool
sts_socket_is_readable(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, 0) != 0;
}

/* Waits for a connect in progress to finish. */
static int
finish_connect(int fd, int64_t deadline_ms, char why[STS_SOCKET_WHY_CAP])
{
	socklen_t len = sizeof(int);
	int error = 0;

	if (sts_socket_wait(fd, POLLOUT, deadline_ms) <= 0)
		return refuse(fd, "no connection in time", why);
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		error = errno;
	return error == 0 ? fd : refuse_errno(fd, error, why);
}

static int
connect_unix(const char *path, char why[STS_SOCKET_WHY_CAP])
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | FLAGS, 0);

	if (fd < 0)
		return refuse_errno(-1, errno, why);
	if (strlen(path) >= sizeof(addr.sun_path))
		return refuse(fd, "the path is too long", why);
	strcpy(addr.sun_path, path);
	/* Never in progress: a full backlog is EAGAIN, and nothing says when it has room again. */
	if (connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) != 0)
		return refuse_errno(fd, errno, why);
	return fd;
}

static int
connect_address(const struct addrinfo *ai, int64_t deadline_ms, char why[STS_SOCKET_WHY_CAP])
{
	int fd = socket(ai->ai_family, SOCK_STREAM | FLAGS, 0), on = 1;

	if (fd < 0)
		return refuse_errno(-1, errno, why);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	if (connect(fd, ai->ai_addr, ai->ai_addrlen) == 0)
		return fd;
	if (errno != EINPROGRESS)
		return refuse_errno(fd, errno, why);
	return finish_connect(fd, deadline_ms, why);
}

static int
connect_tcp(const struct sts_endpoint *endpoint, int64_t deadline_ms, char why[STS_SOCKET_WHY_CAP])
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
	struct addrinfo *found;
	char port[8];
	int rc, fd = -1, left = 0;

	snprintf(port, sizeof(port), "%u", (unsigned)endpoint->port);
	rc = getaddrinfo(endpoint->host, port, &hints, &found);
	if (rc != 0)
		return refuse(-1, gai_strerror(rc), why);
	for (const struct addrinfo *ai = found; ai != NULL; ai = ai->ai_next)
		left++;
	for (const struct addrinfo *ai = found; ai != NULL && fd < 0; ai = ai->ai_next) {
		int64_t now_ms = sts_clock_mono_ms();

		fd = connect_address(ai, now_ms + (deadline_ms - now_ms) / left--, why);
	}
	freeaddrinfo(found);
	return fd;
}

int
sts_socket_connect(const struct sts_endpoint *endpoint, int64_t deadline_ms, char why[STS_SOCKET_WHY_CAP])
{
	switch (endpoint->kind) {
	case STS_ENDPOINT_UNIX:
		return connect_unix(endpoint->host, why);
	case STS_ENDPOINT_TCP:
		return connect_tcp(endpoint, deadline_ms, why);
	case STS_ENDPOINT_NONE:
	case STS_ENDPOINT_SENTINEL:	/* not addresses to connect to: see sentinel.h, cluster.h */
	case STS_ENDPOINT_CLUSTER:
		break;
	}
	return refuse(-1, "there is no server", why);
}
