/* SPDX-License-Identifier: ISC */
/* fetch_logs.h - access logs, plain or compressed, fed to fetch_clients.h line by line. */
#ifndef STSCTL_FETCHES_FETCH_LOGS_H
#define STSCTL_FETCHES_FETCH_LOGS_H

#include "shared-cache/base/status.h"
#include "stsctl/fetches/fetch_clients.h"

enum { FETCH_LOGS_LINE_MAX = 16384, FETCH_LOGS_WHY_CAP = 320 };

/* The logs that the virtual hosts of stsctl publish write where Debian's web servers have theirs, those rotated too. NULL when
 * memory ran out; ends with NULL. Free by fetch_logs_free. */
char **fetch_logs_found(void);
void fetch_logs_free(char **list);

/* Feeds the file at path, which gzip may have compressed. Of a longer line than FETCH_LOGS_LINE_MAX nothing is read. why is set for
 * STS_ESYS. */
enum sts_status fetch_logs_read(const char *path, struct fetch_clients *to, char why[FETCH_LOGS_WHY_CAP]);

#endif
