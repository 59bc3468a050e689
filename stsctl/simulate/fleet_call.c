/* SPDX-License-Identifier: ISC */
/* fleet_call.c - a word with a number, and signs of life read again until they have the number. Knows nothing of what is said. */
#include "config.h"

#include "stsctl/simulate/fleet_call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "shared-cache/base/clock.h"

enum {
	ALIVE_S = 60,			/* a milter gives a sign every few seconds */
	LOOK_MS = 100,
	SAY_AGAIN_MS = 1000,		/* somebody else's word may have come between */
	WORD_CAP = 64,
};

struct round {
	struct fleet_call *call;
	int64_t now;
	int64_t number;
	bool full;			/* out of memory */
};

static bool
take_node(void *arg, const struct sts_query_node *node)
{
	struct round *round = arg;
	struct fleet_call *call = round->call;
	struct fleet_node *nodes = realloc(call->nodes, (call->count + 1) * sizeof(*nodes));

	if (nodes == NULL) {
		round->full = true;
		return false;
	}
	call->nodes = nodes;
	nodes[call->count] = (struct fleet_node){
		.node = *node,
		.answered = node->heard == round->number,
		.age_s = node->seen < round->now ? round->now - node->seen : 0,
	};
	call->missing += !nodes[call->count].answered;
	call->count++;
	return true;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(((const struct fleet_node *)a)->node.name, ((const struct fleet_node *)b)->node.name);
}

static enum sts_status
look(struct sts_query *query, int64_t number, int64_t since, struct fleet_call *out)
{
	struct round round = { .call = out, .now = sts_clock_now(), .number = number };
	enum sts_status status;

	fleet_call_fini(out);
	status = sts_query_nodes(query, since, take_node, &round);
	if (out->count > 1)
		qsort(out->nodes, out->count, sizeof(out->nodes[0]), compare_names);
	return round.full ? STS_ENOMEM : status;
}

enum sts_status
fleet_call(struct sts_query *query, const char *word, int64_t timeout_ms, struct fleet_call *out)
{
	const struct timespec pause = { .tv_nsec = LOOK_MS * 1000000L };
	int64_t number = sts_clock_now_ms(), since = sts_clock_now() - ALIVE_S, heard = 0, say_ms = 0;
	int64_t deadline_ms = sts_clock_mono_ms() + timeout_ms;
	enum sts_status status = STS_OK;
	char text[WORD_CAP];

	*out = (struct fleet_call){ .nodes = NULL };
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
		/* a milter that has just started listens before its first sign of life */
		if (status == STS_ENOTFOUND && heard > 0 && !late)
			status = STS_OK;
		else if (status != STS_OK || late || (out->missing == 0 && (int64_t)out->count >= heard))
			return status;
		nanosleep(&pause, NULL);
	}
}

void
fleet_call_fini(struct fleet_call *call)
{
	free(call->nodes);
	*call = (struct fleet_call){ .nodes = NULL };
}
