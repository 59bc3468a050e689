/* SPDX-License-Identifier: ISC */
/*
 * gather.h - the figures of a report, from Redis, and from what stsctl check has left in a file. One thread.
 */
#ifndef STSCTL_GATHERING_GATHER_H
#define STSCTL_GATHERING_GATHER_H

#include "stsctl/context/settings.h"
#include "stsctl/page/page_data.h"
#include "stsctl/summary/summary_read.h"
#include "stsctl/terminal/command.h"

struct gather_request {
	struct collect_days days;
	size_t limit;			/* of lists of domains */
	const char *certificates;	/* what `check --metrics' has written; NULL: where its timer does, if it is there */
	int64_t now;			/* seconds */
};

/* out is to be given to figures_fini, whatever comes; out->host is redis->conf's. What failed has been said. */
enum cmd_exit gather_figures(const struct cmd_context *context, const struct settings_redis *redis,
    const struct gather_request *request, struct figures *out);

#endif
