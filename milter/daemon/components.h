/* SPDX-License-Identifier: ISC */
/*
 * components.h - what the service is made of: the policy cache, the writer of counters, the Public Suffix List; made of the settings,
 * and taken apart in order.
 * Leader thread only.
 */
#ifndef MILTER_DAEMON_COMPONENTS_H
#define MILTER_DAEMON_COMPONENTS_H

#include "milter/service/service.h"
#include "shared-cache/base/status.h"

/* Starts threads: after privileges were dropped. With anything but STS_OK, nothing is left. */
enum sts_status components_start(struct service *service);

/* When libmilter has ended. Callbacks that are under way come to their end, whoever waits for a policy gets none, counters
 * are written if the store lets them. At most about 8 seconds. */
void components_stop(struct service *service);

#endif
