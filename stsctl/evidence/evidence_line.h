/* SPDX-License-Identifier: ISC */
/* evidence_line.h - an entry of the evidence on a line: for people, as JSON, as CSV. Entries are hostile, what is printed is not. */
#ifndef STSCTL_EVIDENCE_EVIDENCE_LINE_H
#define STSCTL_EVIDENCE_EVIDENCE_LINE_H

#include <stdio.h>

#include <jansson.h>

#include "shared-cache/query/query.h"

enum { EVIDENCE_VALUE_MAX = 255, EVIDENCE_VALUE_CAP = 4 * EVIDENCE_VALUE_MAX + 4 };

/* A field, escaped so that it can stand as a word on a terminal; "-" for none. */
const char *evidence_word(const struct sts_query_entry *entry, const char *name, char out[EVIDENCE_VALUE_CAP]);

/* Time, result, TLS, domain, and all else that there is as name=value. */
void evidence_line_print(const struct sts_query_entry *entry, FILE *to);
/* All fields, and stream_id. NULL when memory ran out. */
json_t *evidence_line_json(const struct sts_query_entry *entry);
/* A record; the names of its columns. */
void evidence_line_csv(const struct sts_query_entry *entry, FILE *to);
void evidence_line_csv_head(FILE *to);

#endif
