/* SPDX-License-Identifier: ISC */
/* counter_groups.h - the counters' names as a person groups and abbreviates them. Pure. Any thread. */
#ifndef STSCTL_STATS_COUNTER_GROUPS_H
#define STSCTL_STATS_COUNTER_GROUPS_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/ledger/tally.h"

/* The parts of a report, in their order; each ends with NULL. */
extern const char *const counter_groups_single[];	/* "messages", ... */
extern const char *const counter_groups_names[];	/* "result", ...: of the fields "result:NAME" */

/* The field that --by means: a counter's own name, or "plaintext" and the like. NULL: no counter has this name. */
const char *counter_groups_find(const char *name);

/* Whether a single field is a part of the messages, so that a share makes sense. */
bool counter_groups_has_share(const char *field);

/* The fields of a group, the greatest first. Borrowed from tally; at most max of them. Returns how many. */
size_t counter_groups_of_group(const struct sts_tally *tally, const char *group, const struct sts_tally_field **out, size_t max);
/* What follows the group in a field's name. */
const char *counter_groups_name_in_group(const struct sts_tally_field *field, const char *group);

#endif
