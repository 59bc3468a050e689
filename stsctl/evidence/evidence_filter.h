/* SPDX-License-Identifier: ISC */
/* evidence_filter.h - which entries of the evidence are asked for. Pure: entries are hostile. Any thread. */
#ifndef STSCTL_EVIDENCE_EVIDENCE_FILTER_H
#define STSCTL_EVIDENCE_EVIDENCE_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "shared-cache/query/query.h"

/* Zeroed: all of them. */
struct evidence_filter {
	char domain[STS_DOMAIN_CAP];	/* of the sender; "": any */
	const char *result;		/* as in the header; NULL: any */
	int64_t since;			/* seconds; by the milter's clock */
};

bool evidence_filter_takes(const struct evidence_filter *filter, const struct sts_query_entry *entry);
/* Where in the stream the first entry can be that the filter takes: an entry is later in the stream than it was judged. */
void evidence_filter_start(const struct evidence_filter *filter, char id[STS_STREAM_ID_CAP]);

/* Whether a field of the entry is exactly this text. */
bool evidence_field_is(const struct sts_query_entry *entry, const char *name, const char *text);
/* When the message was judged, by the milter's clock, in seconds; 0: the entry does not say. */
int64_t evidence_time(const struct sts_query_entry *entry);

#endif
