/* SPDX-License-Identifier: ISC */
/* snapshot.c - reads a snapshot from Redis. Does not judge it. */
#include "config.h"

#include "stsctl/overview/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/text.h"
#include "stsctl/evidence/evidence_filter.h"

enum { DAY_S = 86400, WORD_MAX = 28 };

/* Nodes arrive in the order in which they were last seen; later ones replace the earliest. */
static bool
take_node(void *arg, const struct sts_query_node *node)
{
	struct snapshot *out = arg;

	out->nodes[out->node_count++ % SNAPSHOT_NODES_MAX] = *node;
	return true;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct sts_query_node *)a)->name, ((const struct sts_query_node *)b)->name);
}

static enum sts_status
read_nodes(struct sts_query *query, struct snapshot *out)
{
	enum sts_status status = sts_query_nodes(query, out->now - SNAPSHOT_DAYS * DAY_S, take_node, out);

	if (out->node_count > SNAPSHOT_NODES_MAX)
		out->node_count = SNAPSHOT_NODES_MAX;
	if (out->node_count > 1)
		qsort(out->nodes, out->node_count, sizeof(out->nodes[0]), by_name);
	return status == STS_ENOTFOUND ? STS_OK : status;
}

enum sts_status
snapshot_read(struct sts_query *query, struct snapshot *out)
{
	enum sts_status status;

	memset(out, 0, sizeof(*out));
	out->now = sts_clock_now();
	out->mono_ms = sts_clock_mono_ms();
	sts_day_of(out->now, out->day);
	status = sts_query_stats(query, out->day, &out->today);
	out->answer_ms = sts_clock_mono_ms() - out->mono_ms;
	if (status != STS_OK && status != STS_ENOTFOUND)
		return status;
	return read_nodes(query, out);
}

/* ---- the latest ---- */

struct looking {
	struct snapshot *out;
	size_t seen;
};

static void
take_word(const struct sts_query_entry *entry, const char *name, char out[SNAPSHOT_WORD_CAP])
{
	const struct sts_query_value *value = sts_query_value_of(entry, name);
	struct sts_text text;

	sts_text_init(&text, out, SNAPSHOT_WORD_CAP);
	if (value == NULL || value->len == 0)
		sts_text_add(&text, "-");
	else
		sts_text_add_escaped(&text, value->value, value->len, WORD_MAX);
}

static bool
take_entry(void *arg, const struct sts_query_entry *entry)
{
	struct looking *looking = arg;
	struct snapshot *out = looking->out;
	struct snapshot_message *message = &out->latest[out->latest_count];

	if (evidence_field_is(entry, "result", "fail")) {
		message->when = evidence_time(entry);
		take_word(entry, "domain", message->domain);
		take_word(entry, "tls", message->tls);
		take_word(entry, "client", message->client);
		take_word(entry, "queue_id", message->queue_id);
		out->latest_count++;
	}
	return ++looking->seen < SNAPSHOT_LOOK_BACK && out->latest_count < SNAPSHOT_LATEST;
}

enum sts_status
snapshot_read_latest(struct sts_query *query, struct snapshot *out)
{
	struct looking looking = { .out = out };
	char id[STS_STREAM_ID_CAP] = "+";
	enum sts_status status = STS_OK;

	while (status == STS_OK && looking.seen < SNAPSHOT_LOOK_BACK && out->latest_count < SNAPSHOT_LATEST)
		status = sts_query_stream_back(query, id, take_entry, &looking);
	return status == STS_ENOTFOUND ? STS_OK : status;
}

void
snapshot_fini(struct snapshot *snapshot)
{
	sts_tally_fini(&snapshot->today);
}

int64_t
snapshot_over_tls(const struct sts_tally *tally)
{
	int64_t sum = 0;

	for (size_t i = 0; i < tally->count; i++)
		if (strncmp(tally->fields[i].name, "tls:", 4) == 0 && strcmp(tally->fields[i].name, "tls:none") != 0 &&
		    strcmp(tally->fields[i].name, "tls:unknown") != 0)
			sum += tally->fields[i].n;
	return sum;
}
