/* SPDX-License-Identifier: ISC */
/*
 * figures.h - what there is to see at one moment: the milters, and today's counters. Read from Redis; everything in it is
 * validated (query.h), or escaped (what is of the evidence). One thread.
 */
#ifndef STSCTL_OVERVIEW_FIGURES_H
#define STSCTL_OVERVIEW_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/query/query.h"

enum {
	FIGURES_NODES_MAX = 200,	/* the latest seen */
	FIGURES_DAYS = 7,		/* how long a node is remembered */
	FIGURES_LATEST = 3,
	FIGURES_LOOK_BACK = 2000,	/* entries of the evidence */
	FIGURES_WORD_CAP = 128,
};

/* A message whose domain insists on TLS, and that came without adequate TLS. */
struct figures_message {
	int64_t when;
	char domain[FIGURES_WORD_CAP], tls[FIGURES_WORD_CAP], client[FIGURES_WORD_CAP], queue_id[FIGURES_WORD_CAP];
};

struct figures {
	int64_t now, mono_ms;		/* when it was read */
	char day[STS_DAY_CAP];
	int64_t answer_ms;		/* what the first answer of Redis took */
	struct sts_query_node nodes[FIGURES_NODES_MAX];
	size_t node_count;		/* by name */
	struct sts_tally today;
	struct figures_message latest[FIGURES_LATEST];	/* figures_read_latest; the last one first */
	size_t latest_count;
};

/* figures_fini frees what is in it, whatever is returned. */
enum sts_status figures_read(struct sts_query *query, struct figures *out);
/* Fills latest. */
enum sts_status figures_read_latest(struct sts_query *query, struct figures *out);
void figures_fini(struct figures *figures);

/* Messages of today that came over TLS. */
int64_t figures_over_tls(const struct sts_tally *tally);

#endif
