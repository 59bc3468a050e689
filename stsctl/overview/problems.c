/* SPDX-License-Identifier: ISC */
/* problems.c - judges a snapshot. Knows neither Redis nor how problems are printed. */
#include "config.h"

#include "stsctl/overview/problems.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stsctl/context/node_state.h"

enum { CLOCK_S = 10 };		/* how far clocks may differ */

static void __attribute__((format(printf, 4, 5)))
add(struct problems *out, int64_t since, bool serious, const char *format, ...)
{
	struct problem *problem = &out->list[out->count];
	va_list ap;

	if (out->count == PROBLEMS_MAX) {
		out->more++;
		return;
	}
	problem->since = since;
	problem->serious = serious;
	va_start(ap, format);
	(void)vsnprintf(problem->text, sizeof(problem->text), format, ap);
	va_end(ap);
	out->count++;
}

static void
judge_node(const struct sts_query_node *node, int64_t now, struct problems *out)
{
	if (node_is_silent(node, now)) {
		add(out, node->seen, true, "%s is silent: it has stopped, or has lost Redis", node->name);
		return;
	}
	if (node->tripped != 0)
		add(out, node->tripped, true, "the trip wire of %s has tripped: it no longer refuses mail; stsctl enforce reset",
		    node->name);
	if (node->seen > now + CLOCK_S)
		add(out, node->seen, false, "the clock of %s is %" PRId64 " s ahead of this machine's", node->name, node->seen - now);
	if (node->folded_messages > 0)
		add(out, node->started, false, "%s has counted %" PRId64 " messages under the domain other since its start: too many "
		    "domains waited for Redis", node->name, node->folded_messages);
	if (node->dropped_stream > 0)
		add(out, node->started, false, "%s has left %" PRId64 " messages out of the evidence since its start; the counters "
		    "include them", node->name, node->dropped_stream);
}

/* Different versions are normal during an upgrade: not serious. */
static void
judge_versions(const struct snapshot *snapshot, struct problems *out)
{
	const struct sts_query_node *first = NULL;

	for (size_t i = 0; i < snapshot->node_count; i++) {
		const struct sts_query_node *node = &snapshot->nodes[i];

		if (node_is_silent(node, snapshot->now) || node->version[0] == '\0')
			continue;
		if (first != NULL && strcmp(first->version, node->version) != 0) {
			add(out, node->started, false, "milters of different versions: %s on %s, %s on %s", first->version, first->name,
			    node->version, node->name);
			return;
		}
		first = node;
	}
}

static int
newest_first(const void *a, const void *b)
{
	const struct problem *x = a, *y = b;

	if (x->since != y->since)
		return x->since > y->since ? -1 : 1;
	return strcmp(x->text, y->text);
}

void
problems_find(const struct snapshot *snapshot, struct problems *out)
{
	memset(out, 0, sizeof(*out));
	if (snapshot->node_count == 0)
		add(out, 0, true, "no milter has sent a heartbeat within %d days", SNAPSHOT_DAYS);
	for (size_t i = 0; i < snapshot->node_count; i++)
		judge_node(&snapshot->nodes[i], snapshot->now, out);
	judge_versions(snapshot, out);
	qsort(out->list, out->count, sizeof(out->list[0]), newest_first);
}

bool
problems_are_serious(const struct problems *problems)
{
	for (size_t i = 0; i < problems->count; i++)
		if (problems->list[i].serious)
			return true;
	return false;
}
