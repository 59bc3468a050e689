/* SPDX-License-Identifier: ISC */
/* summary_read.c - reads counters day by day. */
#include "config.h"

#include "stsctl/summary/summary_read.h"

#include "shared-cache/base/text.h"

enum { DAY_S = 86400 };

void
summary_days_of(size_t count, int64_t now, struct summary_days *out)
{
	out->count = count;
	out->since = (now / DAY_S - (int64_t)count + 1) * DAY_S;
	for (size_t i = 0; i < out->count; i++)
		sts_day_of(out->since + (int64_t)i * DAY_S, out->list[i]);
}

enum sts_status
summary_read(struct sts_query *query, const char *domain, const struct summary_days *days, bool verified, struct summary *out)
{
	enum sts_status status = STS_OK;

	for (size_t i = 0; i < days->count && status == STS_OK; i++) {
		struct summary_day of_day = { out, days->list[i] };

		status = sts_query_report(query, domain, days->list[i], verified, summary_add_to_day, &of_day);
	}
	summary_sort(out);
	return status;
}
