/* SPDX-License-Identifier: ISC */
/* fetch_logs.h - reads access logs, plain or gzip, line by line into fetch_clients.h. One thread. */
#ifndef STSCTL_FETCHES_FETCH_LOGS_H
#define STSCTL_FETCHES_FETCH_LOGS_H

#include "shared-cache/base/status.h"
#include "stsctl/fetches/fetch_clients.h"

enum { FETCH_LOGS_LINE_MAX = 16384, FETCH_LOGS_WHY_CAP = 320 };

/* Finds the logs, rotated ones too, that the virtual hosts written by stsctl publish use, in Debian's directories. The list ends with
 * NULL; free it by fetch_logs_free. NULL: no memory. */
char **fetch_logs_found(void);
void fetch_logs_free(char **list);

/* Adds the lines of a file, which may be compressed by gzip. Lines longer than FETCH_LOGS_LINE_MAX count as unreadable. STS_ESYS: why
 * says more. */
enum sts_status fetch_logs_read(const char *path, struct fetch_clients *to, char why[FETCH_LOGS_WHY_CAP]);

#endif
