/* SPDX-License-Identifier: ISC */
/*
 * mlfi.h - the interface to libmilter, by the only module that includes <libmilter/mfapi.h>.
 *
 * libmilter allows one filter a process, and passes its callbacks no argument of ours, so the service is kept in a variable here.
 */
#ifndef MILTER_SESSION_MLFI_H
#define MILTER_SESSION_MLFI_H

#include <stdbool.h>

#include "milter/service/service.h"
#include "shared-cache/base/status.h"

/* Registers the callbacks and opens the listening socket. address is in libmilter's form ("unix:PATH", "inet:PORT@HOST").
 * STS_ESYS: libmilter refuses, and has logged why. The caller sets the socket's mode, owner and options before mlfi_run. A stale
 * unix socket is removed. */
enum sts_status mlfi_open(struct service *service, const char *address);

/* Serves until mlfi_stop, or until SIGTERM, SIGINT or SIGHUP, which libmilter handles unless they are blocked. STS_OK after an
 * orderly end. Stopping takes up to 5 seconds. */
enum sts_status mlfi_run(void);

/* Asks mlfi_run to end. Any thread. */
void mlfi_stop(void);

#endif
