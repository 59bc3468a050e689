/* SPDX-License-Identifier: ISC */
/* fetch_logs.h - access logs, plain or compressed, fed to fetch_clients.h line by line; and which addresses are this machine's. */
#ifndef STSCTL_FETCHES_FETCH_LOGS_H
#define STSCTL_FETCHES_FETCH_LOGS_H

#include <stdbool.h>
#include <stddef.h>

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

/* This machine's addresses, and a list of networks (NULL for none). */
struct own_addrs;
enum sts_status own_addrs_new(const char *networks, struct own_addrs **out, struct sts_diag *diag);
void own_addrs_free(struct own_addrs **own);
/* arg: a struct own_addrs. */
bool own_addrs_has(void *arg, const struct sts_ipaddr *addr);

#endif
