/* SPDX-License-Identifier: ISC */
/*
 * privileges.h - who the daemon is to be, and becoming it. Two steps, because the socket's owner must be known while we are
 * still root.
 * Before there are threads. Each logs what is wrong, and returns 0 or an exit code of sysexits.h.
 */
#ifndef MILTER_DAEMON_PRIVILEGES_H
#define MILTER_DAEMON_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>

#include "shared-cache/settings/conf.h"

struct privileges {
	bool drop;		/* we are root and are to become somebody */
	bool gave_up;		/* root or capabilities: we may no longer read what we have read */
	const char *user;	/* of the settings; borrowed */
	uid_t uid;		/* who we are after that, in any case */
	gid_t gid;
};

int privileges_look_up(const struct sts_conf *conf, struct privileges *out);
int privileges_drop(struct privileges *privileges);

#endif
