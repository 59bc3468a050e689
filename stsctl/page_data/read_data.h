/* SPDX-License-Identifier: ISC */
/* read_data.h - reads the data of the page from Redis, and from the file that stsctl check writes. One thread. */
#ifndef STSCTL_PAGE_DATA_READ_DATA_H
#define STSCTL_PAGE_DATA_READ_DATA_H

#include "stsctl/context/settings.h"
#include "stsctl/page/page_data.h"
#include "stsctl/summary/summary_read.h"
#include "stsctl/terminal/command.h"

struct page_data_request {
	struct summary_days days;
	size_t limit;			/* rows in lists of domains, at most */
	const char *certificates;	/* the file that `check --metrics' wrote; NULL: the one of its timer, if it exists */
	int64_t now;			/* seconds */
};

/* Call page_data_fini in any case; out->host points into redis->conf. Prints what failed. */
enum cmd_exit page_data_read(const struct cmd_context *context, const struct settings_redis *redis,
    const struct page_data_request *request, struct page_data *out);

#endif
