/* SPDX-License-Identifier: ISC */
/*
 * tally.h - the counters of a hash as they come back from the store: field -> number.
 *
 * What comes back may have been put there by anybody. A field gets in only if its name and its number are ones that
 * counts.h could have written; the others are counted as odd.
 * Pure. A tally belongs to one thread.
 */
#ifndef STS_LEDGER_TALLY_H
#define STS_LEDGER_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"

enum {
	STS_TALLY_NAME_CAP = 112,	/* longest name with its NUL */
	STS_TALLY_FIELDS_MAX = 4096,
};

struct sts_tally_field {
	char name[STS_TALLY_NAME_CAP];	/* A-Z a-z 0-9 . _ : + - alone: safe to print */
	int64_t n;			/* 0 to 10^15 - 1 */
};

struct sts_tally {
	struct sts_tally_field *fields;	/* by name */
	size_t count, cap;
	size_t odd;			/* fields left out */
};

/* All bytes zero is an empty tally too. */
void sts_tally_fini(struct sts_tally *tally);

/* Whether name could be a field's. */
bool sts_tally_is_name(const char *name, size_t len);
/* Whether value is a number as a field holds it; it goes to *out. */
bool sts_tally_number(const char *value, size_t len, int64_t *out);

/* Sets a field to what a store says. STS_OK also for what is odd; STS_EFULL: more fields than any hash of ours has. */
enum sts_status sts_tally_take(struct sts_tally *tally, const char *name, size_t name_len, const char *value,
    size_t value_len);
/* Adds all of more to tally: numbers are summed, of the times (first_seen, last_...) the first or the last is kept. */
enum sts_status sts_tally_merge(struct sts_tally *tally, const struct sts_tally *more);
/* 0 for a field that is not there. */
int64_t sts_tally_get(const struct sts_tally *tally, const char *name);
/* Whether a field is a time in seconds, not a number of messages. */
bool sts_tally_is_time(const char *name);

#endif
