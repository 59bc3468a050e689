/* SPDX-License-Identifier: ISC */
/* node_state.c - names the states of a milter. */
#include "config.h"

#include "stsctl/context/node_state.h"

bool
node_is_silent(const struct sts_query_node *node, int64_t now)
{
	return node->seen < now - NODE_ALIVE_S;
}

const char *
node_state(const struct sts_query_node *node)
{
	if (node->tripped != 0)
		return "tripped";
	if (!node->enforcing)
		return "off";
	return node->dry_run ? "dry-run" : "on";
}
