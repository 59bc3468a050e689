/* SPDX-License-Identifier: ISC */
/*
 * syslog_socket.h - the system log's socket, and the format of its lines.
 *
 * syslog(3) would do the same, but does not report lost lines; and it is replaced by ours (syslog_override.h).
 * One thread at a time.
 */
#ifndef MILTER_LOG_SYSLOG_SOCKET_H
#define MILTER_LOG_SYSLOG_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Connects when it is first used, and again when the server was restarted. */
struct syslog_socket {
	const char *path;		/* borrowed */
	const char *ident;		/* the program's name; borrowed */
	int fd;				/* -1: not connected */
	bool is_stream;			/* some servers do not accept datagrams */
	int wait_ms;			/* for a slow server; 0: no limit. Applies to new connections */
};

/* Sends a line with the facility mail. priority: 0 to 7; when: seconds since the epoch (shown in local time, as syslog(3) does).
 * False: the line is lost. */
bool syslog_socket_send(struct syslog_socket *sock, int priority, int64_t when, const char *text);

void syslog_socket_close(struct syslog_socket *sock);

#endif
