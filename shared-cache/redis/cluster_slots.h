/* SPDX-License-Identifier: ISC */
/*
 * cluster_slots.h - which word of a command is its key, which slot a key has in a Redis Cluster, and which node has a slot.
 *
 * The map is what CLUSTER SLOTS says, kept until a node says MOVED or does not answer any more. Its bytes are hostile: a map with
 * an impossible slot or host is none. Pure. Of a connection, as it is: one thread at a time.
 */
#ifndef STS_REDIS_CLUSTER_SLOTS_H
#define STS_REDIS_CLUSTER_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/redis/redis_reply.h"

enum { STS_CLUSTER_SLOTS = 16384, STS_CLUSTER_NODES_MAX = 128 };

/* CRC16 (XMODEM) of what stands in the first braces of the key, if anything does, else of the whole key. */
unsigned sts_cluster_slot(const char *key, size_t len);

/* Where the key of a command with this name stands: right after the name (1) as a rule; 0: it has none, or it follows a word that
 * sts_cluster_key_follows knows. */
size_t sts_cluster_key_word(const char *name, size_t len);
bool sts_cluster_key_follows(const char *word, size_t len);

struct sts_cluster_node {
	char host[256];
	uint16_t port;
};

struct sts_cluster_map {
	size_t node_count;
	struct sts_cluster_node nodes[STS_CLUSTER_NODES_MAX];	/* masters */
	uint8_t owner[STS_CLUSTER_SLOTS];			/* index of its node; STS_CLUSTER_NODES_MAX: nobody's */
};

/* The number of a node, which is added if it is not there. STS_CLUSTER_NODES_MAX: there is no room. */
size_t sts_cluster_node(struct sts_cluster_map *map, const char *host, size_t len, uint16_t port);

/* Reads a reply to CLUSTER SLOTS. asked: where it came from, which is what an empty host stands for. False, and an empty map, when it
 * is none. */
bool sts_cluster_read_map(const struct sts_reply *reply, const struct sts_cluster_node *asked, struct sts_cluster_map *out);

/* "MOVED SLOT HOST:PORT" and "ASK SLOT HOST:PORT": takes them apart. */
enum sts_cluster_redirect { STS_CLUSTER_NO_REDIRECT, STS_CLUSTER_MOVED, STS_CLUSTER_ASK };
enum sts_cluster_redirect sts_cluster_redirect(const struct sts_reply *reply, const struct sts_cluster_node *asked, unsigned *slot,
    struct sts_cluster_node *where);

#endif
