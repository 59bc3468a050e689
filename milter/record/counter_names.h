/* SPDX-License-Identifier: ISC */
/*
 * counter_names.h - makes each counter's name once, and then finds it by the addresses of its parts.
 *
 * A name is a prefix and a value, both from fixed sets whose texts never move. So a message stores no text for its counters, and
 * the sums (counts.h) compare names as pointers. Next to each name is its variant for aligned clients.
 * Any thread; a name that exists already is found without a lock.
 */
#ifndef MILTER_RECORD_COUNTER_NAMES_H
#define MILTER_RECORD_COUNTER_NAMES_H

#include <stddef.h>

#include "shared-cache/base/status.h"

#define COUNTER_NAMES_ALIGNED "aligned:"

struct counter_names;

enum sts_status counter_names_new(struct counter_names **out);
void counter_names_free(struct counter_names **names);

/* The name prefix + value: the same pointer for the same text, valid until counter_names_free. Both must be literals, or must
 * never move. NULL: there are too many names. */
const char *counter_name(struct counter_names *names, const char *prefix, const char *value);

/* The variant with COUNTER_NAMES_ALIGNED in front, for a name from counter_name; NULL for any other text. */
const char *counter_name_aligned(const struct counter_names *names, const char *name);

/* The memory that holds all names. */
const char *counter_names_memory(const struct counter_names *names, size_t *size);

#endif
