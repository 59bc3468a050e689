/* SPDX-License-Identifier: ISC */
/*
 * csv.h - comma-separated values (RFC 4180), which people open with a spreadsheet.
 *
 * A spreadsheet takes a field that begins with = + - @ for a formula, and runs it: such a field gets a single quote in front. Bytes that
 * are not printable ASCII are escaped as sts_text_add_shown does, so that a record is one line. One thread.
 */
#ifndef STSCTL_TERMINAL_CSV_H
#define STSCTL_TERMINAL_CSV_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A record that is being written; begins as { .to = stdout }. */
struct csv {
	FILE *to;
	size_t fields;
};

/* The next field: hostile bytes, of which CSV_FIELD_MAX at most are taken. */
enum { CSV_FIELD_MAX = 1024 };
void csv_bytes(struct csv *csv, const char *bytes, size_t len);
void csv_text(struct csv *csv, const char *text);
void csv_number(struct csv *csv, int64_t n);
/* Seconds since the epoch by ISO 8601; empty for 0. */
void csv_time(struct csv *csv, int64_t seconds);
/* Ends the record, and begins the next. */
void csv_end(struct csv *csv);
/* A whole record: names of columns, the last one followed by NULL. */
void csv_head(struct csv *csv, const char *const *names);

#endif
