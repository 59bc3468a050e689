/* SPDX-License-Identifier: ISC */
/* daemon.h - runs the daemon, from settings to exit code. */
#ifndef MILTER_DAEMON_DAEMON_H
#define MILTER_DAEMON_DAEMON_H

#include "milter/daemon/reload.h"
#include "shared-cache/settings/conf.h"

/* Serves until a signal ends it. Takes over the reference to conf, which was read from source. The log must be open. Returns an
 * exit code of sysexits.h. */
int daemon_run(struct sts_conf *conf, const struct settings_source *source);

#endif
