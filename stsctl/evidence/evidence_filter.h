/* SPDX-License-Identifier: ISC */
/* evidence_filter.h - selects entries of the evidence. Entries may be hostile. Pure. Any thread. */
#ifndef STSCTL_EVIDENCE_EVIDENCE_FILTER_H
#define STSCTL_EVIDENCE_EVIDENCE_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "shared-cache/query/query.h"

/* All bytes zero: every entry. */
struct evidence_filter {
	char domain[STS_DOMAIN_CAP];	/* the sender's; "": any */
	const char *result;		/* as the header names it; NULL: any */
	int64_t since;			/* seconds, by the milter's clock */
};

/* Whether the filter selects the entry. */
bool evidence_filter_takes(const struct evidence_filter *filter, const struct sts_query_entry *entry);
/* The stream id before which no entry can pass the filter: an entry reaches the stream after it was judged. */
void evidence_filter_start(const struct evidence_filter *filter, char id[STS_STREAM_ID_CAP]);

/* Whether a field of the entry has exactly this value. */
bool evidence_field_is(const struct sts_query_entry *entry, const char *name, const char *text);
/* When the message was judged, by the milter's clock, in seconds; 0: the entry does not say. */
int64_t evidence_time(const struct sts_query_entry *entry);

#endif
