/* SPDX-License-Identifier: ISC */
/*
 * components.h - what the service is made of: the fetch process, the policy cache, the writer of counters, the Public Suffix List; made of the
 * settings, and taken apart in order.
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

/* mta-sts-fetcher. Opened before privileges are dropped: it may lie where only root comes, such as a build tree below /root. */
struct fetcher_program {
	int fd;				/* O_PATH; -1: there is none that could be run, for which error is the reason */
	int error;
	char path[PATH_MAX];
};
/* Never fails. With the settings that want no fetch process, nothing is opened. */
void fetcher_find(const struct sts_conf *conf, struct fetcher_program *out);
/* The settings' fetch process, begun; *out is NULL when they want none. A missing program is logged. Closes program->fd. */
enum sts_status fetcher_start(const struct sts_conf *conf, struct fetcher_program *program, struct sts_fetcher **out);

/* Starts threads: after privileges were dropped. With anything but STS_OK, nothing is left. */
enum sts_status components_start(struct service *service, struct fetcher_program *program);

/* When libmilter has ended, or does not end. Callbacks that are under way come to their end, whoever waits for a policy gets none;
 * then the counters are written if the store lets them, whatever callbacks do; last, answers that are being given get some time. At most
 * about 9 seconds. True when nobody is left who runs code of ours. Otherwise what he may hold is still there, and the process is to end
 * without returning from main. */
bool components_stop(struct service *service);

#endif
