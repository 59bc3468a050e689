/* SPDX-License-Identifier: ISC */
/* daemon.h - the life of the daemon, from settings to exit code. */
#ifndef MILTER_DAEMON_DAEMON_H
#define MILTER_DAEMON_DAEMON_H

#include "milter/daemon/reload.h"
#include "shared-cache/settings/conf.h"

/* Serves until a signal ends it. Takes over the reference to conf, which came from source. The log is open. Returns an exit
 * code of sysexits.h. */
int daemon_run(struct sts_conf *conf, const struct settings_source *source);

#endif
