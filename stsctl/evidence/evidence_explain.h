/* SPDX-License-Identifier: ISC */
/* evidence_explain.h - explains an entry of the evidence: each field in the order of events, and what its value means. Entries may be
 * hostile. Any thread. */
#ifndef STSCTL_EVIDENCE_EVIDENCE_EXPLAIN_H
#define STSCTL_EVIDENCE_EVIDENCE_EXPLAIN_H

#include <stddef.h>
#include <stdio.h>

#include "shared-cache/query/query.h"

/* What a field's value means, as a sentence without its full stop; NULL: nothing to explain. */
const char *evidence_meaning(const char *field, const char *value);

/* Prints the entry in at most width columns, unless a word is longer. now: seconds. */
void evidence_explain(const struct sts_query_entry *entry, int64_t now, size_t width, FILE *to);

#endif
