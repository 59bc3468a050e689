/* SPDX-License-Identifier: ISC */
/*
 * cluster.h - what redis.c does with commands when it stands before a Redis Cluster: each goes to the node that has its key.
 *
 * Commands are kept until their answers have been read, so that one that the slot's old node turns away (MOVED, ASK) can be
 * given to the new one: it has not been carried out, and so is carried out once. Answers come out in the order of the commands,
 * whichever nodes they were for. A node that fails ends the exchange; the next one asks for a new map first. So it does after a node has
 * said that the cluster is down, and then asks that node last: it may be the only one that is cut off.
 * A command whose keys are in different slots is the caller's mistake, and Redis says so. For redis.c alone; one thread at a time.
 */
#ifndef STS_REDIS_CLUSTER_H
#define STS_REDIS_CLUSTER_H

#include "shared-cache/redis/redis.h"

struct sts_cluster;

enum sts_status sts_cluster_new(const struct sts_redis_params *params, struct sts_cluster **out);
void sts_cluster_free(struct sts_cluster **cluster);

/* Begins an exchange that ends at deadline_ms: without a map, asks for one. */
enum sts_status sts_cluster_begin(struct sts_cluster *cluster, int64_t deadline_ms);
/* Forgets commands and answers of the exchange, and all connections. */
void sts_cluster_drop(struct sts_cluster *cluster);
bool sts_cluster_is_open(const struct sts_cluster *cluster);

void sts_cluster_command(struct sts_cluster *cluster, size_t argc);
void sts_cluster_word(struct sts_cluster *cluster, const char *word, size_t len);
size_t sts_cluster_queued(const struct sts_cluster *cluster);

enum sts_status sts_cluster_read(struct sts_cluster *cluster, struct sts_reply *out);
enum sts_status sts_cluster_await(struct sts_cluster *cluster, int wake_fd, int64_t until_ms, struct sts_reply *out);

/* Commands without a key go to this one of the nodes; 0 until told otherwise. */
size_t sts_cluster_nodes(const struct sts_cluster *cluster);
void sts_cluster_choose(struct sts_cluster *cluster, size_t node);

const char *sts_cluster_why(const struct sts_cluster *cluster);

#endif
