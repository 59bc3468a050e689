/* SPDX-License-Identifier: ISC */
/* cluster.c - one connection for each node, and the commands in progress. Knows neither keys nor what commands do. */
#include "config.h"

#include "shared-cache/redis/cluster.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/text.h"
#include "shared-cache/redis/cluster_slots.h"

enum { REDIRECTS_MAX = 5, WHY_CAP = 320, NO_NODE = STS_CLUSTER_NODES_MAX, SOURCES_MAX = 2 * STS_SENTINELS_MAX };

/* A command whose reply has not been read. Its words are in the cluster's buffer, each a length and then the bytes. */
struct pending {
	size_t start, argc;
	size_t node;		/* the node it goes to, or went to; NO_NODE: it has no key */
	unsigned slot;
	bool sent;
};

struct sts_cluster {
	struct sts_endpoint seeds;
	char *username, *password;
	int64_t timeout_ms, deadline_ms;
	size_t reply_max;
	struct sts_cluster_map *map;
	bool stale;				/* fetch a new map */
	struct sts_cluster_node doubted;	/* asked last, since it says that the cluster is down; port 0: none */
	struct sts_redis *conns[STS_CLUSTER_NODES_MAX];
	bool begun[STS_CLUSTER_NODES_MAX];	/* in this exchange */
	bool open;
	size_t chosen;
	char *words;
	size_t words_len, words_cap, queued;
	struct pending *pending;
	size_t head, count, cap;
	size_t words_due, word_number, key_word;	/* of the last command; key_word 0: not known yet, or it has no key */
	bool no_memory;
	char why[WHY_CAP];
};

static enum sts_status
fail(struct sts_cluster *c, const char *why)
{
	snprintf(c->why, sizeof(c->why), "%s", why);
	c->stale = true;
	sts_cluster_drop(c);
	return STS_EUNAVAILABLE;
}

static void
blame_node(struct sts_cluster *c, const struct sts_cluster_node *node, const char *why)
{
	struct sts_text text;

	sts_text_init(&text, c->why, sizeof(c->why));
	sts_text_addf(&text, "%s:%u: ", node->host, (unsigned)node->port);
	sts_text_add(&text, why);
}

static enum sts_status
fail_node(struct sts_cluster *c, const struct sts_cluster_node *node, const char *why)
{
	blame_node(c, node, why);
	c->stale = true;
	sts_cluster_drop(c);	/* frees what `why' may point into */
	return STS_EUNAVAILABLE;
}

/* ---- life cycle ---- */

enum sts_status
sts_cluster_new(const struct sts_redis_params *params, struct sts_cluster **out)
{
	struct sts_cluster *c = calloc(1, sizeof(*c));

	*out = c;
	if (c == NULL)
		return STS_ENOMEM;
	c->seeds = *params->endpoint;	/* redis.c owns its strings */
	c->timeout_ms = params->timeout_ms;
	c->reply_max = params->reply_max;
	c->username = strdup(params->username);
	c->password = strdup(params->password);
	c->map = calloc(1, sizeof(*c->map));
	c->stale = true;
	if (c->username != NULL && c->password != NULL && c->map != NULL)
		return STS_OK;
	sts_cluster_free(out);
	return STS_ENOMEM;
}

void
sts_cluster_drop(struct sts_cluster *cluster)
{
	for (size_t i = 0; i < STS_CLUSTER_NODES_MAX; i++) {
		sts_redis_free(&cluster->conns[i]);
		cluster->begun[i] = false;
	}
	cluster->open = false;
	cluster->head = cluster->count = cluster->words_len = cluster->queued = cluster->words_due = 0;
	cluster->no_memory = false;
}

void
sts_cluster_free(struct sts_cluster **cluster)
{
	struct sts_cluster *c = *cluster;

	if (c == NULL)
		return;
	sts_cluster_drop(c);
	if (c->password != NULL)
		explicit_bzero(c->password, strlen(c->password));
	free(c->password);
	free(c->username);
	free(c->words);
	free(c->pending);
	free(c->map);
	free(c);
	*cluster = NULL;
}

bool
sts_cluster_is_open(const struct sts_cluster *cluster)
{
	return cluster->open;
}

const char *
sts_cluster_why(const struct sts_cluster *cluster)
{
	return cluster->why;
}

static enum sts_status
make_conn(const struct sts_cluster *c, const struct sts_cluster_node *node, int64_t timeout_ms, struct sts_redis **out)
{
	struct sts_endpoint where = { .kind = STS_ENDPOINT_TCP, .port = node->port, .tls = c->seeds.tls, .tls_with = c->seeds.tls_with };
	const struct sts_redis_params params = { .endpoint = &where, .username = c->username, .password = c->password,
		.timeout_ms = timeout_ms, .reply_max = c->reply_max };

	memcpy(where.host, node->host, sizeof(where.host));
	return sts_redis_new(&params, out);
}

/* ---- the slot map ---- */

static bool
ask_for_map(struct sts_cluster *c, const struct sts_cluster_node *node, int64_t deadline_ms)
{
	struct sts_reply reply = { 0 };
	struct sts_redis *redis;
	bool good;

	if (make_conn(c, node, c->timeout_ms, &redis) != STS_OK)
		return false;
	good = sts_redis_begin_until(redis, deadline_ms) == STS_OK;
	if (good) {
		sts_redis_command(redis, 2);
		sts_redis_text(redis, "CLUSTER");
		sts_redis_text(redis, "SLOTS");
		good = sts_redis_read(redis, &reply) == STS_OK;
	}
	if (good && !sts_cluster_read_map(&reply, node, c->map)) {
		sts_redis_set_why(redis, "CLUSTER SLOTS", &reply);
		good = false;
	}
	if (!good)
		blame_node(c, node, sts_redis_why(redis));
	sts_reply_free(&reply);
	sts_redis_free(&redis);
	return good;
}

static bool
is_doubted(const struct sts_cluster *c, const struct sts_cluster_node *node)
{
	return node->port == c->doubted.port && strcmp(node->host, c->doubted.host) == 0;
}

/* The nodes known last, then those from the settings. A node that is cut off from the others, and does not know where its slots
 * are now, comes last. */
static size_t
list_sources(const struct sts_cluster *c, struct sts_cluster_node nodes[SOURCES_MAX])
{
	size_t count = 0, known = c->map->node_count < STS_SENTINELS_MAX ? c->map->node_count : STS_SENTINELS_MAX;
	struct sts_cluster_node seed = { .port = 0 };
	bool doubted = false;

	for (size_t i = 0; i < known + c->seeds.sentinel_count; i++) {
		if (i >= known) {
			memcpy(seed.host, c->seeds.sentinels[i - known].host, sizeof(seed.host));
			seed.port = c->seeds.sentinels[i - known].port;
		}
		nodes[count] = i < known ? c->map->nodes[i] : seed;
		if (is_doubted(c, &nodes[count]))
			doubted = true;
		else
			count++;
	}
	if (doubted)
		nodes[count++] = c->doubted;
	return count;
}

/* Each source gets its share of the time. */
static enum sts_status
learn_map(struct sts_cluster *c)
{
	struct sts_cluster_node nodes[SOURCES_MAX];
	size_t count = list_sources(c, nodes);

	sts_cluster_drop(c);
	snprintf(c->why, sizeof(c->why), "no node is known");
	for (size_t i = 0; i < count; i++) {
		int64_t now = sts_clock_mono_ms();

		if (ask_for_map(c, &nodes[i], now + (c->deadline_ms - now) / (int64_t)(count - i + 1))) {
			c->stale = false;
			return STS_OK;
		}
	}
	return STS_EUNAVAILABLE;
}

enum sts_status
sts_cluster_begin(struct sts_cluster *cluster, int64_t deadline_ms)
{
	cluster->deadline_ms = deadline_ms;
	if (cluster->head < cluster->count)
		sts_cluster_drop(cluster);	/* replies that nobody has read */
	cluster->head = cluster->count = cluster->words_len = cluster->queued = cluster->words_due = 0;
	cluster->no_memory = false;
	cluster->chosen = 0;
	memset(cluster->begun, 0, sizeof(cluster->begun));
	if (cluster->stale && learn_map(cluster) != STS_OK)
		return STS_EUNAVAILABLE;
	cluster->open = true;
	return STS_OK;
}

size_t
sts_cluster_nodes(const struct sts_cluster *cluster)
{
	return cluster->map->node_count;
}

void
sts_cluster_choose(struct sts_cluster *cluster, size_t node)
{
	cluster->chosen = node;
}

/* ---- commands ---- */

static bool
grow(void **memory, size_t *cap, size_t wanted, size_t size)
{
	size_t more = 2 * (*cap + wanted) + 64;
	void *grown = realloc(*memory, more * size);

	if (grown == NULL)
		return false;
	*memory = grown;
	*cap = more;
	return true;
}

void
sts_cluster_command(struct sts_cluster *cluster, size_t argc)
{
	assert(cluster->words_due == 0);
	cluster->words_due = argc;
	cluster->word_number = cluster->key_word = 0;
	if (cluster->count == cluster->cap &&
	    !grow((void **)&cluster->pending, &cluster->cap, 1, sizeof(*cluster->pending))) {
		cluster->no_memory = true;
		return;
	}
	cluster->pending[cluster->count++] = (struct pending){ cluster->words_len, argc, NO_NODE, 0, false };
}

void
sts_cluster_word(struct sts_cluster *cluster, const char *word, size_t len)
{
	struct pending *p = cluster->count > 0 ? &cluster->pending[cluster->count - 1] : NULL;
	size_t need = sizeof(len) + len;

	assert(cluster->words_due > 0);
	cluster->words_due--;
	if (cluster->no_memory || (need > cluster->words_cap - cluster->words_len &&
	    !grow((void **)&cluster->words, &cluster->words_cap, need, 1))) {
		cluster->no_memory = true;
		return;
	}
	memcpy(cluster->words + cluster->words_len, &len, sizeof(len));
	memcpy(cluster->words + cluster->words_len + sizeof(len), word, len);
	cluster->words_len += need;
	cluster->queued += need;
	if (cluster->word_number == 0)
		cluster->key_word = sts_cluster_key_word(word, len);
	else if (cluster->word_number == cluster->key_word) {
		p->slot = sts_cluster_slot(word, len);
		p->node = 0;	/* the owner of its slot is found when it is sent */
	} else if (cluster->key_word == 0 && sts_cluster_key_follows(word, len))
		cluster->key_word = cluster->word_number + 1;
	cluster->word_number++;
}

size_t
sts_cluster_queued(const struct sts_cluster *cluster)
{
	return cluster->queued;
}

/* ---- the nodes ---- */

static void
resend(const struct sts_cluster *c, const struct pending *p, struct sts_redis *conn)
{
	const char *at = c->words + p->start;
	size_t len;

	sts_redis_command(conn, p->argc);
	for (size_t i = 0; i < p->argc; i++) {
		memcpy(&len, at, sizeof(len));
		sts_redis_word(conn, at + sizeof(len), len);
		at += sizeof(len) + len;
	}
}

static enum sts_status
open_node(struct sts_cluster *c, size_t node)
{
	if (c->conns[node] == NULL && make_conn(c, &c->map->nodes[node], c->timeout_ms, &c->conns[node]) != STS_OK)
		return fail(c, "no memory");
	if (!c->begun[node] && sts_redis_begin_until(c->conns[node], c->deadline_ms) != STS_OK)
		return fail_node(c, &c->map->nodes[node], sts_redis_why(c->conns[node]));
	c->begun[node] = true;
	return STS_OK;
}

static enum sts_status
send_all(struct sts_cluster *c)
{
	c->queued = 0;
	for (size_t i = c->head; i < c->count; i++) {
		struct pending *p = &c->pending[i];

		if (p->sent)
			continue;
		p->node = p->node == NO_NODE ? c->chosen : c->map->owner[p->slot];
		if (p->node >= c->map->node_count)
			return fail(c, "no node has the key's slot");
		if (open_node(c, p->node) != STS_OK)
			return STS_EUNAVAILABLE;
		resend(c, p, c->conns[p->node]);
		p->sent = true;
	}
	return STS_OK;
}

/* Sends the command to the node of a redirection, over a connection of its own: an existing one may hold replies to other
 * commands. */
static enum sts_status
send_redirected(struct sts_cluster *c, const struct pending *p, const struct sts_cluster_node *where, bool asking, struct sts_reply *out)
{
	struct sts_redis *conn;
	enum sts_status status = make_conn(c, where, c->timeout_ms, &conn);

	if (status == STS_OK)
		status = sts_redis_begin_until(conn, c->deadline_ms);
	if (status == STS_OK && asking) {
		sts_redis_command(conn, 1);
		sts_redis_text(conn, "ASKING");
	}
	if (status == STS_OK)
		resend(c, p, conn);
	if (status == STS_OK && asking) {
		status = sts_redis_read(conn, out);
		sts_reply_free(out);
	}
	if (status == STS_OK)
		status = sts_redis_read(conn, out);
	if (status != STS_OK)
		(void)fail(c, conn != NULL ? sts_redis_why(conn) : "no memory");
	sts_redis_free(&conn);
	return status;
}

/* Follows redirections (MOVED, ASK). */
static enum sts_status
follow_redirects(struct sts_cluster *c, const struct pending *p, struct sts_reply *out)
{
	struct sts_cluster_node asked = c->map->nodes[p->node], where;
	enum sts_cluster_redirect redirect;
	enum sts_status status = STS_OK;
	unsigned slot = 0;
	size_t node;

	for (int i = 0; i < REDIRECTS_MAX && status == STS_OK; i++) {
		redirect = sts_cluster_redirect(out, &asked, &slot, &where);
		if (redirect == STS_CLUSTER_NO_REDIRECT)
			break;
		sts_reply_free(out);
		if (redirect == STS_CLUSTER_MOVED) {
			node = sts_cluster_node(c->map, where.host, strlen(where.host), where.port);
			c->map->owner[slot] = (uint8_t)node;
			c->stale = true;
		}
		status = send_redirected(c, p, &where, redirect == STS_CLUSTER_ASK, out);
		asked = where;
	}
	return status;
}

/* The node says that the cluster is down: another node may know better. */
static void
note_cluster_down(struct sts_cluster *c, const struct sts_cluster_node *node, const struct sts_reply *answer)
{
	if (!sts_reply_is_refusal(answer, "CLUSTERDOWN"))
		return;
	c->doubted = *node;
	c->stale = true;
}

enum sts_status
sts_cluster_read(struct sts_cluster *cluster, struct sts_reply *out)
{
	const struct pending *p;
	enum sts_status status;
	size_t node;

	memset(out, 0, sizeof(*out));
	if (!cluster->open)
		return STS_EUNAVAILABLE;
	if (cluster->no_memory) {
		(void)fail(cluster, "no memory");
		return STS_ENOMEM;
	}
	assert(cluster->words_due == 0);
	if ((status = send_all(cluster)) != STS_OK)
		return status;
	p = cluster->head < cluster->count ? &cluster->pending[cluster->head] : NULL;
	/* SUBSCRIBE has several replies. */
	node = p != NULL ? p->node : cluster->chosen;
	if (cluster->conns[node] == NULL)
		return fail(cluster, "nothing has been asked");
	if (sts_redis_read(cluster->conns[node], out) != STS_OK)
		return fail(cluster, sts_redis_why(cluster->conns[node]));
	if (p == NULL)
		return STS_OK;
	status = follow_redirects(cluster, p, out);
	if (status == STS_OK)
		note_cluster_down(cluster, &cluster->map->nodes[node], out);
	if (status == STS_OK && ++cluster->head == cluster->count)
		cluster->head = cluster->count = cluster->words_len = 0;
	return status;
}

/* Waits on the node with the subscription; each node hears what is published on any. */
enum sts_status
sts_cluster_await(struct sts_cluster *cluster, int wake_fd, int64_t until_ms, struct sts_reply *out)
{
	enum sts_status status = cluster->open ? send_all(cluster) : STS_EUNAVAILABLE;
	struct sts_redis *conn;

	memset(out, 0, sizeof(*out));
	if (status != STS_OK)
		return status;
	if ((conn = cluster->conns[cluster->chosen]) == NULL)
		return fail(cluster, "nothing has been asked");
	cluster->head = cluster->count = cluster->words_len = 0;	/* replies come at any time from now on */
	status = sts_redis_await(conn, wake_fd, until_ms, out);
	return status == STS_OK || status == STS_ENOTFOUND ? status : fail(cluster, sts_redis_why(conn));
}
