/* SPDX-License-Identifier: ISC */
/*
 * components.h - what the service is made of: the fetch process, the policy cache, the writer of counters, the Public Suffix List; made of the
 * settings, and taken apart in order.
 * Leader thread only.
 */
#ifndef MILTER_DAEMON_COMPONENTS_H
#define MILTER_DAEMON_COMPONENTS_H

#include <stdbool.h>

#include "milter/service/service.h"
#include "shared-cache/base/status.h"
#include "shared-cache/fetcher/fetcher.h"
#include "shared-cache/settings/conf.h"

/* Starts threads: after privileges were dropped. With anything but STS_OK, nothing is left. */
enum sts_status components_start(struct service *service);

/* The settings' fetch process, begun; *out is NULL when they want none. A missing program is logged. */
enum sts_status fetcher_start(const struct sts_conf *conf, struct sts_fetcher **out);

/* When libmilter has ended, or does not end. Callbacks that are under way come to their end, whoever waits for a policy gets none;
 * then the counters are written if the store lets them, whatever callbacks do; last, answers that are being given get some time. At most
 * about 9 seconds. True when nobody is left who runs code of ours. Otherwise what he may hold is still there, and the process is to end
 * without returning from main. */
bool components_stop(struct service *service);

#endif
