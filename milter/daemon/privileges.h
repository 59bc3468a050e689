/* SPDX-License-Identifier: ISC */
/*
 * privileges.h - looks up the user and group to run as, and switches to them: in two steps, because the socket's owner must be
 * known while we are still root.
 * Before there are threads. Both log errors, and return 0 or an exit code of sysexits.h.
 */
#ifndef MILTER_DAEMON_PRIVILEGES_H
#define MILTER_DAEMON_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>

#include "shared-cache/settings/conf.h"

struct privileges {
	bool drop;		/* we are root, and must switch to another user */
	bool gave_up;		/* root or capabilities: files that we have read may be unreadable from now on */
	const char *user;	/* from the settings; borrowed */
	uid_t uid;		/* the user we run as afterwards, in any case */
	gid_t gid;
};

int privileges_look_up(const struct sts_conf *conf, struct privileges *out);
int privileges_drop(struct privileges *privileges);

#endif
