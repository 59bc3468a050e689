/* SPDX-License-Identifier: ISC */
/* counter_groups.h - groups the counters' names for people, and resolves abbreviations. Pure. Any thread. */
#ifndef STSCTL_STATS_COUNTER_GROUPS_H
#define STSCTL_STATS_COUNTER_GROUPS_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/ledger/tally.h"

/* The parts of a report, in order; each list ends with NULL. */
extern const char *const counter_groups_single[];	/* single counters: "messages", ... */
extern const char *const counter_groups_names[];	/* groups: "result" for the fields "result:NAME", ... */

/* The field that --by names: a counter, or an abbreviation such as "plaintext". NULL: no such counter. */
const char *counter_groups_find(const char *name);

/* Whether a single field counts a part of the messages, so that a percentage makes sense. */
bool counter_groups_has_share(const char *field);

/* Finds at most max fields of a group, the greatest first; they belong to tally. Returns their number. */
size_t counter_groups_of_group(const struct sts_tally *tally, const char *group, const struct sts_tally_field **out, size_t max);
/* The part of a field's name behind the group. */
const char *counter_groups_name_in_group(const struct sts_tally_field *field, const char *group);

#endif
