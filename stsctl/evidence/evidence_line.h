/* SPDX-License-Identifier: ISC */
/* evidence_line.h - prints an entry of the evidence on one line: for people, as JSON, as CSV. Entries may be hostile; the output is
 * safe. */
#ifndef STSCTL_EVIDENCE_EVIDENCE_LINE_H
#define STSCTL_EVIDENCE_EVIDENCE_LINE_H

#include <stdio.h>

#include <jansson.h>

#include "shared-cache/query/query.h"

enum { EVIDENCE_VALUE_MAX = 255, EVIDENCE_VALUE_CAP = 4 * EVIDENCE_VALUE_MAX + 4 };

/* A field's value, escaped to one word that is safe on a terminal; "-" when it is absent. Returns out. */
const char *evidence_word(const struct sts_query_entry *entry, const char *name, char out[EVIDENCE_VALUE_CAP]);

/* Prints time, result, TLS, domain, and every other field as name=value. */
void evidence_line_print(const struct sts_query_entry *entry, FILE *to);
/* An object of all fields, and stream_id. NULL when memory ran out. */
json_t *evidence_line_json(const struct sts_query_entry *entry);
/* A record, and the record of column names. */
void evidence_line_csv(const struct sts_query_entry *entry, FILE *to);
void evidence_line_csv_head(FILE *to);

#endif
