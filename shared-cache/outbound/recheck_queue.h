/* SPDX-License-Identifier: ISC */
/*
 * recheck_queue.h - a queue of domains whose policy has been served to Postfix and whose policy id is to be checked again.
 *
 * When an owner changes a policy, mail must not wait for long: Postfix defers mail that does not fit the old policy, and its
 * next attempt must find the new one. So every domain that is served is put here, and comes out once per interval, for as long
 * as Postfix may retry a delivery (maximal_backoff_time).
 * Time is passed in: seconds of a clock that never goes back. Bounded. One thread.
 */
#ifndef STS_OUTBOUND_RECHECK_QUEUE_H
#define STS_OUTBOUND_RECHECK_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/names/domain.h"

struct sts_recheck_queue;

/* max: number of domains; more are not taken, and have to do with the ordinary recheck_interval. */
enum sts_status sts_recheck_queue_new(size_t max, struct sts_recheck_queue **out);
void sts_recheck_queue_free(struct sts_recheck_queue **queue);

/* For how long after a domain was last served: Postfix's maximal_backoff_time of 4000 s, and a margin. */
enum { STS_RECHECK_WINDOW_S = 4500 };

/* The policy of domain was served. Its id is due for a check at `due`; if the domain is in the queue already, it keeps its time. */
void sts_recheck_queue_add(struct sts_recheck_queue *queue, const char *domain, int64_t due, int64_t now);

/* Takes a domain that is due; within the window it is due again after interval_s. False when there is none. */
bool sts_recheck_queue_take(struct sts_recheck_queue *queue, int64_t now, int64_t interval_s, char domain[STS_DOMAIN_CAP]);

size_t sts_recheck_queue_count(const struct sts_recheck_queue *queue);

#endif
