/* SPDX-License-Identifier: ISC */
/*
 * tlsrpt_collector.h - receives the datagrams (libtlsrpt) by which Postfix 3.10 and later reports the TLS of each delivery, and
 * writes their sums to Redis.
 *
 * Datagrams are read on the server's thread, a bounded number a turn; a bad one is counted and dropped. A thread of its own writes
 * to Redis. During an outage sums accumulate, bounded; each is then written exactly once.
 */
#ifndef MILTER_SOCKETMAP_TLSRPT_COLLECTOR_H
#define MILTER_SOCKETMAP_TLSRPT_COLLECTOR_H

#include "milter/service/service.h"
#include "shared-cache/base/status.h"
#include "shared-cache/settings/conf.h"

struct collector;

/* STS_OK with *out NULL if tlsrpt_listen is empty. */
enum sts_status tlsrpt_collector_new(struct service *service, const struct sts_conf *conf, struct collector **out);
/* Like socketmap_listen. */
int tlsrpt_collector_listen(struct collector *collector, const struct sts_conf *conf);
enum sts_status tlsrpt_collector_start(struct collector *collector);
/* The socket to wait for, or -1. */
int tlsrpt_collector_fd(const struct collector *collector);
/* Reads a bounded number of the datagrams that have come. On one thread. */
void tlsrpt_collector_read(struct collector *collector);
/* Writes the remaining sums, for at most a few seconds; removes the socket; frees. *collector may be NULL, here and above. */
void tlsrpt_collector_stop(struct collector **collector);

#endif
