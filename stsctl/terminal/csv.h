/* SPDX-License-Identifier: ISC */
/*
 * csv.h - writes comma-separated values (RFC 4180) that a spreadsheet can open safely.
 *
 * A spreadsheet takes a field that begins with = + - @ for a formula, and runs it: such a field gets a single quote in front. Bytes other
 * than printable ASCII are escaped as sts_text_add_shown does, so that a record is one line. One thread.
 */
#ifndef STSCTL_TERMINAL_CSV_H
#define STSCTL_TERMINAL_CSV_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A record being written; initialise with { .to = stdout }. */
struct csv {
	FILE *to;
	size_t fields;
};

/* Writes the next field. bytes may be hostile; at most CSV_FIELD_MAX of them are written. */
enum { CSV_FIELD_MAX = 1024 };
void csv_bytes(struct csv *csv, const char *bytes, size_t len);
void csv_text(struct csv *csv, const char *text);
void csv_number(struct csv *csv, int64_t n);
/* Writes seconds since the epoch as ISO 8601; an empty field for 0. */
void csv_time(struct csv *csv, int64_t seconds);
/* Ends the record. The next field begins another one. */
void csv_end(struct csv *csv);
/* Writes a record of column names; names ends with NULL. */
void csv_head(struct csv *csv, const char *const *names);

#endif
