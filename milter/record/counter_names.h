/* SPDX-License-Identifier: ISC */
/*
 * counter_names.h - the names of counters, each made once and then found by the addresses of its parts.
 *
 * A name is a prefix and a value, both of fixed sets, whose words lie where they lie for as long as the program runs. So a message
 * needs no text for its counters, and the sums (counts.h) compare names as pointers. Each name has a twin beside it, for what comes
 * from aligned clients.
 * Any thread; a name that is there already is found without a lock.
 */
#ifndef MILTER_RECORD_COUNTER_NAMES_H
#define MILTER_RECORD_COUNTER_NAMES_H

#include <stddef.h>

#include "shared-cache/base/status.h"

#define COUNTER_NAMES_ALIGNED "aligned:"

struct counter_names;

enum sts_status counter_names_new(struct counter_names **out);
void counter_names_free(struct counter_names **names);

/* The name prefix + value: the same pointer for the same text, good until counter_names_free. Both must be literals, or lie as
 * still. NULL when there are too many names. */
const char *counter_name(struct counter_names *names, const char *prefix, const char *value);

/* The name with COUNTER_NAMES_ALIGNED before it, of a name that counter_name gave; NULL for any other text. */
const char *counter_name_aligned(const struct counter_names *names, const char *name);

/* Where all names lie. */
const char *counter_names_memory(const struct counter_names *names, size_t *size);

#endif
