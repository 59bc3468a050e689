/* SPDX-License-Identifier: ISC */
/*
 * subscription.h - receives the domains whose policies were changed or purged by any node, and catches up after an outage. Also
 * receives commands that stsctl sends to all nodes.
 *
 * A thread with a connection that is subscribed to the channels, and a breaker. Publish/subscribe does not store messages, so
 * published domains are also in a sorted set, for STS_SUBSCRIPTION_KEEP_MS. Once subscribed, when nothing more can be missed, the
 * thread reads over a second connection what the set has for the time since it was last sure of having received everything. If
 * that is longer than the set covers, or the set has been cut, everything may have changed.
 * Regular pings detect a dead connection.
 * That Redis is unreachable or back is logged by the other handles of the store, not by this one.
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

/* Called on the thread of the subscription. */
struct sts_subscription_events {
	void (*invalid)(void *arg, const char *domain);
	void (*all_invalid)(void *arg);		/* it is not known what was missed */
	/* A command (sts_query_tell); hostile. A missed one is not repeated. */
	void (*told)(void *arg, const char *word, size_t len);
	void *arg;
};

/* Creates it, without thread or connection. */
enum sts_status sts_subscription_new(const struct sts_store_params *params, const struct sts_subscription_events *events,
    struct sts_subscription **out);
enum sts_status sts_subscription_start(struct sts_subscription *subscription);
/* Ends the thread, which takes at most one timeout of the store; afterwards there are no more events. Frees; *subscription may be NULL. */
void sts_subscription_stop(struct sts_subscription **subscription);

#endif
