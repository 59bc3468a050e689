/* SPDX-License-Identifier: ISC */
/*
 * broadcast.h - tells all milters something, and waits until each has said that it heard.
 *
 * Which milters there are is known from their signs of life; one that gave none within the last minute is not waited for, unless it
 * listens.
 */
#ifndef STSCTL_SIMULATE_BROADCAST_H
#define STSCTL_SIMULATE_BROADCAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/query/query.h"

/* What came of it: the milters, by name. A node's answer is its last sign of life. */
struct broadcast {
	struct broadcast_node {
		struct sts_query_node node;
		bool answered;
		int64_t age_s;		/* of its sign of life; 0 with clocks that differ */
	} *nodes;
	size_t count;
	size_t missing;			/* how many have not answered in time */
};

/* Says word (STS_TELL_...) and asks for answers until all are there, for timeout_ms at most. STS_ENOTFOUND: no milter has given a sign of
 * life within a minute. */
enum sts_status broadcast_send(struct sts_query *query, const char *word, int64_t timeout_ms, struct broadcast *out);
void broadcast_fini(struct broadcast *broadcast);

#endif
