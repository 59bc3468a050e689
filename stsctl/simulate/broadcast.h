/* SPDX-License-Identifier: ISC */
/*
 * broadcast.h - sends all milters a message, and waits until each has acknowledged it.
 *
 * The milters are known by their heartbeats; one without a heartbeat in the last minute is not waited for, unless it listens. One thread.
 */
#ifndef STSCTL_SIMULATE_BROADCAST_H
#define STSCTL_SIMULATE_BROADCAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/query/query.h"

/* The milters, sorted by name. A node's answer is its latest heartbeat. */
struct broadcast {
	struct broadcast_node {
		struct sts_query_node node;
		bool answered;
		int64_t age_s;		/* of its heartbeat; 0 when the clocks differ */
	} *nodes;
	size_t count;
	size_t missing;			/* how many did not answer in time */
};

/* Sends word (STS_TELL_...), and waits for at most timeout_ms until all milters have answered. STS_ENOTFOUND: no milter has sent a
 * heartbeat in the last minute. Call broadcast_fini in any case. */
enum sts_status broadcast_send(struct sts_query *query, const char *word, int64_t timeout_ms, struct broadcast *out);
void broadcast_fini(struct broadcast *broadcast);

#endif
