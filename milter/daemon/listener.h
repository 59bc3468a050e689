/* SPDX-License-Identifier: ISC */
/*
 * listener.h - the listening socket: libmilter opens it; we set its mode, owner and options.
 * Leader thread only.
 */
#ifndef MILTER_DAEMON_LISTENER_H
#define MILTER_DAEMON_LISTENER_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "milter/daemon/privileges.h"
#include "milter/service/service.h"
#include "shared-cache/settings/conf.h"

struct listener {
	struct sockaddr_storage addr;	/* its address */
	socklen_t addr_len;
	char path[108];			/* of a unix socket, else "" */
	int fd;				/* libmilter's: do not close */
	bool is_filtered;		/* by trusted_mtas */
	dev_t device;			/* to recognise the file */
	ino_t inode;
};

/* Opens milter_socket. A unix socket that nobody listens on is removed; one in use is left alone. Logs errors. Returns 0 or an
 * exit code of sysexits.h. Call before privileges are dropped. */
int listener_open(struct service *service, const struct sts_conf *conf, const struct privileges *owner, struct listener *out);

/* Whether a descriptor is a connection that was accepted on this socket. */
bool listener_has_accepted(const struct listener *listener, int fd);

/* Call once, when libmilter is to stop. Where trusted_mtas excludes ourselves, listener_wake cannot connect; then this makes the
 * socket stop listening, which libmilter notices at once, logs, and recovers from after a second. */
void listener_shut(const struct listener *listener);

/* Connects and closes: libmilter checks whether to stop when a client connects, and otherwise every 5 seconds. */
void listener_wake(const struct listener *listener);

/* Removes a unix socket if it is still ours, and if we may. */
void listener_remove(const struct listener *listener);

#endif
