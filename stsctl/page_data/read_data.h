/* SPDX-License-Identifier: ISC */
/*
 * read_data.h - the figures of a report, from Redis, and from what stsctl check has left in a file. One thread.
 */
#ifndef STSCTL_PAGE_DATA_READ_DATA_H
#define STSCTL_PAGE_DATA_READ_DATA_H

#include "stsctl/context/settings.h"
#include "stsctl/page/page_data.h"
#include "stsctl/summary/summary_read.h"
#include "stsctl/terminal/command.h"

struct page_data_request {
	struct summary_days days;
	size_t limit;			/* of lists of domains */
	const char *certificates;	/* what `check --metrics' has written; NULL: where its timer does, if it is there */
	int64_t now;			/* seconds */
};

/* out is to be given to page_data_fini, whatever comes; out->host is redis->conf's. What failed has been said. */
enum cmd_exit page_data_read(const struct cmd_context *context, const struct settings_redis *redis,
    const struct page_data_request *request, struct page_data *out);

#endif
