/* SPDX-License-Identifier: ISC */
/* journal_world.h - a message as the journal sees it, and the names of its counters. */
#ifndef JOURNAL_WORLD_H
#define JOURNAL_WORLD_H

#include <stddef.h>

#include "milter/record/journal.h"

#define NOON 1760000000123	/* milliseconds since the epoch */

/* Created once, by cmocka's setup and teardown of the group. */
extern struct counter_names *names;
int make_names(void **state);
int free_names(void **state);

struct fixture {
	struct sts_evidence evidence;
	struct sts_policy_view policy;
	struct sts_verdict verdict;
	struct journal_case c;
};

/* A fail of an enforcing domain over plaintext; f.c points to the other fields of f. Tests change what they are about. */
void fill(struct fixture *f);
void set_client(struct sts_evidence *evidence, const char *text);
void set_tls(struct fixture *f, const char *version, const char *cipher, int bits);

/* The list as one text, for comparison. */
void join(const char *const *fields, char *out, size_t cap);

#endif
