/* SPDX-License-Identifier: ISC */
/*
 * listener.h - the listening socket: opened by libmilter, made ours by its mode, owner and options.
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
	struct sockaddr_storage addr;	/* where it listens */
	socklen_t addr_len;
	char path[108];			/* of a unix socket, else "" */
	int fd;				/* libmilter's: not to be closed */
	bool is_filtered;		/* by trusted_mtas */
	dev_t device;			/* to know it again */
	ino_t inode;
};

/* Opens as milter_socket says. A unix socket that nobody listens on is removed; one that is in use is left alone. Logs what
 * is wrong; 0 or an exit code of sysexits.h. While we are still root, if we are. */
int listener_open(struct service *service, const struct sts_conf *conf, const struct privileges *owner, struct listener *out);

/* Whether a descriptor is a connection that was accepted here. */
bool listener_has_accepted(const struct listener *listener, int fd);

/* When libmilter is to stop. Where trusted_mtas keep us out, too, there is no knocking: the socket stops listening, which libmilter notices
 * at once, says in its log, and takes a second to get over. Once. */
void listener_shut(const struct listener *listener);

/* Connects and leaves: libmilter looks whether it is to stop when somebody comes, and else every 5 seconds. */
void listener_wake(const struct listener *listener);

/* Removes a unix socket, if ours is still there and we may. */
void listener_remove(const struct listener *listener);

#endif
