/* SPDX-License-Identifier: ISC */
/*
 * tally.h - the counters of a Redis hash, read back: field -> number.
 *
 * Anybody may have written the hash. Only fields whose name and number could be from counts.h are taken; the others are
 * counted as odd.
 * Pure. A tally belongs to one thread.
 */
#ifndef STS_LEDGER_TALLY_H
#define STS_LEDGER_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"

enum {
	STS_TALLY_NAME_CAP = 112,	/* longest name, with its NUL */
	STS_TALLY_FIELDS_MAX = 4096,
};

struct sts_tally_field {
	char name[STS_TALLY_NAME_CAP];	/* A-Z a-z 0-9 . _ : + - only: safe to print */
	int64_t n;			/* 0 to 10^15 - 1 */
};

struct sts_tally {
	struct sts_tally_field *fields;	/* sorted by name */
	size_t count, cap;
	size_t odd;			/* number of fields left out */
};

/* A tally initialised to zero is empty. */
void sts_tally_fini(struct sts_tally *tally);

/* Whether name is a valid field name. */
bool sts_tally_is_name(const char *name, size_t len);
/* Parses value as the number of a field. */
bool sts_tally_number(const char *value, size_t len, int64_t *out);

/* Sets a field to the value in the store. STS_OK also for odd fields; STS_EFULL: more fields than any of our hashes has. */
enum sts_status sts_tally_take(struct sts_tally *tally, const char *name, size_t name_len, const char *value,
    size_t value_len);
/* Adds all of `more` to tally: numbers are summed; of times (first_seen, last_...) the first or the last is kept. */
enum sts_status sts_tally_merge(struct sts_tally *tally, const struct sts_tally *more);
/* The number of a field; 0 if there is none. */
int64_t sts_tally_get(const struct sts_tally *tally, const char *name);
/* Whether a field is a time in seconds, not a number of messages. */
bool sts_tally_is_time(const char *name);

#endif
