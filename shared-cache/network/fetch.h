/* SPDX-License-Identifier: ISC */
/*
 * fetch.h - the steps of one policy fetch: addresses of the policy host, which of them are fit, HTTPS, a second try.
 *
 * Same rule as net.h: the callback comes later, exactly once, also for errors. Knows neither c-ares nor curl, and
 * nothing of what the policy says. Belongs to one thread.
 */
#ifndef STS_NETWORK_FETCH_H
#define STS_NETWORK_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/network/dns.h"
#include "shared-cache/network/https.h"
#include "shared-cache/policy/net.h"

/* Where fetches go, and for how long. Must outlive them. */
struct sts_fetch_means {
	struct sts_dns *dns;
	struct sts_https *https;
	int64_t timeout_ms;		/* longest for one fetch: addresses, connect, TLS, transfer */
	bool allow_special;
};

/* Of mta-sts.DOMAIN, no later than deadline_ms. STS_ENOMEM: not started, no callback will come. */
enum sts_status sts_fetch_start(const struct sts_fetch_means *means, const char *domain, int64_t deadline_ms, sts_fetch_fn *fn,
    void *arg);

#endif
