/* SPDX-License-Identifier: ISC */
/*
 * fleet_store.c - what the nodes of a fleet tell each other: heartbeats, domains that changed, domains that are stored.
 *
 * An invalidation is stored before it is published, so that a node that misses it finds it later
 * (subscription.c). A purge deletes before it does either: whoever receives it must not find the old policy.
 */
#include "config.h"

#include "shared-cache/store/redis_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shared-cache/base/text.h"
#include "shared-cache/store/subscription.h"

enum { SCAN_COUNT = 1000 };

/* ---- invalidations ---- */

static void
queue_delete(struct sts_store_redis *s, const char *key)
{
	sts_redis_command(s->redis, 2);
	sts_redis_text(s->redis, "DEL");
	sts_redis_text(s->redis, key);
}

static void
queue_remember(struct sts_store_redis *s, const char *domain, bool with_text)
{
	char key[STS_KEY_CAP];

	sts_script_begin(s, &(struct sts_script_call){ STS_SCRIPT_INVALIDATE, with_text, 1, 3 });
	sts_redis_text(s->redis, sts_key_invalidated(s->prefix, key));
	sts_redis_text(s->redis, domain);
	sts_redis_number(s->redis, STS_SUBSCRIPTION_KEEP_MS);
	sts_redis_number(s->redis, STS_SUBSCRIPTION_KEEP_MAX);
}

static void
queue_publish(struct sts_store_redis *s, const char *domain)
{
	char key[STS_KEY_CAP];

	sts_redis_command(s->redis, 3);
	sts_redis_text(s->redis, "PUBLISH");
	sts_redis_text(s->redis, sts_key_invalidate(s->prefix, key));
	sts_redis_text(s->redis, domain);
}

/* Reads a number; *unknown: Redis does not know the script yet. */
static enum sts_status
read_number(struct sts_store_redis *s, int64_t *out, bool *unknown)
{
	struct sts_reply reply;
	enum sts_status status = sts_redis_read(s->redis, &reply);

	*out = 0;
	if (status != STS_OK)
		return sts_exchange_broken(s, status);
	if (unknown != NULL && sts_script_is_unknown(&reply))
		*unknown = true;
	else if (reply.kind == STS_REPLY_INTEGER)
		*out = reply.integer;
	else
		status = sts_exchange_refused(s, "invalidate", &reply);
	sts_reply_free(&reply);
	return status;
}

/* Within an exchange. */
static enum sts_status
tell_all(struct sts_store_redis *s, const char *domain)
{
	bool unknown = false;
	enum sts_status status;
	int64_t n;

	queue_remember(s, domain, false);
	status = read_number(s, &n, &unknown);
	if (status == STS_OK && unknown) {
		queue_remember(s, domain, true);
		status = read_number(s, &n, NULL);
	}
	if (status != STS_OK)
		return status;
	queue_publish(s, domain);
	return read_number(s, &n, NULL);
}

enum sts_status
sts_store_redis_publish(struct sts_store *store, const char *domain)
{
	struct sts_store_redis *s = sts_store_redis_of(store);
	enum sts_status status = sts_exchange_begin(s);

	if (status == STS_OK)
		status = tell_all(s, domain);
	if (status == STS_OK)
		sts_exchange_good(s, true);
	return status;
}

/* Deletes a key of domain, and makes all nodes forget domain. */
static enum sts_status
forget(struct sts_store_redis *s, const char *key, const char *domain)
{
	enum sts_status status = sts_exchange_begin(s);
	int64_t deleted = 0;

	if (status != STS_OK)
		return status;
	queue_delete(s, key);
	status = read_number(s, &deleted, NULL);
	if (status == STS_OK)
		status = tell_all(s, domain);
	if (status != STS_OK)
		return status;
	sts_exchange_good(s, true);
	return deleted > 0 ? STS_OK : STS_ENOTFOUND;
}

enum sts_status
sts_store_redis_purge(struct sts_store *store, const char *domain)
{
	struct sts_store_redis *s = sts_store_redis_of(store);
	char key[STS_KEY_CAP];

	return forget(s, sts_key_policy(s->prefix, domain, key), domain);
}

enum sts_status
sts_store_redis_clear_history(struct sts_store *store, const char *domain)
{
	struct sts_store_redis *s = sts_store_redis_of(store);
	char key[STS_KEY_CAP];

	return forget(s, sts_key_history(s->prefix, domain, key), domain);
}

/* ---- heartbeats ---- */

static void
queue_expiry(struct sts_store_redis *s, const char *key)
{
	sts_redis_command(s->redis, 3);
	sts_redis_text(s->redis, "EXPIRE");
	sts_redis_text(s->redis, key);
	sts_redis_number(s->redis, STS_STORE_HEARTBEAT_S);
}

/* Returns the number of replies to expect. */
static size_t
queue_heartbeat(struct sts_store_redis *s, const struct sts_store_heartbeat *heartbeat)
{
	const struct {
		const char *name;
		int64_t n;
	} numbers[] = {
		{ "started", heartbeat->started },
		{ "seen", heartbeat->seen },
		{ "pending_messages", (int64_t)heartbeat->pending_messages },
		{ "pending_rows", (int64_t)heartbeat->pending_rows },
		{ "folded_messages", (int64_t)heartbeat->folded_messages },
		{ "dropped_stream", (int64_t)heartbeat->dropped_stream },
		{ "retried", (int64_t)heartbeat->retried },
		{ "enforcing", heartbeat->enforcing },
		{ "dry_run", heartbeat->dry_run },
		{ "tripped", heartbeat->tripped },
		{ "refused_minute", (int64_t)heartbeat->refused_minute },
		{ "heard", (int64_t)heartbeat->heard },
	};
	const size_t count = sizeof(numbers) / sizeof(numbers[0]);
	char key[STS_KEY_CAP];

	sts_key_node(s->prefix, s->node, key);
	sts_redis_command(s->redis, 4 + 2 * count);
	sts_redis_text(s->redis, "HSET");
	sts_redis_text(s->redis, key);
	sts_redis_text(s->redis, "version");
	sts_redis_text(s->redis, PACKAGE_VERSION);
	for (size_t i = 0; i < count; i++) {
		sts_redis_text(s->redis, numbers[i].name);
		sts_redis_number(s->redis, numbers[i].n);
	}
	queue_expiry(s, key);
	sts_key_nodes(s->prefix, key);
	sts_redis_command(s->redis, 4);
	sts_redis_text(s->redis, "ZADD");
	sts_redis_text(s->redis, key);
	sts_redis_number(s->redis, heartbeat->seen);
	sts_redis_text(s->redis, s->node);
	sts_redis_command(s->redis, 4);
	sts_redis_text(s->redis, "ZREMRANGEBYSCORE");
	sts_redis_text(s->redis, key);
	sts_redis_text(s->redis, "-inf");
	sts_redis_number(s->redis, heartbeat->seen - STS_STORE_HEARTBEAT_S);
	queue_expiry(s, key);
	return 5;
}

enum sts_status
sts_store_redis_heartbeat(struct sts_store *store, const struct sts_store_heartbeat *heartbeat)
{
	struct sts_store_redis *s = sts_store_redis_of(store);
	enum sts_status status = sts_exchange_begin(s);
	size_t replies = status == STS_OK ? queue_heartbeat(s, heartbeat) : 0;
	struct sts_reply reply;
	bool wrote = false;

	/* A key that is not ours costs the heartbeat, but not the connection, which counters need. */
	for (size_t i = 0; i < replies && status == STS_OK; i++) {
		status = sts_redis_read(s->redis, &reply);
		if (status != STS_OK)
			return sts_exchange_broken(s, status);
		wrote = wrote || reply.kind == STS_REPLY_INTEGER;
		sts_reply_free(&reply);
	}
	/* On a node without mail, nothing else shows that Redis is back. */
	if (wrote)
		sts_exchange_good(s, true);
	return status;
}

/* ---- what is stored ---- */

static enum sts_status
read_scan(struct sts_store_redis *s, struct sts_reply *reply, uint64_t *cursor)
{
	enum sts_status status = sts_redis_read(s->redis, reply);
	unsigned long long next;
	struct sts_reply first, keys;

	if (status != STS_OK)
		return sts_exchange_broken(s, status);
	if (reply->kind == STS_REPLY_ARRAY && reply->count == 2) {
		first = sts_reply_element(reply, 0);
		keys = sts_reply_element(reply, 1);
		if (first.kind == STS_REPLY_TEXT && keys.kind == STS_REPLY_ARRAY &&
		    sts_text_parse_u64(first.text, first.len, 19, &next)) {
			*cursor = next;
			sts_exchange_good(s, false);
			return STS_OK;
		}
	}
	return sts_exchange_refused(s, "scan", reply);
}

enum sts_status
sts_store_redis_scan(struct sts_store *store, uint64_t *cursor, sts_store_each_fn *each, void *arg)
{
	struct sts_store_redis *s = sts_store_redis_of(store);
	char pattern[STS_KEY_PATTERN_CAP], text[24], domain[STS_DOMAIN_CAP];
	enum sts_status status = sts_exchange_begin(s);
	struct sts_reply reply = { 0 }, keys, key;
	size_t nodes, node;

	if (status != STS_OK)
		return status;
	nodes = sts_redis_nodes(s->redis);
	node = (size_t)(*cursor % nodes);
	sts_redis_choose(s->redis, node);
	snprintf(text, sizeof(text), "%" PRIu64, *cursor / nodes);
	sts_redis_command(s->redis, 6);
	sts_redis_text(s->redis, "SCAN");
	sts_redis_text(s->redis, text);
	sts_redis_text(s->redis, "MATCH");
	sts_redis_text(s->redis, sts_key_policy_pattern(s->prefix, pattern));
	sts_redis_text(s->redis, "COUNT");
	sts_redis_number(s->redis, SCAN_COUNT);
	status = read_scan(s, &reply, cursor);
	/* The cursor of a cluster also counts its nodes: after one is done, the next. (Redis's own are below its tables' sizes.) */
	if (status == STS_OK && (*cursor != 0 || node + 1 < nodes))
		*cursor = *cursor != 0 ? *cursor * nodes + node : node + 1;
	keys = status == STS_OK ? sts_reply_element(&reply, 1) : (struct sts_reply){ 0 };
	for (size_t i = 0; i < keys.count; i++) {
		key = sts_reply_element(&keys, i);
		if (key.kind == STS_REPLY_TEXT && sts_key_policy_domain(s->prefix, key.text, key.len, domain))
			each(arg, domain);
	}
	sts_reply_free(&reply);
	return status;
}
