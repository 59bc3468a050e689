/* SPDX-License-Identifier: ISC */
/*
 * cluster.h - Redis Cluster support for redis.c: sends each command to the node that owns its key.
 *
 * Commands are kept until their replies have been read. So a command that a slot's old node redirects (MOVED, ASK) can be sent to
 * the new one: it was not executed, and is executed once. Replies come in the order of the commands, whichever nodes they went to.
 * A node that fails ends the exchange; the next exchange fetches a new map first. It does so too after a node has said that the
 * cluster is down, and then asks that node last: it may be the only one that is cut off.
 * A command whose keys are in different slots is the caller's mistake; Redis refuses it. For redis.c only; one thread at a time.
 */
#ifndef STS_REDIS_CLUSTER_H
#define STS_REDIS_CLUSTER_H

#include "shared-cache/redis/redis.h"

struct sts_cluster;

enum sts_status sts_cluster_new(const struct sts_redis_params *params, struct sts_cluster **out);
void sts_cluster_free(struct sts_cluster **cluster);

/* Begins an exchange that ends at deadline_ms. Fetches the map if there is none. */
enum sts_status sts_cluster_begin(struct sts_cluster *cluster, int64_t deadline_ms);
/* Drops the exchange's commands and replies, and all connections. */
void sts_cluster_drop(struct sts_cluster *cluster);
bool sts_cluster_is_open(const struct sts_cluster *cluster);

void sts_cluster_command(struct sts_cluster *cluster, size_t argc);
void sts_cluster_word(struct sts_cluster *cluster, const char *word, size_t len);
size_t sts_cluster_queued(const struct sts_cluster *cluster);

enum sts_status sts_cluster_read(struct sts_cluster *cluster, struct sts_reply *out);
enum sts_status sts_cluster_await(struct sts_cluster *cluster, int wake_fd, int64_t until_ms, struct sts_reply *out);

/* Commands without a key go to the chosen node, 0 at first. */
size_t sts_cluster_nodes(const struct sts_cluster *cluster);
void sts_cluster_choose(struct sts_cluster *cluster, size_t node);

const char *sts_cluster_why(const struct sts_cluster *cluster);

#endif
