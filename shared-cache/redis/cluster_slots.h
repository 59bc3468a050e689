/* SPDX-License-Identifier: ISC */
/*
 * cluster_slots.h - Redis Cluster's slots: which word of a command is its key, which slot a key has, which node owns a slot.
 *
 * The map comes from CLUSTER SLOTS, and is kept until a node says MOVED or stops answering. Its bytes are hostile: a map with an
 * impossible slot or host is rejected. Pure. Belongs to a connection: one thread at a time.
 */
#ifndef STS_REDIS_CLUSTER_SLOTS_H
#define STS_REDIS_CLUSTER_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/redis/redis_reply.h"

enum { STS_CLUSTER_SLOTS = 16384, STS_CLUSTER_NODES_MAX = 128 };

/* CRC16 (XMODEM) of the hash tag, the text within the key's first braces; without one, of the whole key. */
unsigned sts_cluster_slot(const char *key, size_t len);

/* Position of the key in a command with this name: usually 1, right after the name. 0: it has none, or the key follows a word
 * that sts_cluster_key_follows recognises. */
size_t sts_cluster_key_word(const char *name, size_t len);
bool sts_cluster_key_follows(const char *word, size_t len);

struct sts_cluster_node {
	char host[256];
	uint16_t port;
};

struct sts_cluster_map {
	size_t node_count;
	struct sts_cluster_node nodes[STS_CLUSTER_NODES_MAX];	/* masters */
	uint8_t owner[STS_CLUSTER_SLOTS];			/* index of the owning node; STS_CLUSTER_NODES_MAX: none */
};

/* The index of a node, which is added if it is new. STS_CLUSTER_NODES_MAX: the map is full. */
size_t sts_cluster_node(struct sts_cluster_map *map, const char *host, size_t len, uint16_t port);

/* Parses a reply to CLUSTER SLOTS. asked: the node that sent it, which an empty host stands for. False, and an empty map, when
 * it is malformed. */
bool sts_cluster_read_map(const struct sts_reply *reply, const struct sts_cluster_node *asked, struct sts_cluster_map *out);

/* Parses "MOVED SLOT HOST:PORT" and "ASK SLOT HOST:PORT". */
enum sts_cluster_redirect { STS_CLUSTER_NO_REDIRECT, STS_CLUSTER_MOVED, STS_CLUSTER_ASK };
enum sts_cluster_redirect sts_cluster_redirect(const struct sts_reply *reply, const struct sts_cluster_node *asked, unsigned *slot,
    struct sts_cluster_node *where);

#endif
