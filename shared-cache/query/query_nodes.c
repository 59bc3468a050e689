/* SPDX-License-Identifier: ISC */
/* query_nodes.c - the milters of a fleet: reads their heartbeats, and sends them commands. */
#include "config.h"

#include "shared-cache/query/query.h"

#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/text.h"
#include "shared-cache/query/query_private.h"

static const char *const fields[] = { "seen", "started", "enforcing", "dry_run", "tripped", "refused_minute", "heard",
	"pending_messages", "pending_rows", "folded_messages", "dropped_stream", "retried", "version" };

enum { FIELDS = sizeof(fields) / sizeof(fields[0]), NUMBERS = FIELDS - 1, PIPELINE = 100 };

/* ---- which nodes ---- */

/* Normalising is for printing; only a name that is already normal may become part of a key. */
static bool
take_name(const struct sts_reply *name, struct sts_query_node *node)
{
	struct sts_text text;

	memset(node, 0, sizeof(*node));
	if (name->kind != STS_REPLY_TEXT || name->len == 0 || name->len >= sizeof(node->name))
		return false;
	sts_text_init(&text, node->name, sizeof(node->name));
	sts_text_add_token(&text, name->text, name->len);
	return text.len == name->len && memcmp(node->name, name->text, name->len) == 0;
}

static enum sts_status
list_nodes(struct sts_query *q, int64_t since, struct sts_query_node *nodes, size_t *count)
{
	enum sts_status status = sts_redis_begin(q->redis);
	struct sts_reply reply;
	char key[STS_KEY_CAP];

	*count = 0;
	if (status != STS_OK)
		return status;
	sts_redis_command(q->redis, 7);
	sts_redis_text(q->redis, "ZRANGEBYSCORE");
	sts_redis_text(q->redis, sts_key_nodes(q->prefix, key));
	sts_redis_number(q->redis, since);
	sts_redis_text(q->redis, "+inf");
	sts_redis_text(q->redis, "LIMIT");
	sts_redis_number(q->redis, 0);
	sts_redis_number(q->redis, STS_QUERY_NODES_MAX);
	if ((status = sts_query_read(q, "nodes", STS_REPLY_ARRAY, &reply)) != STS_OK)
		return status;
	for (size_t i = 0; i < reply.count && *count < STS_QUERY_NODES_MAX; i++) {
		struct sts_reply name = sts_reply_element(&reply, i);

		*count += take_name(&name, &nodes[*count]);
	}
	sts_reply_free(&reply);
	return STS_OK;
}

/* ---- their heartbeats ---- */

static void
ask_node(struct sts_query *q, const char *name)
{
	char key[STS_KEY_CAP];

	sts_redis_command(q->redis, 2 + FIELDS);
	sts_redis_text(q->redis, "HMGET");
	sts_redis_text(q->redis, sts_key_node(q->prefix, name, key));
	for (size_t i = 0; i < FIELDS; i++)
		sts_redis_text(q->redis, fields[i]);
}

static void
take_version(const struct sts_reply *reply, struct sts_query_node *node)
{
	struct sts_reply value;
	struct sts_text text;

	if (reply->count <= NUMBERS)
		return;
	value = sts_reply_element(reply, NUMBERS);
	sts_text_init(&text, node->version, sizeof(node->version));
	if (value.kind == STS_REPLY_TEXT)
		sts_text_add_token(&text, value.text, value.len);
}

/* Missing fields are 0: a node of an older version reports nothing about enforcement. */
static void
take_fields(const struct sts_reply *reply, struct sts_query_node *node)
{
	int64_t n[NUMBERS] = { 0 };

	for (size_t i = 0; i < NUMBERS && i < reply->count; i++) {
		struct sts_reply value = sts_reply_element(reply, i);

		if (value.kind != STS_REPLY_TEXT || !sts_tally_number(value.text, value.len, &n[i]))
			n[i] = 0;
	}
	node->seen = n[0];
	node->started = n[1];
	node->enforcing = n[2] != 0;
	node->dry_run = n[3] != 0;
	node->tripped = n[4];
	node->refused_minute = n[5];
	node->heard = n[6];
	node->pending_messages = n[7];
	node->pending_rows = n[8];
	node->folded_messages = n[9];
	node->dropped_stream = n[10];
	node->retried = n[11];
	take_version(reply, node);
}

static enum sts_status
read_nodes(struct sts_query *q, struct sts_query_node *nodes, size_t count)
{
	enum sts_status status = sts_redis_begin(q->redis);
	struct sts_reply reply;

	for (size_t i = 0; i < count && status == STS_OK; i++)
		ask_node(q, nodes[i].name);
	for (size_t i = 0; i < count && status == STS_OK; i++) {
		status = sts_query_read(q, "node", STS_REPLY_ARRAY, &reply);
		if (status != STS_OK)
			return status;
		take_fields(&reply, &nodes[i]);
		sts_reply_free(&reply);
	}
	return status;
}

enum sts_status
sts_query_nodes(struct sts_query *query, int64_t since, sts_query_node_fn *fn, void *arg)
{
	struct sts_query_node *nodes = calloc(STS_QUERY_NODES_MAX, sizeof(*nodes));
	enum sts_status status;
	size_t count = 0;
	bool more = true;

	if (nodes == NULL)
		return STS_ENOMEM;
	status = list_nodes(query, since, nodes, &count);
	for (size_t i = 0; i < count && status == STS_OK; i += PIPELINE)
		status = read_nodes(query, nodes + i, count - i < PIPELINE ? count - i : PIPELINE);
	for (size_t i = 0; i < count && status == STS_OK && more; i++)
		more = fn(arg, &nodes[i]);
	if (status == STS_OK && count == 0)
		status = STS_ENOTFOUND;
	free(nodes);
	return status;
}

/* ---- commands to them ---- */

enum sts_status
sts_query_tell(struct sts_query *query, const char *word, int64_t *heard)
{
	enum sts_status status = sts_redis_begin(query->redis);
	struct sts_reply reply;
	char key[STS_KEY_CAP];

	*heard = 0;
	if (status != STS_OK)
		return status;
	sts_redis_command(query->redis, 3);
	sts_redis_text(query->redis, "PUBLISH");
	sts_redis_text(query->redis, sts_key_control(query->prefix, key));
	sts_redis_text(query->redis, word);
	if ((status = sts_query_read(query, "publish", STS_REPLY_INTEGER, &reply)) != STS_OK)
		return status;
	*heard = reply.integer;
	sts_reply_free(&reply);
	return STS_OK;
}
