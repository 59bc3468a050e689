/* SPDX-License-Identifier: ISC */
/*
 * snapshot.h - the state at one moment: the milters and today's counters, read from Redis.
 *
 * Everything in it is validated (query.h), or escaped (fields of the evidence). One thread.
 */
#ifndef STSCTL_OVERVIEW_SNAPSHOT_H
#define STSCTL_OVERVIEW_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/query/query.h"

enum {
	SNAPSHOT_NODES_MAX = 200,	/* those seen last */
	SNAPSHOT_DAYS = 7,		/* how long a silent node is shown */
	SNAPSHOT_LATEST = 3,
	SNAPSHOT_LOOK_BACK = 2000,	/* entries of the evidence searched for the latest */
	SNAPSHOT_WORD_CAP = 128,
};

/* A message without adequate TLS from a domain whose policy requires TLS. */
struct snapshot_message {
	int64_t when;
	char domain[SNAPSHOT_WORD_CAP], tls[SNAPSHOT_WORD_CAP], client[SNAPSHOT_WORD_CAP], queue_id[SNAPSHOT_WORD_CAP];
};

struct snapshot {
	int64_t now, mono_ms;		/* when it was read: seconds; monotonic */
	char day[STS_DAY_CAP];
	int64_t answer_ms;		/* how long Redis took for its first answer */
	struct sts_query_node nodes[SNAPSHOT_NODES_MAX];
	size_t node_count;		/* sorted by name */
	struct sts_tally today;
	struct snapshot_message latest[SNAPSHOT_LATEST];	/* filled by snapshot_read_latest, the newest first */
	size_t latest_count;
};

/* Reads all but latest. Call snapshot_fini afterwards, whatever it returns. */
enum sts_status snapshot_read(struct sts_query *query, struct snapshot *out);
/* Fills latest. */
enum sts_status snapshot_read_latest(struct sts_query *query, struct snapshot *out);
void snapshot_fini(struct snapshot *snapshot);

/* The messages of a tally that came over TLS. */
int64_t snapshot_over_tls(const struct sts_tally *tally);

#endif
