/* SPDX-License-Identifier: ISC */
/* overview_json.c - the JSON objects, member by member. */
#include "config.h"

#include "stsctl/overview/overview_json.h"

#include "stsctl/context/node_state.h"
#include "stsctl/terminal/json_text.h"

/* Appends item to list. json_array_append_new frees the item when it fails, but not the list. */
static json_t *
append(json_t *list, json_t *item)
{
	if (list == NULL || json_array_append_new(list, item) == 0)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *
node_json(const struct sts_query_node *n, int64_t now)
{
	return json_pack("{s:s, s:s, s:s, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "node", n->name, "version",
	    n->version, "state", node_state(n), "silent", node_is_silent(n, now), "seen", (json_int_t)n->seen, "age",
	    (json_int_t)(n->seen < now ? now - n->seen : 0), "started", (json_int_t)n->started, "tripped", (json_int_t)n->tripped,
	    "refused_minute", (json_int_t)n->refused_minute, "pending_messages", (json_int_t)n->pending_messages, "pending_rows",
	    (json_int_t)n->pending_rows, "folded_messages", (json_int_t)n->folded_messages, "dropped_stream",
	    (json_int_t)n->dropped_stream, "retried", (json_int_t)n->retried);
}

json_t *
overview_json_nodes(const struct snapshot *snapshot)
{
	json_t *list = json_array();

	for (size_t i = 0; i < snapshot->node_count; i++)
		list = append(list, node_json(&snapshot->nodes[i], snapshot->now));
	return list;
}

json_t *
overview_json_today(const struct snapshot *snapshot)
{
	json_t *counters = json_object();

	for (size_t i = 0; i < snapshot->today.count; i++)
		(void)json_object_set_new(counters, snapshot->today.fields[i].name, json_integer((json_int_t)snapshot->today.fields[i].n));
	return json_pack("{s:s, s:I, s:I, s:o}", "day", snapshot->day, "messages", (json_int_t)sts_tally_get(&snapshot->today, "messages"),
	    "over_tls", (json_int_t)snapshot_over_tls(&snapshot->today), "counters", counters);
}

static json_t *
problems_json(const struct problems *problems)
{
	json_t *list = json_array();

	for (size_t i = 0; i < problems->count; i++)
		list = append(list, json_pack("{s:I, s:b, s:s}", "since", (json_int_t)problems->list[i].since, "serious",
		    problems->list[i].serious, "text", problems->list[i].text));
	return list;
}

static json_t *
latest_json(const struct snapshot *snapshot)
{
	json_t *list = json_array();

	for (size_t i = 0; i < snapshot->latest_count; i++) {
		const struct snapshot_message *m = &snapshot->latest[i];

		list = append(list, json_pack("{s:I, s:s, s:s, s:s, s:s}", "time", (json_int_t)m->when, "domain", m->domain, "tls", m->tls,
		    "client", m->client, "queue_id", m->queue_id));
	}
	return list;
}

static json_t *
local_json(const struct overview *o)
{
	const struct local_metrics *l = &o->local;

	if (o->metrics_listen[0] == '\0')
		return json_null();
	if (!l->answered)
		return json_pack("{s:s, s:b, s:o}", "metrics_listen", o->metrics_listen, "answered", 0, "why", json_text(l->why));
	return json_pack("{s:s, s:b, s:I, s:I, s:b}", "metrics_listen", o->metrics_listen, "answered", 1, "pending_messages",
	    (json_int_t)l->pending_messages, "pending_rows", (json_int_t)l->pending_rows, "store_up", l->store_up == 1);
}

/* Members that need Redis are null without it. */
json_t *
overview_json(const struct overview *o)
{
	json_t *redis = json_pack("{s:s, s:b, s:o}", "endpoint", o->redis, "reachable", o->reachable, o->reachable ? "answer_ms" : "why",
	    o->reachable ? json_integer((json_int_t)o->snapshot.answer_ms) : json_text(o->why));
	bool there = o->reachable;

	return json_pack("{s:s, s:I, s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "version", o->version, "time", (json_int_t)o->snapshot.now,
	    "redis", redis, "enforcement", overview_enforcement(o), "local", local_json(o), "nodes",
	    there ? overview_json_nodes(&o->snapshot) : json_null(), "today", there ? overview_json_today(&o->snapshot) : json_null(),
	    "warnings", there ? problems_json(&o->problems) : json_null(), "latest", there ? latest_json(&o->snapshot) : json_null());
}
