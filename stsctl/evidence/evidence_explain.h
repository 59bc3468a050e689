/* SPDX-License-Identifier: ISC */
/* evidence_explain.h - an entry of the evidence, told: each field in the order of what happened, and what its value means. Pure but
 * for the printing; entries are hostile. */
#ifndef STSCTL_EVIDENCE_EVIDENCE_EXPLAIN_H
#define STSCTL_EVIDENCE_EVIDENCE_EXPLAIN_H

#include <stddef.h>
#include <stdio.h>

#include "shared-cache/query/query.h"

/* What a field's value means, in a sentence without its dot; NULL: there is nothing to say. */
const char *evidence_meaning(const char *field, const char *value);

/* In at most width columns, as long as words allow that. now: seconds. */
void evidence_explain(const struct sts_query_entry *entry, int64_t now, size_t width, FILE *to);

#endif
