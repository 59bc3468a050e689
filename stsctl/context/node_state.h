/* SPDX-License-Identifier: ISC */
/* node_state.h - what a milter's heartbeat says: alive or silent, refusing mail or not. Pure. Any thread. */
#ifndef STSCTL_CONTEXT_NODE_STATE_H
#define STSCTL_CONTEXT_NODE_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "shared-cache/query/query.h"

/* Milters send a heartbeat every few seconds; after this long without one, a milter counts as silent. */
enum { NODE_ALIVE_S = 60 };

bool node_is_silent(const struct sts_query_node *node, int64_t now);
/* Whether it refuses mail: "on"; "dry-run"; "off" (the settings refuse nothing); "tripped" (the trip wire stopped it). */
const char *node_state(const struct sts_query_node *node);

#endif
