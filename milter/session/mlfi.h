/* SPDX-License-Identifier: ISC */
/*
 * mlfi.h - the door to libmilter: the one module that knows <libmilter/mfapi.h>.
 *
 * libmilter has one filter a process and gives its callbacks no argument of ours, so the service is remembered here.
 */
#ifndef MILTER_SESSION_MLFI_H
#define MILTER_SESSION_MLFI_H

#include <stdbool.h>

#include "milter/service/service.h"
#include "shared-cache/base/status.h"

/* Registers the callbacks and opens the listening socket, whose address is in libmilter's form ("unix:PATH",
 * "inet:PORT@HOST"). STS_ESYS when libmilter refuses; it logs why to syslog. The socket's mode, owner and options are the
 * caller's to set before mlfi_run. A stale UNIX socket is removed. */
enum sts_status mlfi_open(struct service *service, const char *address);

/* Serves until mlfi_stop or SIGTERM, SIGINT, SIGHUP (libmilter's own handling, unless they are blocked). STS_OK after an
 * orderly end. Up to 5 seconds pass between request and end. */
enum sts_status mlfi_run(void);

/* Asks mlfi_run to end. Any thread. */
void mlfi_stop(void);

#endif
