/* SPDX-License-Identifier: ISC */
/* stats_totals.c - what reports about many domains share: the totals and the period. */
#include "config.h"

#include "stsctl/stats/stats.h"

#include <stdio.h>

enum sts_status
stats_read_totals(const struct settings_redis *redis, const struct stats_request *request, struct sts_tally *out)
{
	enum sts_status status = STS_OK;

	if (request->day_count == 0)
		status = sts_query_stats(redis->query, NULL, out);
	for (size_t i = 0; i < request->day_count && (status == STS_OK || status == STS_ENOTFOUND); i++)
		status = sts_query_stats(redis->query, request->days[i], out);
	return status == STS_ENOTFOUND ? STS_OK : status;
}

void
stats_print_period(const struct stats_request *request)
{
	if (request->day_count == 0)
		printf("since each domain was first seen\n\n");
	else
		printf("%s to %s (UTC)\n\n", request->days[0], request->days[request->day_count - 1]);
}

void
stats_add(int64_t *sum, int64_t n)
{
	*sum = n > INT64_MAX - *sum ? INT64_MAX : *sum + n;
}
