/* SPDX-License-Identifier: ISC */
/*
 * components.h - the parts of the service: the fetch process, the policy cache, the writer of counters, the Public Suffix List.
 * Creates them from the settings, and takes them apart in order.
 * Leader thread only.
 */
#ifndef MILTER_DAEMON_COMPONENTS_H
#define MILTER_DAEMON_COMPONENTS_H

#include <limits.h>
#include <stdbool.h>

#include "milter/service/service.h"
#include "shared-cache/base/status.h"
#include "shared-cache/fetcher/fetcher.h"
#include "shared-cache/settings/conf.h"

/* mta-sts-fetcher. Opened before privileges are dropped: only root may be able to reach it, for example in a build tree below
 * /root. */
struct fetcher_program {
	int fd;				/* O_PATH; -1: cannot be run, see error */
	int error;
	char path[PATH_MAX];
};
/* Never fails. Opens nothing if the settings want no fetch process. */
void fetcher_find(const struct sts_conf *conf, struct fetcher_program *out);
/* Starts the fetch process. *out is NULL if the settings want none, or if the program is missing, which is logged. Closes
 * program->fd. */
enum sts_status fetcher_start(const struct sts_conf *conf, struct fetcher_program *program, struct sts_fetcher **out);

/* Starts the threads, after privileges were dropped. Unless it returns STS_OK, nothing is left running. */
enum sts_status components_start(struct service *service, struct fetcher_program *program);

/* Call when libmilter has ended, or fails to end. Lets callbacks in progress finish, without waiting for policies; then writes
 * the counters, if the store accepts them, even if callbacks hang; at last gives answers that are being sent some time. Takes
 * about 9 seconds at most. True: no thread runs our code any more. Otherwise whatever such a thread may use still exists, and
 * the process must exit without returning from main. */
bool components_stop(struct service *service);

#endif
