/* SPDX-License-Identifier: ISC */
/*
 * metrics_http.h - serves /metrics and /healthz, on a thread and an address of its own (metrics_listen).
 *
 * Few clients at a time, and none for long: a client that is slow, or one too many, is dropped, and mail does not notice.
 * Leader thread only.
 */
#ifndef MILTER_MONITOR_METRICS_HTTP_H
#define MILTER_MONITOR_METRICS_HTTP_H

#include "milter/monitor/connection_limit.h"
#include "milter/service/service.h"
#include "shared-cache/settings/conf.h"

struct MHD_Daemon;

struct metrics_http {
	int fd;			/* listens; -1: not open, or taken by the server */
	struct MHD_Daemon *server;
	struct connection_limit clients;	/* the server thread's */
};

/* Listens on metrics_listen, before privileges are dropped. Logs errors. 0, or an exit code of sysexits.h; then nothing is left
 * open. */
int metrics_http_listen(const struct sts_conf *conf, struct metrics_http *out);
/* Starts the thread, once cache and writer exist. Returns the same. */
int metrics_http_start(struct metrics_http *http, struct service *service);
/* Stops the thread, before cache and writer go. Also after a failure. */
void metrics_http_stop(struct metrics_http *http);

#endif
