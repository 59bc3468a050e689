/* SPDX-License-Identifier: ISC */
/*
 * tlsrpt_collector.h - takes in what Postfix 3.10 and later say of the TLS of mail that they sent (libtlsrpt's datagrams), and has it
 * written to Redis.
 *
 * Datagrams are read on the server's thread, a bounded number a turn; whatever is wrong with one, it is counted and
 * dropped. Redis is a thread's of its own. While it is away sums pile up, bounded; each is then written exactly once.
 */
#ifndef MILTER_SOCKETMAP_TLSRPT_COLLECTOR_H
#define MILTER_SOCKETMAP_TLSRPT_COLLECTOR_H

#include "milter/service/service.h"
#include "shared-cache/base/status.h"
#include "shared-cache/settings/conf.h"

struct collector;

/* STS_OK with *out NULL when tlsrpt_listen is empty. */
enum sts_status tlsrpt_collector_new(struct service *service, const struct sts_conf *conf, struct collector **out);
/* As socketmap_listen. */
int tlsrpt_collector_listen(struct collector *collector, const struct sts_conf *conf);
enum sts_status tlsrpt_collector_start(struct collector *collector);
/* The socket, to be waited for, or -1. */
int tlsrpt_collector_fd(const struct collector *collector);
/* Reads what has come, up to a bound. On one thread. */
void tlsrpt_collector_read(struct collector *collector);
/* Writes what is there, for at most a few seconds; removes the socket; frees. *collector may be NULL, here and above. */
void tlsrpt_collector_stop(struct collector **collector);

#endif
