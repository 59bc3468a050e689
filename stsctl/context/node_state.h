/* SPDX-License-Identifier: ISC */
/* node_state.h - a milter's sign of life in words. Pure. Any thread. */
#ifndef STSCTL_CONTEXT_NODE_STATE_H
#define STSCTL_CONTEXT_NODE_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "shared-cache/query/query.h"

/* A milter gives a sign every few seconds; after so many it is silent. */
enum { NODE_ALIVE_S = 60 };

bool node_is_silent(const struct sts_query_node *node, int64_t now);
/* Whether it refuses mail: "on", "dry-run", "off" (the settings refuse nothing), "tripped" (the trip wire has). */
const char *node_state(const struct sts_query_node *node);

#endif
