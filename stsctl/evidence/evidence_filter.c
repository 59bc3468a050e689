/* SPDX-License-Identifier: ISC */
/* evidence_filter.c - compares fields. Knows neither Redis nor how entries are printed. */
#include "config.h"

#include "stsctl/evidence/evidence_filter.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool
evidence_field_is(const struct sts_query_entry *entry, const char *name, const char *text)
{
	const struct sts_query_value *value = sts_query_value_of(entry, name);

	return value != NULL && value->len == strlen(text) && memcmp(value->value, text, value->len) == 0;
}

int64_t
evidence_time(const struct sts_query_entry *entry)
{
	const struct sts_query_value *ts = sts_query_value_of(entry, "ts");
	int64_t ms;

	return ts != NULL && sts_tally_number(ts->value, ts->len, &ms) ? ms / 1000 : 0;
}

bool
evidence_filter_takes(const struct evidence_filter *filter, const struct sts_query_entry *entry)
{
	return (filter->domain[0] == '\0' || evidence_field_is(entry, "domain", filter->domain)) &&
	    (filter->result == NULL || evidence_field_is(entry, "result", filter->result)) &&
	    (filter->since == 0 || evidence_time(entry) >= filter->since);
}

void
evidence_filter_start(const struct evidence_filter *filter, char id[STS_STREAM_ID_CAP])
{
	char first[STS_STREAM_ID_CAP];

	snprintf(first, sizeof(first), "%" PRId64 "-0", filter->since * 1000);
	sts_query_id_step_back(first, id);
}
