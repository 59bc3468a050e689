/* SPDX-License-Identifier: ISC */
/*
 * snapshot.h - what there is to see at one moment: the milters, and today's counters. Read from Redis; everything in it is
 * validated (query.h), or escaped (what is of the evidence). One thread.
 */
#ifndef STSCTL_OVERVIEW_SNAPSHOT_H
#define STSCTL_OVERVIEW_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/query/query.h"

enum {
	SNAPSHOT_NODES_MAX = 200,	/* the latest seen */
	SNAPSHOT_DAYS = 7,		/* how long a node is remembered */
	SNAPSHOT_LATEST = 3,
	SNAPSHOT_LOOK_BACK = 2000,	/* entries of the evidence */
	SNAPSHOT_WORD_CAP = 128,
};

/* A message whose domain insists on TLS, and that came without adequate TLS. */
struct snapshot_message {
	int64_t when;
	char domain[SNAPSHOT_WORD_CAP], tls[SNAPSHOT_WORD_CAP], client[SNAPSHOT_WORD_CAP], queue_id[SNAPSHOT_WORD_CAP];
};

struct snapshot {
	int64_t now, mono_ms;		/* when it was read */
	char day[STS_DAY_CAP];
	int64_t answer_ms;		/* what the first answer of Redis took */
	struct sts_query_node nodes[SNAPSHOT_NODES_MAX];
	size_t node_count;		/* by name */
	struct sts_tally today;
	struct snapshot_message latest[SNAPSHOT_LATEST];	/* snapshot_read_latest; the last one first */
	size_t latest_count;
};

/* moment_fini frees what is in it, whatever is returned. */
enum sts_status snapshot_read(struct sts_query *query, struct snapshot *out);
/* Fills latest. */
enum sts_status snapshot_read_latest(struct sts_query *query, struct snapshot *out);
void snapshot_fini(struct snapshot *snapshot);

/* Messages of today that came over TLS. */
int64_t snapshot_over_tls(const struct sts_tally *tally);

#endif
