/* SPDX-License-Identifier: ISC */
/*
 * subscription.h - hears which domains' policies changed or were purged, from whichever node; and catches up. Hears what
 * stsctl tells all nodes, too.
 *
 * A thread with a connection that is subscribed to the channel, and a breaker. Publish/subscribe forgets whom it could not
 * reach, so what is published stands in a sorted set, too, for STS_SUBSCRIPTION_KEEP_MS. Once subscribed, and so from a point
 * on after which nothing is missed, the thread reads over a second connection what the set holds since it last was sure of
 * having heard everything. If that is longer ago than the set remembers, or the set has been cut: everything may have changed.
 * A ping now and then finds out that a connection is dead.
 * The log speaks of Redis away and back by the store's other handles, not by this one.
 */
#ifndef STS_STORE_SUBSCRIPTION_H
#define STS_STORE_SUBSCRIPTION_H

#include "shared-cache/base/status.h"
#include "shared-cache/store/store.h"

enum {
	STS_SUBSCRIPTION_KEEP_MS = 86400 * 1000,
	STS_SUBSCRIPTION_KEEP_MAX = 10000,	/* domains */
};

struct sts_subscription;

/* Called on the subscription's thread. */
struct sts_subscription_events {
	void (*invalid)(void *arg, const char *domain);
	void (*all_invalid)(void *arg);		/* nobody can say what was missed */
	/* sts_query_tell; hostile. What is missed is not caught up with. */
	void (*told)(void *arg, const char *word, size_t len);
	void *arg;
};

/* Creates; no thread, no connection yet. */
enum sts_status sts_subscription_new(const struct sts_store_params *params, const struct sts_subscription_events *events,
    struct sts_subscription **out);
enum sts_status sts_subscription_start(struct sts_subscription *subscription);
/* Ends the thread, which takes one timeout of the store at most; no event comes after. Frees; *subscription may be NULL. */
void sts_subscription_stop(struct sts_subscription **subscription);

#endif
