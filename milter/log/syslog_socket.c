/* SPDX-License-Identifier: ISC */
/* syslog_socket.c - the format of RFC 3164, as the C library writes it, over a unix socket. */
#include "config.h"

#include "milter/log/syslog_socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "shared-cache/base/text.h"

enum { PACKET_CAP = 2048 + 128 };

static bool
connect_as(struct syslog_socket *sock, int type)
{
	const struct timeval wait = { .tv_sec = sock->wait_ms / 1000, .tv_usec = sock->wait_ms % 1000 * 1000 };
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	if (strlen(sock->path) >= sizeof(addr.sun_path))
		return false;
	strcpy(addr.sun_path, sock->path);
	sock->is_stream = type == SOCK_STREAM;
	sock->fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (sock->fd >= 0)	/* zero: no limit */
		(void)setsockopt(sock->fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	if (sock->fd >= 0 && connect(sock->fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0)
		return true;
	syslog_socket_close(sock);
	return false;
}

static bool
is_connected(struct syslog_socket *sock)
{
	return sock->fd >= 0 || connect_as(sock, SOCK_DGRAM) || (errno == EPROTOTYPE && connect_as(sock, SOCK_STREAM));
}

/* With English month names, whatever the locale. */
static size_t
compose(const struct syslog_socket *sock, int priority, int64_t when, const char *text, char packet[PACKET_CAP])
{
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct sts_text out;
	time_t t = (time_t)when;
	struct tm tm;

	sts_text_init(&out, packet, PACKET_CAP);
	if (localtime_r(&t, &tm) == NULL)
		memset(&tm, 0, sizeof(tm));
	sts_text_addf(&out, "<%d>%s %2d %02d:%02d:%02d %s[%ld]: ", LOG_MAIL | priority, months[tm.tm_mon], tm.tm_mday, tm.tm_hour,
	    tm.tm_min, tm.tm_sec, sock->ident, (long)getpid());
	sts_text_add(&out, text);
	return strlen(packet);
}

/* On a stream, a NUL ends each line. */
static bool
send_all(struct syslog_socket *sock, const char *packet, size_t len)
{
	if (sock->is_stream)
		len++;
	while (len > 0) {
		ssize_t n = send(sock->fd, packet, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		packet += n;
		len -= (size_t)n;
	}
	return true;
}

bool
syslog_socket_send(struct syslog_socket *sock, int priority, int64_t when, const char *text)
{
	char packet[PACKET_CAP];
	size_t len = compose(sock, priority, when, text, packet);

	/* A server that was restarted has a new socket: the second attempt connects to it. */
	for (int i = 0; i < 2 && is_connected(sock); i++) {
		if (send_all(sock, packet, len))
			return true;
		syslog_socket_close(sock);
	}
	return false;
}

void
syslog_socket_close(struct syslog_socket *sock)
{
	int saved = errno;

	if (sock->fd >= 0)
		close(sock->fd);
	sock->fd = -1;
	errno = saved;
}
