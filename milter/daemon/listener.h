/* SPDX-License-Identifier: ISC */
/*
 * listener.h - the listening socket: opened by libmilter, made ours by its mode, owner and options.
 * Leader thread only.
 */
#ifndef MILTER_DOOR_H
#define MILTER_DOOR_H

#include <sys/socket.h>
#include <sys/types.h>

#include "milter/daemon/privileges.h"
#include "milter/service/service.h"
#include "shared-cache/settings/conf.h"

struct door {
	struct sockaddr_storage addr;	/* where it listens */
	socklen_t addr_len;
	char path[108];			/* of a unix socket, else "" */
	dev_t device;			/* to know it again */
	ino_t inode;
};

/* Opens as milter_socket says. A unix socket that nobody listens on is removed; one that is in use is left alone. Logs what
 * is wrong; 0 or an exit code of sysexits.h. While we are still root, if we are. */
int door_open(struct service *service, const struct sts_conf *conf, const struct privileges *owner, struct door *out);

/* Connects and leaves: libmilter looks whether it is to stop when somebody comes, and else every 5 seconds. */
void door_knock(const struct door *door);

/* Removes a unix socket, if ours is still there and we may. */
void door_remove(const struct door *door);

#endif
