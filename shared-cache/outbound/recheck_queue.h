/* SPDX-License-Identifier: ISC */
/*
 * recheck_queue.h - which domains whose policy was served must have its id looked at again, and when.
 *
 * An owner who changes a policy must not be found out by mail that waits: Postfix defers what does not fit the old policy, and its
 * next try must find the new one. So a domain that is served is put here, and comes out once in an interval, for as long as
 * Postfix may try again what it could not deliver (maximal_backoff_time).
 * Time is passed in: seconds of a clock that does not go back. Bounded. Belongs to one thread.
 */
#ifndef STS_OUTBOUND_RECHECK_QUEUE_H
#define STS_OUTBOUND_RECHECK_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/names/domain.h"

struct sts_recheck_queue;

/* max: domains at a time; more are not taken, and then the ordinary recheck_interval is what they have. */
enum sts_status sts_recheck_queue_new(size_t max, struct sts_recheck_queue **out);
void sts_recheck_queue_free(struct sts_recheck_queue **recheck);

/* How long after a domain was served last: Postfix' maximal_backoff_time of 4000 s, and some. */
enum { STS_RECHECK_WINDOW_S = 4500 };

/* A policy of domain was served; its id is to be looked at at due, if the domain is not here already. */
void sts_recheck_queue_add(struct sts_recheck_queue *recheck, const char *domain, int64_t due, int64_t now);

/* A domain whose time has come; within the window it comes again interval_s later. False when there is none. */
bool sts_recheck_queue_take(struct sts_recheck_queue *recheck, int64_t now, int64_t interval_s, char domain[STS_DOMAIN_CAP]);

size_t sts_recheck_queue_count(const struct sts_recheck_queue *recheck);

#endif
