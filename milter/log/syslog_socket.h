/* SPDX-License-Identifier: ISC */
/*
 * syslog_socket.h - the system log's socket, and the form of a line on it.
 *
 * syslog(3) would do the same, but does not say that a line was lost, and is this program's own (syslog_override.h).
 * One thread at a time.
 */
#ifndef MILTER_LOG_SYSLOG_SOCKET_H
#define MILTER_LOG_SYSLOG_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where it is. Connected when it is first needed, and again when the server has been restarted. */
struct syslog_socket {
	const char *path;		/* borrowed */
	const char *ident;		/* the program's name; borrowed */
	int fd;				/* -1: not connected */
	bool is_stream;			/* some servers have no datagrams */
	int wait_ms;			/* for a server that is behind; 0: as long as it takes. Of connections to come */
};

/* A line of the facility mail: priority 0 to 7, when in seconds since the epoch (it is shown in local time, as syslog(3) does).
 * False: it is lost. */
bool syslog_socket_send(struct syslog_socket *sock, int priority, int64_t when, const char *text);

void syslog_socket_close(struct syslog_socket *sock);

#endif
