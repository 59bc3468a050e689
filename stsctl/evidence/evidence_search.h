/* SPDX-License-Identifier: ISC */
/*
 * evidence_search.h - looks through the evidence that is there. On a terminal, standard error says how far it is.
 * Both have an end, however fast mail comes in: where the stream ended at the beginning. One thread.
 */
#ifndef STSCTL_EVIDENCE_EVIDENCE_SEARCH_H
#define STSCTL_EVIDENCE_EVIDENCE_SEARCH_H

#include "stsctl/evidence/evidence_filter.h"

/* Goes back from the entry *id, itself included, until count entries are found that the filter takes; *id is then just before the
 * earliest of them, and stays as it is when there is none. */
enum sts_status evidence_search_last(struct sts_query *query, const struct evidence_filter *filter, unsigned long long count,
    char id[STS_STREAM_ID_CAP]);

/* Calls fn for each entry since a time (seconds; 0: all) up to the end. *searched is how many there were, *oldest when the first
 * of them was judged (seconds, 0: unknown). fn returns false to end. */
enum sts_status evidence_search_all(struct sts_query *query, int64_t since, sts_query_entry_fn *fn, void *arg,
    unsigned long long *searched, int64_t *oldest);

#endif
