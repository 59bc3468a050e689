/* SPDX-License-Identifier: ISC */
/*
 * moment.h - what there is to see at one moment: the milters, and today's counters. Read from Redis; everything in it is
 * validated (query.h), or escaped (what is of the evidence). One thread.
 */
#ifndef STSCTL_OVERVIEW_MOMENT_H
#define STSCTL_OVERVIEW_MOMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/query/query.h"

enum {
	MOMENT_NODES_MAX = 200,	/* the latest seen */
	MOMENT_DAYS = 7,		/* how long a node is remembered */
	MOMENT_LATEST = 3,
	MOMENT_LOOK_BACK = 2000,	/* entries of the evidence */
	MOMENT_WORD_CAP = 128,
};

/* A message whose domain insists on TLS, and that came without adequate TLS. */
struct moment_message {
	int64_t when;
	char domain[MOMENT_WORD_CAP], tls[MOMENT_WORD_CAP], client[MOMENT_WORD_CAP], queue_id[MOMENT_WORD_CAP];
};

struct moment {
	int64_t now, mono_ms;		/* when it was read */
	char day[STS_DAY_CAP];
	int64_t answer_ms;		/* what the first answer of Redis took */
	struct sts_query_node nodes[MOMENT_NODES_MAX];
	size_t node_count;		/* by name */
	struct sts_tally today;
	struct moment_message latest[MOMENT_LATEST];	/* moment_read_latest; the last one first */
	size_t latest_count;
};

/* moment_fini frees what is in it, whatever is returned. */
enum sts_status moment_read(struct sts_query *query, struct moment *out);
/* Fills latest. */
enum sts_status moment_read_latest(struct sts_query *query, struct moment *out);
void moment_fini(struct moment *figures);

/* Messages of today that came over TLS. */
int64_t moment_over_tls(const struct sts_tally *tally);

#endif
