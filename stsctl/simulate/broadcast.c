/* SPDX-License-Identifier: ISC */
/* broadcast.c - sends a message with a number, and reads heartbeats until each has the number. Knows nothing of what the message says. */
#include "config.h"

#include "stsctl/simulate/broadcast.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "shared-cache/base/clock.h"
#include "stsctl/context/node_state.h"

enum {
	LOOK_MS = 100,
	SAY_AGAIN_MS = 1000,		/* another sender's message may have replaced ours */
	WORD_CAP = 64,
};

struct round {
	struct broadcast *broadcast;
	int64_t now;
	int64_t number;
	bool full;			/* out of memory */
};

static bool
take_node(void *arg, const struct sts_query_node *node)
{
	struct round *round = arg;
	struct broadcast *broadcast = round->broadcast;
	struct broadcast_node *nodes = realloc(broadcast->nodes, (broadcast->count + 1) * sizeof(*nodes));

	if (nodes == NULL) {
		round->full = true;
		return false;
	}
	broadcast->nodes = nodes;
	nodes[broadcast->count] = (struct broadcast_node){
		.node = *node,
		.answered = node->heard == round->number,
		.age_s = node->seen < round->now ? round->now - node->seen : 0,
	};
	broadcast->missing += !nodes[broadcast->count].answered;
	broadcast->count++;
	return true;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(((const struct broadcast_node *)a)->node.name, ((const struct broadcast_node *)b)->node.name);
}

static enum sts_status
look(struct sts_query *query, int64_t number, int64_t since, struct broadcast *out)
{
	struct round round = { .broadcast = out, .now = sts_clock_now(), .number = number };
	enum sts_status status;

	broadcast_fini(out);
	status = sts_query_nodes(query, since, take_node, &round);
	if (out->count > 1)
		qsort(out->nodes, out->count, sizeof(out->nodes[0]), compare_names);
	return round.full ? STS_ENOMEM : status;
}

enum sts_status
broadcast_send(struct sts_query *query, const char *word, int64_t timeout_ms, struct broadcast *out)
{
	const struct timespec pause = { .tv_nsec = LOOK_MS * 1000000L };
	int64_t number = sts_clock_now_ms(), since = sts_clock_now() - NODE_ALIVE_S, heard = 0, say_ms = 0;
	int64_t deadline_ms = sts_clock_mono_ms() + timeout_ms;
	enum sts_status status = STS_OK;
	char text[WORD_CAP];

	*out = (struct broadcast){ .nodes = NULL };
	snprintf(text, sizeof(text), "%s %lld", word, (long long)number);
	for (;;) {
		bool late;

		if (sts_clock_mono_ms() >= say_ms) {
			status = sts_query_tell(query, text, &heard);
			say_ms = sts_clock_mono_ms() + SAY_AGAIN_MS;
		}
		if (status == STS_OK)
			status = look(query, number, since, out);
		late = sts_clock_mono_ms() >= deadline_ms;
		/* a milter that has just started listens before its first heartbeat */
		if (status == STS_ENOTFOUND && heard > 0 && !late)
			status = STS_OK;
		else if (status != STS_OK || late || (out->missing == 0 && (int64_t)out->count >= heard))
			return status;
		nanosleep(&pause, NULL);
	}
}

void
broadcast_fini(struct broadcast *broadcast)
{
	free(broadcast->nodes);
	*broadcast = (struct broadcast){ .nodes = NULL };
}
