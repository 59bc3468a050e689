/* SPDX-License-Identifier: ISC */
/*
 * evidence_search.h - searches the evidence stream, and shows its progress on standard error if that is a terminal.
 *
 * A search ends where the stream ended when it began, however fast mail comes in. One thread.
 */
#ifndef STSCTL_EVIDENCE_EVIDENCE_SEARCH_H
#define STSCTL_EVIDENCE_EVIDENCE_SEARCH_H

#include "stsctl/evidence/evidence_filter.h"

/* Searches backwards from the entry *id, inclusive, until count entries have passed the filter; *id is then just before the earliest
 * of them. Without a match, *id is unchanged. */
enum sts_status evidence_search_last(struct sts_query *query, const struct evidence_filter *filter, unsigned long long count,
    char id[STS_STREAM_ID_CAP]);

/* Calls fn for each entry since a time (seconds; 0: all), until fn returns false. *searched: the number of entries; *oldest: when the
 * first of them was judged (seconds; 0: unknown). */
enum sts_status evidence_search_all(struct sts_query *query, int64_t since, sts_query_entry_fn *fn, void *arg,
    unsigned long long *searched, int64_t *oldest);

#endif
