/* SPDX-License-Identifier: ISC */
/* cluster_slots.c - finds a command's key and a key's slot; parses CLUSTER SLOTS, MOVED and ASK. Knows no connection. */
#include "config.h"

#include "shared-cache/redis/cluster_slots.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "shared-cache/base/text.h"

/* Polynomial x^16 + x^12 + x^5 + 1, initial value 0. */
static unsigned
crc16(const char *s, size_t len)
{
	unsigned crc = 0;

	for (size_t i = 0; i < len; i++) {
		crc ^= (unsigned)(unsigned char)s[i] << 8;
		for (int bit = 0; bit < 8; bit++)
			crc = (crc & 0x8000) != 0 ? (crc << 1 ^ 0x1021) & 0xffff : crc << 1 & 0xffff;
	}
	return crc;
}

unsigned
sts_cluster_slot(const char *key, size_t len)
{
	const char *open = memchr(key, '{', len);
	const char *close = open != NULL ? memchr(open, '}', len - (size_t)(open - key)) : NULL;

	if (close != NULL && close > open + 1)
		return crc16(open + 1, (size_t)(close - open) - 1) % STS_CLUSTER_SLOTS;
	return crc16(key, len) % STS_CLUSTER_SLOTS;
}

/* ---- which word is the key ---- */

static bool
is_one_of(const char *word, size_t len, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strlen(*words) == len && strncasecmp(word, *words, len) == 0)
			return true;
	return false;
}

size_t
sts_cluster_key_word(const char *name, size_t len)
{
	static const char *const without[] = { "PUBLISH", "SUBSCRIBE", "UNSUBSCRIBE", "PING", "SCAN", "FUNCTION", "INFO", "TIME", "ACL",
		"CONFIG", "CLUSTER", "COMMAND", "ROLE", "XREAD", NULL };
	static const char *const scripts[] = { "EVAL", "EVALSHA", "FCALL", "FCALL_RO", NULL };

	return is_one_of(name, len, without) ? 0 : is_one_of(name, len, scripts) ? 3 : 1;
}

bool
sts_cluster_key_follows(const char *word, size_t len)
{
	static const char *const words[] = { "STREAMS", NULL };

	return is_one_of(word, len, words);
}

/* ---- which node owns a slot ---- */

size_t
sts_cluster_node(struct sts_cluster_map *map, const char *host, size_t len, uint16_t port)
{
	struct sts_cluster_node *node;

	for (size_t i = 0; i < map->node_count; i++)
		if (map->nodes[i].port == port && strlen(map->nodes[i].host) == len && memcmp(map->nodes[i].host, host, len) == 0)
			return i;
	if (map->node_count == STS_CLUSTER_NODES_MAX || len >= sizeof(node->host))
		return STS_CLUSTER_NODES_MAX;
	node = &map->nodes[map->node_count];
	memset(node, 0, sizeof(*node));
	memcpy(node->host, host, len);
	node->port = port;
	return map->node_count++;
}

/* Letters, digits and whatever else is in addresses and names; no longer than a name may be. */
static bool
is_host(const char *host, size_t len)
{
	return len < 254 && strspn(host, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.:-_%") >= len;
}

/* Parses an array of host, port and more. */
static bool
read_node(const struct sts_reply *reply, const struct sts_cluster_node *asked, struct sts_cluster_map *map, size_t *out)
{
	struct sts_reply host, port;

	if (reply->kind != STS_REPLY_ARRAY || reply->count < 2)
		return false;
	host = sts_reply_element(reply, 0);
	port = sts_reply_element(reply, 1);
	if (host.kind == STS_REPLY_NIL || (host.kind == STS_REPLY_TEXT && host.len == 0))
		host = (struct sts_reply){ .kind = STS_REPLY_TEXT, .text = asked->host, .len = strlen(asked->host) };
	if (host.kind != STS_REPLY_TEXT || !is_host(host.text, host.len) || port.kind != STS_REPLY_INTEGER || port.integer < 1 ||
	    port.integer > 65535)
		return false;
	*out = sts_cluster_node(map, host.text, host.len, (uint16_t)port.integer);
	return *out < STS_CLUSTER_NODES_MAX;
}

/* Parses an array of first slot, last slot, master, replicas. */
static bool
read_range(const struct sts_reply *range, const struct sts_cluster_node *asked, struct sts_cluster_map *map)
{
	struct sts_reply first, last, master;
	size_t node;

	if (range->kind != STS_REPLY_ARRAY || range->count < 3)
		return false;
	first = sts_reply_element(range, 0);
	last = sts_reply_element(range, 1);
	master = sts_reply_element(range, 2);
	if (first.kind != STS_REPLY_INTEGER || last.kind != STS_REPLY_INTEGER || first.integer < 0 ||
	    first.integer > last.integer || last.integer >= STS_CLUSTER_SLOTS || !read_node(&master, asked, map, &node))
		return false;
	memset(map->owner + first.integer, (int)node, (size_t)(last.integer - first.integer) + 1);
	return true;
}

bool
sts_cluster_read_map(const struct sts_reply *reply, const struct sts_cluster_node *asked, struct sts_cluster_map *out)
{
	bool good = reply->kind == STS_REPLY_ARRAY && reply->count > 0;

	out->node_count = 0;
	memset(out->owner, STS_CLUSTER_NODES_MAX, sizeof(out->owner));
	for (size_t i = 0; good && i < reply->count; i++) {
		struct sts_reply range = sts_reply_element(reply, i);

		good = read_range(&range, asked, out);
	}
	if (!good) {
		out->node_count = 0;
		memset(out->owner, STS_CLUSTER_NODES_MAX, sizeof(out->owner));
	}
	return good;
}

/* " SLOT HOST:PORT" */
static bool
read_redirect(const char *text, size_t len, const struct sts_cluster_node *asked, unsigned *slot, struct sts_cluster_node *where)
{
	const char *space = memchr(text, ' ', len), *colon = memrchr(text, ':', len);
	size_t host_len = space != NULL && colon != NULL && colon > space ? (size_t)(colon - space) - 1 : 0;
	const char *host = space != NULL ? space + 1 : text;
	unsigned long long number, port;

	if (space == NULL || colon == NULL || colon < space)
		return false;
	if (!sts_text_parse_u64(text, (size_t)(space - text), 5, &number) || number >= STS_CLUSTER_SLOTS ||
	    !sts_text_parse_u64(colon + 1, len - (size_t)(colon - text) - 1, 5, &port) || port < 1 || port > 65535)
		return false;
	if (host_len == 0) {
		host = asked->host;
		host_len = strlen(host);
	}
	if (!is_host(host, host_len))
		return false;
	*slot = (unsigned)number;
	memset(where, 0, sizeof(*where));
	memcpy(where->host, host, host_len);
	where->port = (uint16_t)port;
	return true;
}

/* Whether the error begins with this word, and continues after it. */
static bool
is_redirect(const struct sts_reply *reply, const char *word)
{
	return sts_reply_is_refusal(reply, word) && reply->len > strlen(word);
}

enum sts_cluster_redirect
sts_cluster_redirect(const struct sts_reply *reply, const struct sts_cluster_node *asked, unsigned *slot, struct sts_cluster_node *where)
{
	static const char moved[] = "MOVED", ask[] = "ASK";

	/* sizeof counts the blank after the word. */
	if (is_redirect(reply, moved) && read_redirect(reply->text + sizeof(moved), reply->len - sizeof(moved), asked, slot, where))
		return STS_CLUSTER_MOVED;
	if (is_redirect(reply, ask) && read_redirect(reply->text + sizeof(ask), reply->len - sizeof(ask), asked, slot, where))
		return STS_CLUSTER_ASK;
	return STS_CLUSTER_NO_REDIRECT;
}
